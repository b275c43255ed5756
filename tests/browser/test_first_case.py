"""A first case on a phone, by somebody who was never shown how: sign in, find who is in danger, answer."""

from playwright.async_api import Page, expect

from app.cases import take
from app.hub import Hub
from tests.browser.conftest import PHONE, Windows
from tests.web.cast import PASSWORD
from tests.web.street import Street

MOST_TAPS = 6


class Thumb:
    """Counts what it taps. Words are typed into what has the focus, as a phone's keyboard does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    async def tap(self, selector: str) -> None:
        self.taps += 1
        await self.page.tap(selector)

    async def type(self, words: str) -> None:
        await self.page.keyboard.insert_text(words)


async def test_six_taps_from_the_door_to_the_answer(windows: Windows, street: Street) -> None:
    """Ana has cases of her own, so hers is the list that opens; the urgent one that nobody has is said above it."""
    async with windows.open(size=PHONE, has_touch=True, is_mobile=True) as screen:
        page, thumb = screen.page, Thumb(screen.page)
        await screen.goto("/inbox")
        await expect(page.locator("[name=email]")).to_be_focused()
        await thumb.type("ana@example.org")
        await thumb.tap("[name=password]")
        await thumb.type(PASSWORD)
        await thumb.tap("button[type=submit]")
        await expect(page.locator(".urgent-first")).to_contain_text("1")
        assert await screen.axe() == []
        await thumb.tap(".urgent-first")
        await expect(page.locator(".card").first).to_contain_text("Urgent: violence")
        await thumb.tap(".card >> nth=0")
        await expect(page.locator(".case-head")).to_contain_text("Urgent")
        await thumb.tap("#reply-text")
        await thumb.type("Sunt aici. Puteți vorbi acum?")
        await thumb.tap(".send")
        await expect(page.locator("#thread")).to_contain_text("Sunt aici. Puteți vorbi acum?")
        await expect(page.locator(".case-facts")).to_contain_text("Ana Petrova")  # who answers has the case
        assert thumb.taps <= MOST_TAPS


async def test_what_is_urgent_is_said_on_other_lists_only(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        note = screen.page.locator(".urgent-first")
        for view, said in (("mine", 1), ("closed", 1), ("all", 0), ("unassigned", 0)):
            await screen.goto(f"/inbox?view={view}")
            await expect(note).to_have_count(said)
        await screen.goto("/inbox?view=mine")
        async with hub.db.transaction() as session:
            await take(hub, session, street.ana, street.urgent.id)
        await expect(note).to_have_count(0)  # live
