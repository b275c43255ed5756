"""Writing German in a real browser: the preview follows, what is changed by hand stays, and sending never waits for it."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import Response, expect

from app.hub import Hub
from tests.browser.conftest import PHONE, Windows
from tests.web.street import Street

ROMANIAN = "șeful plătește salariu mâine"


@pytest.fixture
def toys(hub: Hub, toy_packages: Path) -> None:
    shutil.copytree(toy_packages, hub.settings.packages_dir)


def kept(answer: Response, kind: str) -> bool:
    """Whether a draft has just been kept on the server."""
    return answer.url.endswith("/draft") and f"kind={kind}" in (answer.request.post_data or "")


async def test_the_preview_follows_and_what_is_changed_stays(windows: Windows, street: Street, toys: None) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        preview = page.locator("#translation")
        await page.fill("#reply-text", "Chef zahlt")
        await page.fill("#reply-text", "Chef zahlt Lohn morgen")
        await expect(preview).to_have_value(ROMANIAN)
        await expect(page.locator("#preview-notes")).to_contain_text("over English")
        await expect(page.locator("#sending")).to_contain_text(f"{len(ROMANIAN)} of 4096")
        assert await screen.axe() == []
        assert await screen.overflow() == 0
        await page.click("#translation-back")
        await expect(page.locator("#said-back")).to_contain_text("Chef zahlt Lohn morgen")
        async with page.expect_response(lambda answer: kept(answer, "translation")):
            await preview.fill("șeful plătește 300 € mâine")
        await expect(page.locator("#preview-notes")).to_contain_text("Not the same in both texts: 300")
        async with page.expect_response(lambda answer: kept(answer, "reply")):
            await page.fill("#reply-text", "Chef zahlt Geld morgen")
        await expect(page.locator("#preview-stale")).to_be_visible()
        await expect(preview).to_have_value("șeful plătește 300 € mâine")
        await page.reload()
        await expect(preview).to_have_value("șeful plătește 300 € mâine")
        await expect(page.locator("#preview-stale")).to_be_visible()
        await page.click("#translate-anew")
        await expect(preview).to_have_value("șeful plătește bani mâine")
        await expect(page.locator("#preview-stale")).to_be_hidden()
        await page.click(".send")
        sent = page.locator(".message.by-staff", has_text="Sent in Romanian")
        await expect(sent).to_contain_text("șeful plătește bani mâine")
        await expect(sent).to_contain_text("Chef zahlt Geld morgen")
        await expect(page.locator("#reply-text")).to_have_value("")
        await expect(page.locator("#preview")).to_be_hidden()


async def test_without_packages_nothing_is_asked_over_and_over(
    windows: Windows, hub: Hub, street: Street, toys: None
) -> None:
    async with windows.open("ana@example.org", expected=("409",)) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        shutil.rmtree(hub.settings.packages_dir)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/translate") else None)
        await page.fill("#reply-text", "Chef zahlt")
        await expect(page.locator("#preview-failed")).to_contain_text("no translation")
        await page.wait_for_timeout(2500)
        assert len(asked) == 1
        await page.click(".send")
        await expect(page.locator("#composer-problem")).to_contain_text("Nothing was sent")


async def test_sent_before_the_preview_came_and_a_ready_text_inserted(
    windows: Windows, street: Street, toys: None
) -> None:
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.fill("#reply-text", "Chef zahlt Lohn morgen")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#thread")).to_contain_text(ROMANIAN)
        await expect(page.locator("#reply-text")).to_have_value("")
        await page.click("#picker-open")
        await page.fill("#picker-search", "foto")
        await page.locator("#picker-list [role=option]", has_text="Foto vom Brief").click()
        await expect(page.locator("#reply-text")).to_have_value(
            "Bitte schicken Sie mir ein Foto vom Brief. Bitte alle Seiten, auch die Rückseiten."
        )
        await expect(page.locator("#translation")).to_have_value(
            "Vă rog să îmi trimiteți o poză cu scrisoarea. Toate paginile, vă rog, și pe verso."
        )
        await expect(page.locator("#preview-notes")).to_contain_text("ready text of the team")
        await page.uncheck("#translate")
        await expect(page.locator("#preview")).to_be_hidden()
        await page.reload()
        await expect(page.locator("#translate")).not_to_be_checked()


async def test_a_mediator_is_asked_and_the_composer_is_free_again(
    windows: Windows, hub: Hub, street: Street, toys: None
) -> None:
    async with windows.open("ana@example.org", PHONE) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.fill("#reply-text", "Chef zahlt Lohn morgen")
        await expect(page.locator("#translation")).to_have_value(ROMANIAN)
        ask = page.locator("#translating .ask-mediator")
        await page.uncheck("#translate")
        await expect(ask).to_be_hidden()
        await page.check("#translate")
        assert await screen.axe() == []
        assert await screen.overflow() == 0
        await ask.click()
        waits = page.locator(".message.pending", has_text="a mediator checks this before it is sent")
        await expect(waits).to_contain_text(ROMANIAN)
        await expect(page.locator("#reply-text")).to_have_value("")
        await expect(ask).to_be_hidden()
        menu = page.locator(".message.in .message-menu").first
        await menu.locator("summary").click()
        await expect(menu.get_by_role("button", name="Have the German checked")).to_be_visible()
