"""Packages on the admin page: what is missing in words, a file up, a pair away, and nothing of a bad file left."""

import ast
import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.hub import Hub
from app.models import AuditEntry
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_texts import known
from translations.machine import installed, packages

CHRIS = "chris@example.org"
PAGE = "/admin/translations"


@pytest.fixture
async def chris(browse: NewBrowser, street: Street) -> Browser:
    browser = await browse(CHRIS)
    await browser.get(PAGE)
    return browser


async def upload(browser: Browser, name: str, content: bytes) -> tuple[int, str]:
    answer = await browser.post(PAGE, files={"file": (name, content, "application/octet-stream")})
    return answer.status_code, answer.text


async def test_without_packages_it_says_what_that_means(chris: Browser) -> None:
    page = (await chris.get(PAGE)).text
    assert page.count("only the original is shown") == page.count("ask a mediator") == 6
    assert "bg_en en_de" in page
    assert "There are none." in page


async def test_up_in_use_and_away(hub: Hub, chris: Browser, toy_files: dict[str, Path]) -> None:
    for pair in ("bg_en", "en_de"):
        status, _ = await upload(chris, toy_files[pair].name, toy_files[pair].read_bytes())
        assert status == 303
    page = (await chris.get(f"{PAGE}?done=added")).text
    assert "works, over English" in page
    assert page.count("only the original is shown") == 4, "Bulgarian and English can be read"
    assert installed(hub.settings.packages_dir)[0].checksum in page
    assert "in memory</" not in page
    assert (await hub.machine.translate("дете", "bg", "de")).text == "Kind"
    assert "· in memory" in (await chris.get(PAGE)).text
    assert (await chris.post(f"{PAGE}/bg_en/remove")).status_code == 303
    assert [each.pair for each in installed(hub.settings.packages_dir)] == ["en_de"]
    async with hub.db.transaction() as session:
        entries = await session.scalars(sa.select(AuditEntry.data).where(AuditEntry.kind == "setting_changed"))
        assert [list(data)[-1] if "removed" in data else data["installed"] for data in entries] == [
            "bg_en", "en_de", "setting",
        ]  # fmt: skip


async def test_bad_files_are_told_and_leave_nothing(hub: Hub, chris: Browser, toy_files: dict[str, Path]) -> None:
    good = toy_files["bg_en"].read_bytes()
    for name, content, words in (
        ("page.argosmodel", b"<html>", "page.argosmodel is no Argos package"),
        ("../../etc/<b>x.zip", good[: len(good) // 2], "bx.zip is no Argos package"),
        ("big.argosmodel", b"x" * 26_000_000, "big.argosmodel is no Argos package"),
        ("", b"", "Choose a file."),
    ):
        status, text = await upload(chris, name, content)
        assert (status, words in text) == (422, True), words
    folder = hub.settings.packages_dir
    left = await asyncio.to_thread(lambda: [path.name for path in folder.iterdir()])
    assert left == []


async def test_only_this_page_takes_large_bodies(chris: Browser) -> None:
    for path, announced, status in ((PAGE, 600_000_001, 413), ("/admin/staff-chat", 26_000_000, 413)):
        answer = await chris.http.post(path, headers={"content-length": str(announced)}, content=b"x")
        assert answer.status_code == status


async def test_a_large_body_is_read_from_admins_only(browse: NewBrowser, chris: Browser) -> None:
    ana = await browse("ana@example.org")
    await ana.get("/inbox")
    large = {"file": ("big.argosmodel", b"x" * 26_000_000, "application/octet-stream")}
    for browser, status in ((await browse(), 413), (ana, 413), (chris, 422)):
        answer = await browser.post(PAGE, files=large)
        assert answer.status_code == status


def test_every_reason_has_german_words() -> None:
    tree = ast.parse(Path(packages.__file__).read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "BadPackage"]
    reasons = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert len(reasons) == 12
    assert sorted(map(str, reasons - known("de"))) == []
