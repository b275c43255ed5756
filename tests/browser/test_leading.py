"""A flow chosen in the picker, looked at and started with the person, by keyboard on a desk and by thumb on a phone."""

from playwright.async_api import expect

from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street


async def test_a_flow_is_started_by_keyboard_and_stopped(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.focus("#reply-text")
        await page.keyboard.type("/")
        await page.keyboard.type("dismissed")
        await expect(page.locator("#picker-list [role=option]").first).to_have_attribute("data-flow", "dismissal")
        await page.keyboard.press("Enter")
        await expect(page.locator("#flow-title")).to_be_focused()
        await expect(page.locator(".flow-said")).to_contain_text("Как Ви уволниха?")
        await expect(page.locator(".flow-said")).to_contain_text("Wie wurde Ihnen gekündigt?")
        assert await screen.axe() == []
        await page.click("text=Start with the person")
        await expect(page.locator("#thread")).to_contain_text("Flow with the bot started")
        await expect(page.locator(".led")).to_contain_text("The bot is leading the person")
        await expect(page.locator(".flow-start")).to_have_count(0)
        await expect(page.locator("#reply-text")).to_be_focused()
        assert await screen.axe() == []
        await page.click("text=Stop the bot")
        await expect(page.locator(".led")).to_have_count(0)
        await expect(page.locator("#thread")).to_contain_text("Flow ended, the team writes")


async def test_on_a_phone_a_flow_is_looked_at_and_left(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.click("#picker-open")
        await page.locator("[data-flow=wage]").click()
        await expect(page.locator(".flow-start")).to_be_visible()
        assert await screen.overflow() <= 0
        assert await screen.axe() == []
        await page.click("#flow-off")
        await expect(page.locator(".flow-start")).to_have_count(0)
        await expect(page.locator("#reply-text")).to_be_visible()
