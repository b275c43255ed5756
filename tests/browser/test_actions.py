"""Menus, drafts and replies for later in a real browser, on a desk and on a phone."""

from datetime import timedelta

from playwright.async_api import expect

from app.hub import Hub
from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street


async def test_a_half_written_reply_is_there_on_the_other_device(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as desk, windows.open("ana@example.org", PHONE) as phone:
        await desk.goto(f"/inbox/{street.urgent.id}")
        async with desk.page.expect_response("**/draft"):
            await desk.page.fill("#reply-text", "Half a sentence")
        await phone.goto(f"/inbox/{street.urgent.id}")
        await expect(phone.page.locator("#reply-text")).to_have_value("Half a sentence")
        await phone.page.click(".send")
        await expect(phone.page.locator("#thread")).to_contain_text("Half a sentence")
        await phone.page.reload()
        await expect(phone.page.locator("#reply-text")).to_have_value("")


async def test_menus_close_by_key_and_do_what_they_say(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.click(".case-more-open")
        await page.click("#menu-assign summary")
        await expect(page.locator("#menu-assign .menu-panel")).to_be_visible()
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
        await page.keyboard.press("Escape")
        await expect(page.locator("#menu-assign .menu-panel")).to_be_hidden()
        await expect(page.locator(".case-more-open")).to_be_focused()
        await page.click(".case-more-open")
        await page.click("#menu-snooze summary")
        await page.click("#menu-snooze >> text=in an hour")
        await page.click("#menu-snooze button[type=submit]")
        await expect(page.locator(".case-head")).to_contain_text("Snoozed until")
        await page.click(".case-more-open")
        await page.click("#menu-tag summary")
        await page.fill("#menu-tag [name=name]", "tour")
        await page.keyboard.press("Enter")
        await expect(page.locator(".case-marks form.chip")).to_contain_text("tour")
        await page.click(".case-more-open")
        await page.click("#menu-close summary")
        await page.click("#menu-close >> text=referred")
        await page.click("#menu-close button[type=submit]")
        await expect(page.locator("#composer")).to_contain_text("This case is closed.")


async def test_a_reply_for_later_waits_and_comes_back(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.fill("#reply-text", "Pe mâine!")
        await page.click("#later summary")
        await page.fill("[name=send_at]", f"{hub.now() + timedelta(days=1):%Y-%m-%dT09:00}")
        await page.click("text=Keep until then")
        await expect(page.locator(".later-waits")).to_contain_text("Pe mâine!")
        await expect(page.locator("#reply-text")).to_have_value("")
        await page.click("text=Do not send")
        await expect(page.locator("#reply-text")).to_have_value("Pe mâine!")
