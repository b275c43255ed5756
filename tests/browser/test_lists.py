"""The list under the pointer: news wait for the reader, and colleagues see each other."""

from playwright.async_api import expect

from app.hub import Hub
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.test_live import person_writes
from tests.web.street import Street


async def test_rows_stay_under_the_pointer_until_the_reader_asks(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        await screen.goto("/inbox?view=all&sort=activity")
        page = screen.page
        first = page.locator(".card").first
        before = await first.inner_text()
        await page.locator(".card").nth(2).hover()
        await person_writes(hub, "нещо ново", "100200300")
        await expect(page.locator("#list-news")).to_have_text("1 change")
        assert await first.inner_text() == before
        await page.click("#list-news")
        await expect(first).to_contain_text("нещо ново")
        await expect(page.locator("#list-news")).to_be_hidden()


async def test_colleagues_see_who_has_the_case_open(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as ana, windows.open("boris@example.org", PHONE) as boris:
        await ana.goto(f"/inbox/{street.urgent.id}")
        await boris.goto(f"/inbox/{street.urgent.id}")
        await expect(ana.page.locator("#presence")).to_contain_text("Boris Lange is looking")
        await boris.page.locator("#reply-text").type("Sunt")
        await expect(ana.page.locator("#presence")).to_contain_text("Boris Lange is answering")


async def test_filters_fit_every_screen(windows: Windows, street: Street) -> None:
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            await screen.goto("/inbox?view=all&language=ro&sort=waiting")
            await screen.page.click("#filters summary")
            assert await screen.axe() == []
            assert await screen.overflow() <= 0
