"""The number in the title, and the sound: only for who wants it, touched the page, is on duty; only for people's words."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from app.hub import Hub
from app.models import User
from tests.browser.conftest import Screen, Windows
from tests.browser.test_live import person_writes
from tests.web.street import Street

COUNT = """window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };"""


async def wants_sound(hub: Hub, street: Street, **values: object) -> None:
    async with hub.db.transaction() as session:
        user = await session.get_one(User, street.ana.id)
        user.options = user.options | {"sound": True}
        for name, value in values.items():
            setattr(user, name, value)


async def open_list(screen: Screen) -> None:
    await screen.page.add_init_script(COUNT)
    await screen.goto("/inbox?view=all")
    await expect(screen.page).to_have_title("(6) Inbox · Streetwork Hub")


async def heard(hub: Hub, screen: Screen, text: str) -> int:
    """How many tones there were once the page has asked about these words."""
    async with screen.page.expect_response("**/inbox/waiting"):
        await person_writes(hub, text)
    await expect(screen.page.locator("#cards")).to_contain_text(text)
    return int(await screen.page.evaluate("window.tones"))


async def test_a_tone_when_a_person_writes(hub: Hub, windows: Windows, street: Street) -> None:
    await wants_sound(hub, street)
    async with windows.open("ana@example.org") as screen:
        await open_list(screen)
        assert await heard(hub, screen, "Alo?") == 0, "nobody has touched the page yet"
        await screen.page.mouse.click(5, 5)
        await screen.page.wait_for_timeout(200)
        assert await heard(hub, screen, "Sunteți acolo?") == 1
        await screen.goto(f"/inbox/{street.urgent.id}")
        await screen.page.fill("#reply-text", "Da, sunt aici.")
        async with screen.page.expect_response("**/inbox/waiting"):
            await screen.page.click(".send")
        await expect(screen.page.locator("#thread")).to_contain_text("Da, sunt aici.")
        assert await screen.page.evaluate("window.tones") == 0, "one's own words make no sound"


@pytest.mark.parametrize("why", ["unwanted", "off duty"])
async def test_silence(hub: Hub, windows: Windows, street: Street, why: str) -> None:
    if why == "off duty":
        await wants_sound(hub, street, away_until=hub.now() + timedelta(hours=2))
    async with windows.open("ana@example.org") as screen:
        await open_list(screen)
        await screen.page.mouse.click(5, 5)
        await screen.page.wait_for_timeout(200)
        assert await heard(hub, screen, "Alo?") == 0


async def test_the_choice_is_on_the_account_page(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.page.add_init_script(COUNT)
        await screen.goto("/account")
        await screen.page.click("#try-sound")
        await screen.page.wait_for_function("window.tones === 1")
        await screen.page.check("[name=sound]")
        await screen.page.click("form[action='/account/desk'] button[type=submit]")
        await screen.page.wait_for_url("**/account?done=saved")
        await expect(screen.page.locator("body")).to_have_attribute("data-sound", "")
