"""Reading a thread: where one stopped, what came since, and the way down; and how Enter works, by choice."""

from datetime import timedelta

from playwright.async_api import expect

from app.hub import Hub
from app.lists import mark_read
from app.models import Message
from tests.browser.conftest import PHONE, Windows
from tests.browser.test_live import person_writes
from tests.web.street import Street


async def test_opens_where_the_reader_stopped(hub: Hub, windows: Windows, street: Street) -> None:
    async with hub.db.transaction() as session:  # she had read up to the first message
        first = await session.get_one(Message, 1)
        await mark_read(session, street.ana, street.wages.id, first.created_at + timedelta(minutes=10))
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        line = page.locator("#new-since")
        await expect(line).to_be_in_viewport()
        await expect(line).to_have_text("New since you looked")
        await expect(page.locator("#jump")).to_have_text("To the newest")
        for words in ("едно", "две"):
            await person_writes(hub, words, "100200300")
            await expect(page.locator("#thread")).to_contain_text(words)
        await expect(page.locator("#jump")).to_have_text("2 new messages")
        await expect(line).to_be_in_viewport()  # news neither move the reader nor the line
        assert await screen.axe() == []
        async with page.expect_response("**/here"):
            await page.click("#jump")
        await expect(page.locator("text=две").last).to_be_in_viewport()
        await expect(page.locator("#jump")).to_be_hidden()
        await page.reload()
        await expect(page.locator("#new-since")).to_have_count(0)


async def test_enter_sends_for_who_chose_so(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await expect(page.locator(".send-hint")).to_contain_text("Ctrl + Enter sends")
        await page.fill("#reply-text", "one")
        await page.focus("#reply-text")
        await page.keyboard.press("Enter")
        await expect(page.locator("#reply-text")).to_have_value("one\n")
        await screen.goto("/account")
        await page.check("[name=enter][value=sends]")
        await page.click("#about-me + form button[type=submit]")
        await screen.goto(f"/inbox/{street.urgent.id}")
        await expect(page.locator(".send-hint")).to_contain_text("Shift + Enter begins a line")
        await page.fill("#reply-text", "two")
        await page.focus("#reply-text")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("lines")
        await page.keyboard.press("Enter")
        await expect(page.locator("#thread")).to_contain_text("two")
        await expect(page.locator("#reply-text")).to_have_value("")
