"""The phone in a real browser: a question, an answer, a button; scripts or none, phone or desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from app.channels_admin import add_channel
from tests.browser.conftest import DESK, PHONE, Windows
from tests.live import LiveServer, open_test_hub
from tests.postgres import TestCluster

TOUCH = 44


@pytest.fixture
async def simulator(chromium: Browser, cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Windows]:
    """Windows on a demo hub that answers."""
    with cluster.database(template) as url:
        async with open_test_hub(url, tmp_path, demo=True) as hub:
            async with hub.db.transaction() as session:
                await add_channel(session, hub.vault, "webchat", "web")
            await hub.registry.load()
            async with LiveServer(hub) as live:
                yield Windows(chromium, live.base_url)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_person_asks_reads_and_presses(simulator: Windows, size: tuple[int, int]) -> None:
    async with simulator.open(size=size) as screen:
        page = screen.page
        await screen.goto("/simulator")
        assert await screen.axe() == []
        await page.fill("#words", "shefa ne mi plashta")
        await page.keyboard.press("Enter")
        await expect(page.locator(".own")).to_contain_text("shefa ne mi plashta")
        await expect(page.locator("#words")).to_have_value("")
        await expect(page.locator("#words")).to_be_focused()
        await expect(page.locator(".keyboard")).to_be_visible(timeout=15_000)
        await expect(page.locator("#spoken")).not_to_be_empty()
        await expect(page.locator("#known")).to_contain_text("Bulgarian, Latin")
        await expect(page.locator(".own .stamp")).to_contain_text("read by the hub")
        button = page.locator(".keyboard button").first
        label = await button.inner_text()
        await button.dblclick()
        await expect(page.locator(".own").nth(1)).to_contain_text(label)
        await expect(page.locator(".keyboard")).to_have_count(2, timeout=15_000)
        await expect(page.locator(".own")).to_have_count(2)
        assert await screen.axe() == []
        assert await screen.overflow() <= 0
        for element in await page.query_selector_all("button:visible, select:visible, textarea:visible"):
            box = await element.bounding_box()
            assert box is not None
            assert box["height"] >= TOUCH, await element.inner_text()


async def test_a_sample_is_sent_with_one_tap_and_danger_alerts(simulator: Windows) -> None:
    async with simulator.open(color_scheme="dark") as screen:
        page = screen.page
        await screen.goto("/simulator")
        await page.click(".sample-danger")
        await expect(page.locator("#known")).to_contain_text("waiting for a human", timeout=15_000)
        await expect(page.locator(".theirs a[href^='tel:']").first).to_be_visible()
        assert await screen.axe() == []


async def test_it_works_without_scripts(simulator: Windows) -> None:
    async with simulator.open(java_script_enabled=False) as screen:
        page = screen.page
        await screen.goto("/simulator")
        await page.click(".chat-start button")
        await expect(page.locator(".own")).to_contain_text("/start")
        for _ in range(20):
            await page.wait_for_timeout(300)
            await page.reload()
            if await page.locator(".keyboard button").count():
                break
        await page.locator(".keyboard button").first.click()
        await expect(page.locator(".own")).to_have_count(2)
