"""The person beside the thread on a desk, in a sheet on a phone; a service goes into the answer, an address stays a moment."""

from playwright.async_api import expect

from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street


async def test_beside_the_thread_on_a_desk(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        panel = page.locator("#person")
        await expect(panel).to_contain_text("Who helps nearby")
        assert await screen.overflow() <= 0
        assert await screen.axe() == []
        await page.fill("#reply-text", "Good morning")
        await panel.locator(".insert").first.click()
        value = await page.input_value("#reply-text")
        assert value.startswith("Good morning\n\n")
        assert len(value) > 40
        await panel.locator("#more-need summary").click()
        await panel.locator("#more-need select").select_option("work.dismissal")
        await panel.locator("#more-need button").click()
        await expect(panel.locator(".needs").first).to_contain_text("Fired from my job")
        await expect(page.locator("#thread")).to_contain_text("Need added")
        await panel.locator("[id^=more-reveal] summary").click()
        await panel.get_by_label("to call the person").check()
        await panel.locator("[id^=more-reveal] button").click()
        await expect(panel.locator(".revealed")).to_have_text("100200300")
        await expect(page.locator("#thread")).to_contain_text("Address shown")
        await page.wait_for_timeout(400)  # the news about it must not take it away
        await expect(panel.locator(".revealed")).to_have_text("100200300")
        await page.reload()
        await expect(page.locator("#person")).to_contain_text("… 0300")


async def test_a_sheet_on_a_phone(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", PHONE, expected=("422",)) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await expect(page.locator("#person-side")).to_be_hidden()
        await page.click("[data-person]")
        await expect(page.locator("#person")).to_contain_text("Who helps nearby")
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
        await page.locator("#more-urgency summary").click()
        await page.fill("#more-urgency textarea", " ")
        await page.click("#more-urgency button")
        await expect(page.locator("#person .problem")).to_contain_text("Write something first.")
        await page.keyboard.press("Escape")
        await expect(page.locator("#person-side")).to_be_hidden()
        await page.click("[data-person]")
        await page.locator(".insert").first.click()
        await expect(page.locator("#person-side")).to_be_hidden()
        await expect(page.locator("#reply-text")).to_be_focused()


async def test_pages_of_their_own(windows: Windows, street: Street) -> None:
    async with windows.open("boris@example.org", PHONE) as screen:
        for path in (f"/inbox/{street.wages.id}/person", f"/inbox/{street.wages.id}/person/phone", "/inbox/new"):
            await screen.goto(path)
            assert await screen.axe() == [], path
            assert await screen.overflow() <= 0, path
