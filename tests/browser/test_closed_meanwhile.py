"""A colleague closes the case that I write in: no word is lost, and the composer is back as soon as it may be."""

from playwright.async_api import expect

from app.cases import close, take
from app.hub import Hub
from app.opening import open_again
from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street


async def test_what_i_wrote_is_kept_until_the_case_is_open_again(hub: Hub, windows: Windows, street: Street) -> None:
    case_id = street.two_ways.id
    async with windows.open("ana@example.org", PHONE, expected=("409",)) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{case_id}")
        async with hub.db.transaction() as session:
            await close(hub, session, street.boris, case_id)
        await page.fill("#reply-text", "My careful words")
        await page.click(".send")
        await expect(page.locator(".composer-off")).to_be_visible()
        await expect(page.locator(".composer-kept .words")).to_have_text("My careful words")
        assert await screen.axe() == []
        async with hub.db.transaction() as session:
            await open_again(hub, session, street.boris, case_id)
        await expect(page.locator("#reply-text")).to_have_value("My careful words")


async def test_a_case_about_nothing_yet_has_all_its_actions(hub: Hub, windows: Windows, street: Street) -> None:
    """Nothing marks it and somebody has it, so its line above the thread is empty on a phone."""
    case_id = street.two_ways.id
    async with hub.db.transaction() as session:
        case = await take(hub, session, street.ana, case_id)
        case.needs = []
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            await screen.goto(f"/inbox/{case_id}")
            if size == PHONE:
                await screen.page.click(".case-more-open")
            for words in ("Snooze", "Hand over", "Close"):
                await expect(screen.page.locator(".case-more summary", has_text=words)).to_be_visible()
