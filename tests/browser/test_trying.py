"""The simulator in place in a real browser: typed, pressed, a step back, another app; phone and desk, keyboard, no scripts."""

import pytest
from playwright.async_api import expect

from app.hub import Hub
from tests.browser.conftest import DESK, PHONE, Screen, Windows

TOUCH = 44
BORIS = "boris@example.org"


async def check(screen: Screen) -> None:
    assert await screen.axe() == []
    assert await screen.overflow() <= 0
    for element in await screen.page.query_selector_all(".try button:visible, .try input:visible, .try select:visible"):
        box = await element.bounding_box()
        assert box is not None
        assert box["height"] >= TOUCH, await element.inner_text()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_flow_is_tried_out(windows: Windows, hub: Hub, size: tuple[int, int]) -> None:
    async with windows.open(BORIS, size) as screen:
        page = screen.page
        await screen.goto("/editor/try?flow=dismissal")
        await expect(page.locator(".theirs")).to_have_count(1)
        await page.click(".keyboard button >> nth=0")
        await expect(page.locator(".theirs")).to_have_count(2)
        await expect(page.locator("#try-words")).to_be_focused()
        await expect(page.locator("#try-spoken")).to_contain_text("Write the day")
        await page.keyboard.type("yesterday")
        await page.keyboard.press("Enter")
        await expect(page.locator(".own")).to_have_count(2)
        await expect(page.locator("#try-words")).to_have_value("")
        await page.click(".keyboard >> nth=-1 >> button >> nth=0")
        await expect(page.locator(".known")).to_contain_text("A case would be opened")
        await check(screen)
        await page.click("text=One step back")
        await expect(page.locator(".own")).to_have_count(2)
        await page.click(".try-looks button >> nth=2")
        await expect(page.locator(".look-sms")).to_be_visible()
        await expect(page.locator(".cost").first).to_contain_text("SMS")
        await check(screen)


async def test_a_question_is_asked_without_scripts(windows: Windows, hub: Hub) -> None:
    async with windows.open(BORIS, PHONE, java_script_enabled=False) as screen:
        page = screen.page
        await screen.goto("/editor/try?entry=work.wage_unpaid")
        await page.fill("#try-words", "my boss does not pay my wage")
        await page.press("#try-words", "Enter")
        await expect(page.locator(".own")).to_have_count(1)
        await expect(page.locator(".known")).to_contain_text("was a question")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_stored_dialogues_can_be_read_and_used(windows: Windows, hub: Hub, size: tuple[int, int]) -> None:
    async with windows.open(BORIS, size, color_scheme="dark") as screen:
        page = screen.page
        await screen.goto("/editor/transcripts")
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
        await page.click(".dialogues-of summary >> nth=0")
        await page.click(".dialogues-of[open] a >> nth=0")
        await expect(page.locator(".dialogue .own").first).to_be_visible()
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
