"""The editor's first page and its search as coordinators use them: typing, going there and coming back, keys only."""

import sqlalchemy as sa
from playwright.async_api import expect

from app.hub import Hub
from app.models import Gap, Message
from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street


async def test_results_come_as_one_types_and_are_there_again_on_the_way_back(windows: Windows, street: Street) -> None:
    for size in (PHONE, DESK):
        async with windows.open("boris@example.org", size) as screen:
            page = screen.page
            await screen.goto("/editor")
            await page.fill("main [name=words]", "zaplata")
            await page.keyboard.press("Enter")
            await expect(page.locator("#kind-entry")).to_be_visible(timeout=20_000)
            assert page.url.endswith("/editor/search")
            await page.fill("#words", "")
            await page.locator("#words").press_sequentially("minimalna zapl", delay=20)
            await expect(page.locator("#kind-term")).to_be_visible(timeout=20_000)
            await expect(page.locator("#words")).to_be_focused()
            assert await screen.axe() == []
            assert await screen.overflow() <= 0
            await page.locator(".found-group", has=page.locator("#kind-term")).locator("a").first.click()
            await page.wait_for_url("**/mediation/glossary")
            await page.go_back()
            await expect(page.locator("#kind-term")).to_be_visible(timeout=20_000)
            assert await page.input_value("#words") == "minimalna zapl"


async def test_the_overview_fetches_what_takes_longer(hub: Hub, windows: Windows, street: Street) -> None:
    async with hub.db.transaction() as session:
        asked = await session.scalar(
            sa.select(Message.id).where(Message.direction == "in", Message.kind == "text").limit(1)
        )
        session.add(Gap(message_id=asked, language="bg", guess="work.wage_unpaid"))
    async with windows.open("boris@example.org", PHONE) as screen:
        await screen.goto("/editor")
        await expect(screen.page.locator(".attention-asked")).to_be_visible(timeout=20_000)
        assert await screen.axe() == []
        assert await screen.overflow() <= 0


async def test_the_palette_finds_texts(windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org") as screen:
        page = screen.page
        await screen.goto("/inbox")
        await page.keyboard.press("Control+KeyK")
        await page.fill("#palette-input", "amsel")
        await expect(page.locator("#palette-found [role=option]")).to_have_count(1)
        await page.fill("#palette-input", "search all")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/editor/search")
        await page.keyboard.press("Control+KeyK")
        await page.fill("#palette-input", "glossar")
        await page.fill("#palette-input", "мінімальн")
        await expect(page.locator("#palette-found [role=option]").first).to_be_visible()
        assert await screen.axe() == []
