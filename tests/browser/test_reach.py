"""Account, staff and the page behind a link: nothing serious for axe, nothing too wide; notifications tell how it stands."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_pages(windows: Windows, street: Street, size: tuple[int, int], colours: str) -> None:
    async with windows.open("chris@example.org", size, color_scheme=colours) as screen:
        for path in ("/account", "/admin/staff", f"/admin/staff/{street.ana.id}"):
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path
        await screen.page.click("button[formaction$='/link']")
        link = await screen.page.inner_text("#link")
        await screen.page.goto(link)
        assert await screen.axe() == []
        assert await screen.overflow() <= 0


async def test_notifications_say_how_it_stands(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", permissions=["notifications"]) as screen:
        await screen.goto("/account")
        await expect(screen.page.locator("#push-on")).to_be_visible()
        await expect(screen.page.locator("[data-when=unsupported]")).to_be_hidden()
        scope = await screen.page.evaluate("navigator.serviceWorker.register('/sw.js').then((each) => each.scope)")
        assert scope.endswith("/")
        assert await screen.page.evaluate(
            "fetch('/manifest.webmanifest').then((each) => each.json()).then((m) => m.name)"
        )
