"""Many cases at once in a real browser: with a mouse and Shift, with a thumb, by keyboard, and without scripts."""

import asyncio

from playwright.async_api import expect

from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street


async def test_a_range_is_tagged_and_the_toast_undoes_it(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto("/inbox?view=all")
        cards = page.locator(".card")
        await cards.nth(0).hover()
        await cards.nth(0).locator(".pick").click()
        await cards.nth(2).locator(".pick").click(modifiers=["Shift"])
        await expect(page.locator("#chosen-count")).to_have_text("3 chosen")
        await page.click("#bulk summary:has-text('Tag')")
        assert await screen.axe() == []
        await page.fill("#bulk [name=tag]", "tour")
        await page.click("#bulk button[value=tag]")
        await expect(page.locator("#toast")).to_contain_text("Tagged: 3")
        await expect(page.locator(".chip-tag")).to_have_count(3)
        await expect(page.locator("#bulk")).to_be_hidden()
        assert await screen.axe() == []
        await page.keyboard.press("Tab")
        await expect(page.locator("#toast button[type=submit]")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#toast")).to_contain_text("Undone: 3")
        await expect(page.locator(".chip-tag")).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(page.locator("#toast .toast-card")).to_have_count(0)


async def test_a_long_press_chooses_on_a_phone(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE, has_touch=True) as screen:
        page = screen.page
        await screen.goto("/inbox?view=all")
        box = await page.locator(".card").nth(1).bounding_box()
        assert box is not None
        client = await page.context.new_cdp_session(page)
        spot = [{"x": box["x"] + 200, "y": box["y"] + 40}]
        await client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": spot})
        await asyncio.sleep(0.7)
        await client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await expect(page.locator("#chosen-count")).to_have_text("1 chosen")
        assert page.url.endswith("/inbox?view=all")
        await page.locator(".card").nth(3).locator(".pick").click()
        await page.click("#bulk summary:has-text('Close')")
        await page.click("#bulk .menu-panel >> text=referred")
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
        await page.click("text=Close the cases")
        await expect(page.locator("#toast")).to_contain_text("Closed: 2")
        await expect(page.locator(".tab[aria-current] .count")).to_have_text("5")


async def test_choosing_works_without_scripts(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE, java_script_enabled=False) as screen:
        page = screen.page
        await screen.goto("/inbox?view=all")
        await page.click(".selecting")
        await page.locator(".card").nth(0).locator(".pick").click()
        await page.click("#bulk summary:has-text('Snooze')")
        await page.click("#bulk button[value=snooze]")
        await expect(page.locator("#toast")).to_contain_text("Snoozed: 1")
        await page.click("#toast >> text=Undo")
        await expect(page.locator("#toast")).to_contain_text("Undone: 1")
