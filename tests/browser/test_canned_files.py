"""A canned reply with files, from its page to the person: added, inserted with '/', one taken away, the other sent."""

import sqlalchemy as sa
from playwright.async_api import FilePayload, expect

from app.hub import Hub
from app.models import Media, Message
from tests.browser.conftest import PHONE, Windows
from tests.web.cast import PIXEL
from tests.web.street import Street

FILES = [
    FilePayload(name="Antrag.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 a form"),
    FilePayload(name="Plan.png", mimeType="image/png", buffer=PIXEL),
]


async def test_files_come_with_the_text_and_go_with_the_reply(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto("/admin/replies/termin")
        await page.set_input_files("[name=files_all]", FILES)
        assert await screen.axe() == []
        await page.get_by_role("button", name="Save").click()
        await page.wait_for_url("**/admin/replies?done=saved")
        await screen.goto("/admin/replies/termin")
        await expect(page.get_by_role("checkbox", name="antrag.pdf")).to_be_checked()
        assert await screen.overflow() <= 0
        await screen.goto("/admin/reply-files")
        assert await screen.axe() == []
        assert await screen.overflow() <= 0

        await screen.goto(f"/inbox/{street.wages.id}")
        for _ in range(2):  # the same files come once
            await page.click("#picker-open")
            await page.fill("#picker-search", "termin")
            await page.locator("#option-canned-1", has_text="/termin").click()
        chips = page.locator("#ready-files li")
        await expect(chips).to_have_count(2)
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
        await chips.filter(has_text="plan.png").get_by_role("button").click()
        await expect(page.locator("#reply-text")).to_be_focused()
        await page.fill("#reply-text", "Ето формуляра.")
        await page.locator("#reply .send").click()
        await expect(chips).to_have_count(0)
        await expect(page.get_by_role("link", name="antrag.pdf")).to_be_visible()
    async with hub.db.transaction() as session:
        query = sa.select(Media.name).join(Message).where(Message.direction == "out", Media.name.is_not(None))
        assert list(await session.scalars(query)) == ["antrag.pdf"]
