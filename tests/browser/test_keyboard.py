"""Shortcuts, their sheet and the command palette: reached by keys, also on other layouts, and never while typing."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street

ALT_GR = """field => field.dispatchEvent(new KeyboardEvent('keydown', {
    key: 'ă', code: 'KeyA', ctrlKey: true, altKey: true, modifierAltGraph: true, bubbles: true, cancelable: true}))"""
CYRILLIC = """() => document.body.dispatchEvent(new KeyboardEvent('keydown', {
    key: 'у', code: 'KeyE', altKey: true, bubbles: true, cancelable: true}))"""


async def ground(page: Page) -> str:
    return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def test_shortcuts_do_what_the_sheet_says(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}?view=all")
        await page.keyboard.press("Alt+KeyJ")
        await page.wait_for_url(re.compile(rf"/inbox/(?!{street.urgent.id}\b)\d+"))
        await page.keyboard.press("Alt+KeyK")
        await page.wait_for_url(f"**/inbox/{street.urgent.id}?**")
        await page.keyboard.press("Alt+KeyL")
        await expect(page.locator("#reply-text")).to_be_focused()
        await page.keyboard.type("Who? 1/2 j")
        await expect(page.locator("#reply-text")).to_have_value("Who? 1/2 j")
        assert await page.locator("#reply-text").evaluate(ALT_GR)  # AltGr writes, it attaches nothing
        await page.keyboard.press("Alt+KeyP")
        await expect(page.locator("#note-text")).to_be_focused()
        await page.keyboard.press("Alt+KeyM")
        await expect(page.locator("#menu-snooze [name=until]").first).to_be_focused()
        await page.keyboard.press("Escape")
        await page.evaluate(CYRILLIC)
        await expect(page.locator("#menu-close [name=outcome]").first).to_be_focused()
        await page.keyboard.press("Escape")
        async with page.expect_file_chooser():
            await page.keyboard.press("Control+Alt+KeyA")
        await page.locator("#scroller").focus()
        await page.keyboard.press("?")
        await expect(page.locator("#shortcuts")).to_be_visible()
        assert await screen.axe() == []
        await page.keyboard.press("Escape")
        await page.keyboard.press("Alt+KeyN")
        await page.wait_for_url("**/inbox?view=closed")


async def test_shortcuts_can_be_switched_off(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto("/account")
        await page.uncheck("[name=shortcuts]")
        await page.click("#desk + form button[type=submit]")
        await screen.goto(f"/inbox/{street.urgent.id}")
        for keys in ("?", "Alt+KeyM", "Control+KeyK", "/"):
            await page.keyboard.press(keys)
        await expect(page.locator("dialog[open], details.menu[open]")).to_have_count(0)
        await page.click("[data-opens=palette]")
        await page.keyboard.type("keyboard")
        await page.keyboard.press("Enter")
        await expect(page.locator("#shortcuts")).to_contain_text("switched off")


async def test_the_palette_finds_acts_and_paints(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", expected=("401",)) as screen:
        page = screen.page
        await screen.goto("/inbox?view=all")
        await page.keyboard.press("Control+KeyK")
        field = page.locator("#palette-input")
        await expect(field).to_be_focused()
        assert await screen.axe() == []
        await expect(page.locator("#go-take")).to_be_hidden()  # no case is open
        await field.fill("amsel")
        await expect(page.locator("#palette-found [role=option]")).to_have_count(1)
        await expect(field).to_have_attribute("aria-activedescendant", re.compile("^found-"))
        assert await screen.axe() == []
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/inbox/{street.urgent.id}")
        await page.keyboard.press("Control+KeyK")
        await field.fill("take")
        await page.keyboard.press("Enter")
        await expect(page.locator("#thread")).to_contain_text("Taken: Ana Petrova")
        light = await ground(page)
        await page.keyboard.press("Control+KeyK")
        await field.fill("dark")
        async with page.expect_response("**/account/theme"):
            await page.keyboard.press("Enter")
        dark = await ground(page)
        assert dark != light
        await page.reload()
        assert await ground(page) == dark
        await page.keyboard.press("Control+KeyK")
        await field.fill("deutsch")
        await page.keyboard.press("Enter")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await page.keyboard.press("Control+KeyK")
        await field.fill("xyz")
        await expect(page.locator("#palette-none")).to_have_text("Nichts passt.")
        await field.fill("abmelden")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/sign-in**")


async def test_dialogs_fit_every_screen(windows: Windows, street: Street) -> None:
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            page = screen.page
            await screen.goto("/inbox")
            await page.click("[data-opens=palette]")
            assert await screen.overflow() <= 0
            await page.click("#go-shortcuts")
            await expect(page.locator("#shortcuts")).to_be_visible()
            assert await screen.overflow() <= 0
            assert await screen.axe() == []
