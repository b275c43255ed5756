"""Two people at once: what one does the other sees, and nobody's words or place are lost."""

from playwright.async_api import Page, expect

from app.feed import publish
from app.hub import Hub
from app.intake import take_in
from channels.base import Inbound, Parsed
from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street


async def person_writes(hub: Hub, text: str, address: str = "100200301") -> None:
    """Through the same intake as a webhook."""
    channel = hub.registry.by_name("weissenfels-bot")
    assert channel is not None
    item = Inbound(external_id=f"live:{text}", address=address, kind="text", text=text)
    assert await take_in(hub, channel, Parsed((item,))) == 1


async def scroll_top(page: Page) -> float:
    return float(await page.evaluate("document.getElementById('scroller').scrollTop"))


async def test_a_new_message_appears_and_the_draft_stays(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto(f"/inbox/{street.urgent.id}")
        await screen.page.fill("#reply-text", "Half a sentence")
        await screen.page.focus("#reply-text")
        await person_writes(hub, "Mai sunteți acolo?")
        await expect(screen.page.locator("#thread")).to_contain_text("Mai sunteți acolo?")
        await expect(screen.page.locator(f"#card-{street.urgent.id}")).to_contain_text("Mai sunteți acolo?")
        await expect(screen.page.locator("#reply-text")).to_have_value("Half a sentence")
        await expect(screen.page.locator("#reply-text")).to_be_focused()
        await expect(screen.page.locator("#news")).to_contain_text("New message")
        await screen.page.keyboard.press("Control+Enter")  # read and on screen, so it may be sent
        await expect(screen.page.locator("#thread")).to_contain_text("Half a sentence")
        await expect(screen.page.locator("#reply-text")).to_have_value("")


async def test_a_colleague_takes_the_case_before_my_eyes(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as ana, windows.open("boris@example.org", PHONE) as boris:
        for screen in (ana, boris):
            await screen.goto(f"/inbox/{street.urgent.id}")
        await ana.page.fill("#reply-text", "kept")
        await boris.page.click("text=Take")
        await expect(ana.page.locator("#thread")).to_contain_text("Taken: Boris Lange")
        await expect(ana.page.locator(".case-facts")).to_contain_text("Boris Lange")
        await expect(ana.page.locator("#reply-text")).to_have_value("kept")


async def test_who_reads_further_up_is_not_scrolled_away(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        await screen.goto(f"/inbox/{street.wages.id}")
        page = screen.page
        assert await scroll_top(page) == 0  # starts with the newest
        first = page.locator("text=dobar den, shefat")
        await first.scroll_into_view_if_needed()
        before = await first.bounding_box()
        await person_writes(hub, "нещо ново", "100200300")
        await expect(page.locator("#jump")).to_be_visible()
        after = await first.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(after["y"] - before["y"]) < 2
        await page.click("#jump")
        await expect(page.locator("text=нещо ново").last).to_be_in_viewport()
        await expect(page.locator("#jump")).to_be_hidden()


async def test_what_was_not_seen_holds_the_reply_back(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE, expected=("409",)) as screen:
        await screen.goto(f"/inbox/{street.wages.id}")
        page = screen.page
        await page.locator("text=dobar den, shefat").scroll_into_view_if_needed()
        await page.fill("#reply-text", "My careful draft")
        await page.locator("text=dobar den, shefat").scroll_into_view_if_needed()
        await person_writes(hub, "стоп, промених си мнението", "100200300")
        await expect(page.locator("#jump")).to_be_visible()
        await page.click(".send")
        problem = page.locator("#composer-problem")
        await expect(problem).to_contain_text("The conversation went on while you wrote.")
        await expect(problem).to_contain_text("промених си мнението")
        await expect(page.locator("#reply-text")).to_have_value("My careful draft")
        await page.click(".send")
        await expect(page.locator("#thread")).to_contain_text("My careful draft")


async def test_opened_details_and_notes_survive_news(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto(f"/inbox/{street.wages.id}")
        page = screen.page
        await page.click(".edits summary")
        await page.click(".note-form summary")
        await page.fill("#note-text", "for the team")
        await person_writes(hub, "още нещо", "100200300")
        await expect(page.locator("#thread")).to_contain_text("още нещо")
        await expect(page.locator(".edits li")).to_be_visible()
        await page.click("text=Save note")
        await expect(page.locator("#thread .note").last).to_contain_text("for the team")


async def test_the_list_hears_of_cases_that_are_not_open(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto("/inbox?view=all")
        await expect(screen.page.locator(".tab[aria-current] .count")).to_have_text("7")
        async with hub.db.transaction() as session:
            case = await session.get_one(type(street.urgent), street.urgent.id)
            case.status = "closed"
            await publish(session, "case", case.id)
        await expect(screen.page.locator(".tab[aria-current] .count")).to_have_text("6")


async def test_works_without_scripts(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE, java_script_enabled=False) as screen:
        page = screen.page
        await screen.goto("/inbox?view=unassigned")
        await page.click("text=Ruhige Amsel 17")
        await page.click("text=Take")
        await page.fill("#reply-text", "Sunt aici.")
        await page.click(".send")
        await expect(page.locator("#thread")).to_contain_text("Sunt aici.")
        await expect(page.locator("text=Sunt aici.").last).to_be_in_viewport()
        await page.click(".case-more-open")
        await page.click("#menu-close summary")
        await page.click("#menu-close >> text=solved")
        await page.click("#menu-close button[type=submit]")
        await expect(page.locator("#composer")).to_contain_text("This case is closed.")
