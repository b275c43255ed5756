"""The phone in a real browser: a question, an answer, a button; scripts or none, phone or desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from app.demo import PHONES
from tests.browser.conftest import DESK, PHONE, Screen, Windows
from tests.live import LiveServer
from tests.postgres import TestCluster
from tests.web.simulated import open_demo

TOUCH = 44


@pytest.fixture
async def simulator(chromium: Browser, cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Windows]:
    """Windows on a demo hub that answers."""
    async with open_demo(cluster, template, tmp_path, PHONES) as hub, LiveServer(hub) as live:
        yield Windows(chromium, live.base_url)


async def check(screen: Screen) -> None:
    """No barriers, nothing beside the window, everything large enough for a thumb."""
    assert await screen.axe() == []
    assert await screen.overflow() <= 0
    for element in await screen.page.query_selector_all(
        "button:visible, select:visible, textarea:visible, summary:visible, .apps a:visible"
    ):
        box = await element.bounding_box()
        assert box is not None
        assert box["height"] >= TOUCH, await element.inner_text()


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
        await check(screen)


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


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_whatsapp_opens_a_sheet_of_options(simulator: Windows, size: tuple[int, int], scheme: str) -> None:
    async with simulator.open(size=size, color_scheme=scheme) as screen:
        page = screen.page
        await screen.goto("/simulator?app=whatsapp")
        await check(screen)
        await page.click(".pick[lang=ro]")
        opener, first = page.locator(".options summary"), page.locator(".option").first
        await expect(opener).to_be_visible(timeout=15_000)
        await expect(page.locator(".own .stamp")).to_have_class("stamp seen")
        await expect(page.locator("#rules")).to_contain_text("Open until")
        await opener.click()
        await expect(first).to_be_in_viewport()
        await check(screen)
        await page.keyboard.press("Escape")
        await expect(first).to_be_hidden()
        await expect(opener).to_be_focused()
        await opener.click()
        await page.mouse.click(*await middle(screen, ".chat-head"))
        await expect(first).to_be_hidden()
        await opener.click()
        label = await first.inner_text()
        await first.click()
        await expect(page.locator(".own").nth(1)).to_contain_text(label.strip())
        await expect(first).to_be_hidden()
        await check(screen)


async def middle(screen: Screen, selector: str) -> tuple[float, float]:
    box = await screen.page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_sms_takes_numbers_and_tells_the_price(simulator: Windows, size: tuple[int, int], scheme: str) -> None:
    async with simulator.open(size=size, color_scheme=scheme) as screen:
        page = screen.page
        await screen.goto("/simulator?app=sms")
        await page.click(".pick[lang=ro]")
        await expect(page.locator("#pick-1")).to_be_visible(timeout=15_000)
        await expect(page.locator(".cost").last).to_contain_text("GSM-7")
        await expect(page.locator("#rules")).to_contain_text("€")
        await check(screen)
        said = await page.locator(".theirs").count()
        await page.click("#pick-1")
        await expect(page.locator(".own").nth(1)).to_contain_text("1")
        await expect(page.locator(".theirs").nth(said)).to_be_visible(timeout=15_000)
        assert await page.locator(".keyboard").count() == 0
        await check(screen)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_another_app_is_one_tap_away(simulator: Windows, size: tuple[int, int]) -> None:
    async with simulator.open(size=size) as screen:
        page = screen.page
        await screen.goto("/simulator")
        for look in ("whatsapp", "sms", "telegram"):
            pick = page.locator(f".apps a[href$={look}]")
            await page.locator("#known").scroll_into_view_if_needed()
            await expect(pick).to_be_in_viewport(ratio=1)
            x, y = await middle(screen, f".apps a[href$={look}]")
            assert size != PHONE or y > size[1] * 2 / 3  # where a thumb is
            await page.mouse.click(x, y)
            await expect(page.locator(f".phone.look-{look}")).to_be_visible()


async def test_a_list_of_options_works_without_scripts(simulator: Windows) -> None:
    async with simulator.open(java_script_enabled=False) as screen:
        page = screen.page
        await screen.goto("/simulator?app=whatsapp")
        await page.click(".pick[lang=ro]")
        for _ in range(20):
            await page.wait_for_timeout(300)
            await page.reload()
            if await page.locator(".options summary").count():
                break
        await page.click(".options summary")
        await page.locator(".option").first.click()
        await expect(page.locator(".own")).to_have_count(2)
        await page.get_by_role("button", name="Let 25 hours pass").click()
        await expect(page.locator("#rules")).to_contain_text("closed")
