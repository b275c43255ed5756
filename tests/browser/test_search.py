"""Search as people use it: from the list to a message and back to the results; filters that lie over the list."""

from playwright.async_api import expect

from tests.browser.conftest import DESK, PHONE, Windows
from tests.web.street import Street


async def test_from_the_list_to_the_message_and_back(windows: Windows, street: Street) -> None:
    for size in (PHONE, DESK):
        async with windows.open("ana@example.org", size) as screen:
            page = screen.page
            await page.fill(".list-search [name=words]", "заплата")
            await page.keyboard.press("Enter")
            await expect(page.locator("mark")).to_have_text(["заплатата", "zaplatata"])
            assert page.url.endswith("/inbox/search")
            assert await screen.axe() == []
            assert await screen.overflow() <= 0
            await page.locator(".hit").last.click()
            await expect(page.locator(".message:target")).to_be_in_viewport()
            assert await screen.overflow() <= 0
            await page.go_back()
            await expect(page.locator("mark")).to_have_text(["заплатата", "zaplatata"])
            assert await page.input_value("#words") == "заплата"
            await page.fill("#words", "xyz")
            await page.click("#search button[type=submit]")
            await expect(page.locator("#found")).to_contain_text("Nothing found")


async def test_filters_lie_over_the_list_and_are_kept_under_a_name(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto("/inbox?view=all&language=ro")
        before = await page.locator(".card").first.bounding_box()
        await page.click("#filters summary")
        assert await page.locator(".card").first.bounding_box() == before
        chosen = page.locator("#filters select[name=sort]")
        assert await chosen.evaluate("each => each.scrollWidth <= each.clientWidth")
        await page.keyboard.press("Escape")
        await expect(chosen).to_be_hidden()
        await page.click("#save-view summary")
        await page.fill("#save-view [name=name]", "Rumänisch")
        await page.click("#save-view button")
        await expect(page.locator(".view-chip").first).to_contain_text("Rumänisch 2")
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
