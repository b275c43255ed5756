"""The directory from a phone and by keyboard: ten services confirmed in a row, one taken back, a week of hours."""

import sqlalchemy as sa
from playwright.async_api import expect

from app.hub import Hub
from app.models import ContentVersion
from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street


async def confirmed(hub: Hub) -> int:
    query = sa.select(sa.func.count()).where(
        ContentVersion.kind == "service", ContentVersion.current, ContentVersion.data["checked_on"].astext.is_not(None)
    )
    async with hub.db.transaction() as session:
        return await session.scalar(query) or 0


async def test_ten_services_are_confirmed_in_a_row_from_a_phone(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto("/directory")
        assert await screen.overflow() <= 0
        assert await screen.axe() == []
        await page.get_by_role("link", name="Confirm one after the other").click()
        assert await screen.axe() == []
        for _ in range(10):
            name = await page.locator("#call").inner_text()
            await page.locator("#confirm-now").press("Enter")
            await expect(page.locator(".confirmed")).to_contain_text(name)
            assert await screen.overflow() <= 0
        assert await confirmed(hub) == 10
        await page.get_by_role("button", name="Undo").click()
        await expect(page.locator("#call")).to_have_text(name)
        assert await confirmed(hub) == 9


async def test_a_week_is_written_once_and_shown_as_the_bot_says_it(windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org", DESK) as screen:
        page = screen.page
        await screen.goto("/directory/elterntelefon")
        assert await screen.axe() == []
        await page.fill("[name=hours_mon]", "9-12, 14:00-17:00")
        await page.get_by_role("button", name="Monday's hours for Tuesday to Friday").click()
        await expect(page.locator("[name=hours_fri]")).to_have_value("9-12, 14:00-17:00")
        await page.get_by_label("Saturday").fill("10-12")
        await page.locator("[name=ask_first]").uncheck()
        await page.get_by_role("button", name="Save and publish").click()
        await expect(page.locator(".confirmed")).to_contain_text("Live")
        await expect(page.locator("[name=hours_thu]")).to_have_value("09:00–12:00, 14:00–17:00")
        await page.locator("#says [name=at]").fill("2027-03-03T10:00")
        await page.locator("#says").get_by_role("button", name="Show").click()
        await expect(page.locator("#says [lang=de]")).to_contain_text("12:00")
        assert await screen.axe() == []


async def test_pages_fit_a_phone(windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        for path in ("/directory/elterntelefon", "/directory/new", "/directory/table", "/directory?state=gaps"):
            await screen.goto(path)
            assert await screen.overflow() <= 0, path
