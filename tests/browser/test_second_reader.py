"""A reply that waits for a second reader, and a colleague who has begun to answer, in real browsers."""

import pytest
from playwright.async_api import expect

from app.hub import Hub
from app.models import Setting
from app.risky import SECOND_READER
from tests.browser.conftest import PHONE, Windows
from tests.browser.test_live import person_writes
from tests.web.street import Street


@pytest.fixture(autouse=True)
async def rule(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=SECOND_READER, value={"topics": ["work.wage_unpaid"], "hours": 2}))


async def test_it_waits_is_changed_on_a_phone_and_sent(hub: Hub, windows: Windows, street: Street) -> None:
    path = f"/inbox/{street.wages.id}"
    async with windows.open("ana@example.org") as ana, windows.open("boris@example.org", PHONE) as boris:
        await boris.goto("/inbox?view=all")
        await ana.goto(path)
        await ana.page.fill("#reply-text", "Come on Monday at ten.")
        await ana.page.click(".send")
        await expect(ana.page.locator(".pending")).to_contain_text("waits for a second reader")
        await expect(ana.page.locator("#reply-text")).to_have_value("")
        await boris.page.click(".to-read")
        assert await boris.axe() == []
        assert await boris.overflow() <= 0
        await boris.page.click(".reading-list a")
        page = boris.page
        await page.click("text=Change the words")
        words = page.locator(".pending-form textarea")
        await words.fill("Come on Monday at nine.")
        await person_writes(hub, "Ще дойда с майка ми", "100200300")
        await expect(page.locator(".pending-news")).to_contain_text("Ще дойда с майка ми")
        await expect(words).to_have_value("Come on Monday at nine.")
        assert await boris.axe() == []
        assert await boris.overflow() <= 0
        await page.click("text=this answer still fits")
        await page.click("text=Read: send it")
        await expect(ana.page.locator("#thread")).to_contain_text("Written by Ana Petrova, read by Boris Lange")
        await ana.page.click("text=What Boris Lange changed")
        await expect(ana.page.locator(".changes ins")).to_contain_text("nine.")
        assert await ana.axe() == []


async def test_who_begins_is_seen_and_may_be_answered_over(windows: Windows, street: Street) -> None:
    path = f"/inbox/{street.urgent.id}"
    async with (
        windows.open("ana@example.org") as ana,
        windows.open("boris@example.org", PHONE, expected=("409",)) as boris,
    ):
        await ana.goto(path)
        await boris.goto(path)
        await ana.page.locator("#reply-text").press_sequentially("Bu")
        await expect(boris.page.locator("#presence")).to_contain_text("Ana Petrova is answering")
        await boris.page.fill("#reply-text", "Sunt aici.")
        await boris.page.click(".send")
        await expect(boris.page.locator("#composer-problem")).to_contain_text("Ana Petrova has begun to answer")
        assert await boris.axe() == []
        await boris.page.click("text=Answer all the same")
        await expect(boris.page.locator("#thread")).to_contain_text("Sunt aici.")
        await expect(boris.page.locator("#presence")).not_to_contain_text("is answering")
