"""Every page, on a phone and on a desk, light and dark: nothing serious for axe, nothing too wide, nothing blocked."""

import pytest

from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street

TOUCH = 44  # pixels; WCAG's target size for comfort


def pages(street: Street) -> list[str]:
    cases = [street.wages, street.urgent, street.two_ways, street.closed]
    return ["/inbox", "/inbox?view=closed", *(f"/inbox/{case.id}" for case in cases), "/account", "/admin"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_staff_pages(windows: Windows, street: Street, size: tuple[int, int], colours: str) -> None:
    async with windows.open("chris@example.org", size, color_scheme=colours) as screen:
        for path in pages(street):
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_public_pages(windows: Windows, size: tuple[int, int]) -> None:
    async with windows.open(size=size, expected=("404",)) as screen:
        for path in ("/sign-in", "/privacy?lang=bg", "/privacy?lang=uk", "/imprint?lang=ro", "/nothing-here"):
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path


async def test_buttons_are_large_enough_for_a_thumb(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        for path in ("/inbox", f"/inbox/{street.urgent.id}", "/account"):
            await screen.goto(path)
            for element in await screen.page.query_selector_all("button:visible, .tab:visible, .nav-link:visible"):
                box = await element.bounding_box()
                assert box is not None
                assert box["height"] >= TOUCH, (path, await element.inner_text())


async def test_everything_can_be_reached_by_keyboard(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto(f"/inbox/{street.urgent.id}")
        await screen.page.keyboard.press("Tab")
        assert await screen.page.evaluate("document.activeElement.className") == "skip-link"
        reached = set()
        for _ in range(60):
            await screen.page.keyboard.press("Tab")
            reached.add(
                await screen.page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()")
            )
        assert {"reply-text", "scroller", "files", "Take", "Close", "Send", "Internal note"} <= reached
