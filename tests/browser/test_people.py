"""Account, teams, log: nothing serious for axe, nothing too wide; Enter sends for who chose so."""

import pytest

from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street

PAGES = (
    "/account",
    "/account/two-factor",
    "/admin/teams",
    "/admin/tokens",
    "/admin/audit",
    "/admin",
    "/admin/roster",
    "/admin/places",
    "/admin/places/weissenfels",
    "/admin/channels",
    "/admin/settings",
)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_pages_about_people(windows: Windows, street: Street, size: tuple[int, int], colours: str) -> None:
    async with windows.open("chris@example.org", size, color_scheme=colours) as screen:
        for path in (*PAGES, f"/inbox/{street.urgent.id}/share"):
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path


async def test_enter_sends_for_who_chose_so(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto("/account")
        await screen.page.check("[name=enter][value=sends]")
        await screen.page.click("form[action='/account/me'] button")
        await screen.page.wait_for_url("**/account?done=saved")
        await screen.goto(f"/inbox/{street.urgent.id}")
        await screen.page.fill("#reply-text", "Sunt aici.")
        await screen.page.press("#reply-text", "Shift+Enter")
        await screen.page.keyboard.type("Ana")
        await screen.page.press("#reply-text", "Enter")
        await screen.page.wait_for_selector(".by-staff:has-text('Sunt aici.')")
        assert await screen.page.input_value("#reply-text") == ""
