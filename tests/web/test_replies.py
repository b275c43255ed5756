"""Canned replies on their pages: listed, changed language by language, deleted and had back, never overwritten unseen."""

import html

import sqlalchemy as sa

from app.canned import all_canned, get_canned
from app.content import CONTENT_DIR
from app.hub import Hub
from app.models import ContentVersion
from app.publishing import export, load
from flows.check import check_content
from flows.load import read_content, write_content
from tests.web.conftest import NewBrowser
from tests.web.street import Street

NEW = {
    "title": "Kita", "shortcut": "kita", "category": "papers", "place": "wuppertal",
    "text_de": "Hier ist das Formular.\r\nBitte {date} bringen.", "text_ro": "Iată formularul. {date}", "approved": "ro",
}  # fmt: skip


async def test_the_list_shows_what_is_a_draft(browse: NewBrowser, street: Street) -> None:
    browser = await browse("boris@example.org")
    page = html.unescape((await browser.get("/admin/replies")).text)
    assert "Foto vom Brief, alle Seiten" in page
    assert "/brief-foto" in page
    assert "Ukrainian: draft" in page
    assert 'href="/admin/replies"' in (await browser.get("/admin/roster")).text
    assert 'href="/admin/places"' in page  # the tabs that led here are still there


async def test_a_reply_is_made_and_approved_by_who_says_so(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("boris@example.org")
    await browser.get("/admin/replies/new")
    assert (await browser.post("/admin/replies/new", NEW)).status_code == 303
    async with hub.db.transaction() as session:
        kept = await get_canned(session, "kita")
    assert kept.changed_by == "Boris Lange"
    assert kept.reply.texts["de"].text == "Hier ist das Formular.\nBitte {date} bringen."
    assert kept.reply.texts["de"].approved_by is None
    assert kept.reply.texts["ro"].approved_by == "Boris Lange"
    twice = await browser.post("/admin/replies/new", NEW)
    assert twice.status_code == 409
    assert "Iată formularul. {date}</textarea>" in html.unescape(twice.text)


async def test_changed_words_are_a_draft_again_and_unseen_changes_stay(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    boris, admin = await browse("boris@example.org"), await browse("chris@example.org")
    await boris.post("/admin/replies/new", NEW)
    change = NEW | {"version": "1", "text_ro": "Altceva"}
    assert (await admin.post("/admin/replies/kita", change | {"approved": ""})).status_code == 303
    late = await boris.post("/admin/replies/kita", change)
    assert late.status_code == 409
    assert "Chris Admin has changed this reply meanwhile." in late.text
    async with hub.db.transaction() as session:
        kept = await get_canned(session, "kita")
    assert (kept.version, kept.reply.texts["ro"].approved_by) == (2, None)


async def test_what_is_wrong_is_said_in_words(browse: NewBrowser, street: Street) -> None:
    browser = await browse("boris@example.org")
    for form, words in (
        ({"text_de": ""}, "The German text is needed"),
        ({"text_bg": "{unknown}"}, "There is no variable {unknown}."),
        ({"text_bg": "x" * 1001}, "at most 1000 characters"),
        ({"place": "atlantis"}, "There is no such place."),
        ({"team": "nobody"}, "There is no such team."),
        ({"shortcut": "Ä!"}, "A title and a shortcut are needed"),
    ):
        answer = await browser.post("/admin/replies/new", NEW | form)
        assert answer.status_code == 422
        assert words in html.unescape(answer.text)


async def test_a_deleted_reply_can_be_had_back_and_no_start_brings_it_back(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("boris@example.org")
    gone = await browser.post("/admin/replies/termin/delete")
    page = await browser.get(gone.headers["location"])
    assert "Undo" in page.text
    async with hub.db.transaction() as session:
        loaded = await load(session, read_content(CONTENT_DIR), origin="starter")
        assert loaded.kept == ["canned termin"]
        assert "termin" not in [kept.reply.shortcut for kept in await all_canned(session)]
    await browser.post("/admin/replies/termin/restore")
    async with hub.db.transaction() as session:
        assert "termin" in [kept.reply.shortcut for kept in await all_canned(session)]
        count = sa.select(sa.func.count()).where(ContentVersion.key == "termin")
        assert await session.scalar(count) == 3  # nothing is ever overwritten


async def test_the_starter_set_is_checked_and_written_back(hub: Hub) -> None:
    content = read_content(CONTENT_DIR)
    assert len(content.canned) >= 15
    assert [i for i in check_content(content) if i.where.startswith("canned") and "draft" not in i.text] == []
    async with hub.db.transaction() as session:
        pieces = await export(session)
    folder = hub.settings.data_dir / "written"
    write_content(folder, pieces)
    again = {reply.shortcut: reply for reply in read_content(folder).canned}
    assert again == {reply.shortcut: reply for reply in content.canned}
