"""Example messages in a browser: trying a message changes only the part that answers; accessible on a phone and a desk."""

import pytest

from app.hub import Hub
from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street
from tests.web.test_examples import asked

TOPIC = "/editor/examples/everyday.driving_car"


@pytest.mark.parametrize("size", [PHONE, DESK])
async def test_a_message_is_tried_and_the_pages_are_accessible(
    hub: Hub, street: Street, windows: Windows, size: tuple[int, int]
) -> None:
    await asked(hub, street, "кой мие кучета в събота", "кой мие кучета в неделя", "пишете ми на 0176 5554443")
    async with windows.open("boris@example.org", size) as screen:
        page = screen.page
        await screen.goto(TOPIC)
        await page.get_by_label("A message, as people write it").fill("книжката ми е българска мога ли да карам")
        await page.get_by_role("button", name="Try it").click()
        await page.get_by_text("Most like these examples").wait_for()
        assert await page.get_by_label("A message, as people write it").input_value()  # the page itself stayed
        await page.locator("details.language summary").first.click()
        for path in (TOPIC, "/editor/examples", "/editor/gaps"):
            if path != TOPIC:
                await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path
