"""Two people bring a text to life and back, and one reads texts with keys only, in real browsers."""

from playwright.async_api import Page, expect

from app.hub import Hub
from tests.browser.conftest import PHONE, Windows
from tests.editor.test_drafts import KEY
from tests.web.street import Street
from tests.web.test_pieces import opened, saved

PATH = f"/editor/pieces/entry/{KEY}"


async def test_two_people_approve_publish_and_go_back(hub: Hub, windows: Windows, street: Street) -> None:
    await saved(hub, street.boris, "Заплата сега")
    async with (
        windows.open("boris@example.org", expected=("422",)) as boris,
        windows.open("chris@example.org", PHONE) as chris,
    ):
        await boris.goto(PATH)
        await expect(boris.page.locator(".difference ins")).to_contain_text("Заплата сега")
        assert await boris.axe() == []
        await boris.page.click(".publish-form button.primary")
        await expect(boris.page.locator(".problem").first).to_contain_text("A second person must approve this first.")
        await chris.goto(PATH)
        assert await chris.axe() == []
        assert await chris.overflow() <= 0
        await chris.page.click("#part-bg button.primary")
        await expect(chris.page.locator(".done")).to_contain_text("Approved.")
        await boris.goto(PATH)
        await boris.page.fill("[name=note]", "shorter")
        await boris.page.click(".publish-form button.primary")
        await expect(boris.page.locator(".done")).to_contain_text("Version 2 is live now.")
        await chris.goto(f"{PATH}/versions")
        assert await chris.axe() == []
        assert await chris.overflow() <= 0
        await chris.page.click("text=Back to version 1…")
        await chris.page.fill("[name=note]", "the old one was right")
        await chris.page.click("text=Yes, make version 1 live again")
        await expect(chris.page.locator(".done")).to_contain_text("Version 3 is live now.")


async def test_texts_are_read_and_approved_with_keys_only(hub: Hub, windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org") as boris:
        page = boris.page
        await boris.goto("/editor/approvals")
        assert await boris.axe() == []
        await tab_to(page, "Read one after another: Bulgarian")
        await page.keyboard.press("Enter")
        first = await page.locator("h1").inner_text()
        assert await boris.axe() == []
        await page.keyboard.press("n")
        await expect(page.locator("h1")).not_to_have_text(first)
        second = await page.locator("h1").inner_text()
        await page.keyboard.press("a")
        await expect(page.locator(".done")).to_contain_text("Approved.")
        await expect(page.locator("h1")).not_to_have_text(second)
        await page.go_back()
        await boris.goto("/editor/approvals")
        await tab_to(page, "Publish these approvals")
        await page.keyboard.press("Enter")
        await expect(page.locator(".done")).to_contain_text("The approvals are published.")
    assert (await opened(hub)).draft is None


async def tab_to(page: Page, words: str) -> None:
    for _ in range(80):
        await page.keyboard.press("Tab")
        if words in await page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"nothing with these words can be reached: {words}")
