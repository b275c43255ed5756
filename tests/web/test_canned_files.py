"""Files of canned replies: added on the reply's page, offered in the person's language, sent with the words, never lost."""

import html
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from app import later
from app.canned import get_canned
from app.canned_files import all_files
from app.editor import recordings
from app.editor.drafts import discard
from app.hub import Hub
from app.models import Conversation, Media, Message, ScheduledReply, User
from app.publishing import export, publish_version
from flows.check import check_content
from flows.load import read_content, write_content
from flows.model import FILE_BYTES
from tests.web.cast import PIXEL
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

PDF = b"%PDF-1.7 a form"
NEW = {"title": "Kita", "shortcut": "kita", "category": "papers", "text_de": "Hier das Formular.", "text_bg": "Ето."}


def upload(code: str, name: str, content: bytes, mime: str) -> tuple[str, tuple[str, bytes, str]]:
    return f"files_{code}", (name, content, mime)


FORMS = [
    upload("all", "Antrag für Kita.pdf", PDF, "application/pdf"),
    upload("bg", "Молба.png", PIXEL, "image/png"),
]


async def make(browser: Browser, files: Any = FORMS, **more: str) -> int:
    await browser.get("/admin/replies/new")
    return (await browser.post("/admin/replies/new", NEW | more, files=files)).status_code


async def kita(hub: Hub) -> dict[Any, tuple[str, ...]]:
    async with hub.db.transaction() as session:
        return dict((await get_canned(session, "kita")).reply.files)


async def write(hub: Hub, browser: Browser, street: Street, **more: str) -> int:
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.wages.conversation_id)
    form = {"to": f"{talk.id}:{talk.last_seq}", "text": "Ето.", **more}
    return (await browser.post(f"/inbox/{street.wages.id}/reply", form)).status_code


async def sent(hub: Hub) -> list[tuple[str, bytes]]:
    async with hub.db.transaction() as session:
        query = sa.select(Media).join(Message).where(Message.direction == "out", Media.name == "molba.png")
        rows = await session.scalars(query.options(undefer(Media.content)))
        return [(media.name or "", media.content or b"") for media in rows]


async def test_files_are_added_and_taken_away_language_by_language(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    boris = await browse("boris@example.org")
    assert await make(boris) == 303
    assert await kita(hub) == {"all": ("antrag-fuer-kita.pdf",), "bg": ("molba.png",)}
    page = (await boris.get("/admin/replies/kita")).text
    assert 'href="/content-file/molba.png"' in page
    shown = await boris.get("/content-file/antrag-fuer-kita.pdf")
    assert (shown.content, shown.headers["content-type"]) == (PDF, "application/pdf")
    assert "sandbox" in shown.headers["content-security-policy"]
    change = NEW | {"version": "1", "kept_all": ["antrag-fuer-kita.pdf"], "kept_bg": ["antrag-fuer-kita.pdf"]}
    assert (await boris.post("/admin/replies/kita", change)).status_code == 303
    assert await kita(hub) == {"all": ("antrag-fuer-kita.pdf",)}


async def test_one_name_never_hides_another_file_and_the_same_is_kept_once(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    boris = await browse("boris@example.org")
    files = [upload("all", "a.pdf", PDF, "application/pdf"), upload("all", "a.pdf", PDF + b"2", "application/pdf"),
             upload("ro", "A.PDF", PDF, "application/pdf")]  # fmt: skip
    assert await make(boris, files) == 303
    assert await kita(hub) == {"all": ("a.pdf", "a-2.pdf"), "ro": ("a.pdf",)}


async def test_what_can_t_be_taken_is_said_in_words(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse("boris@example.org")
    await boris.get("/admin/replies/new")
    for file, words in (
        (upload("all", "a.exe", b"MZ", "application/x-msdownload"), "and no other files"),
        (upload("all", "a.pdf", b"<html>", "application/pdf"), "a.pdf is damaged"),
        (upload("bg", "a.pdf", PDF + b"x" * FILE_BYTES, "application/pdf"), "a.pdf is too big: at most 1 MB"),
    ):
        answer = await boris.post("/admin/replies/new", NEW, files=[file])
        assert answer.status_code == 422
        assert words in html.unescape(answer.text)
        assert "Please choose new files again." in answer.text
    many = [upload("all", f"{number}.pdf", PDF + b"%d" % number, "application/pdf") for number in range(6)]
    assert "At most 5 files" in (await boris.post("/admin/replies/new", NEW, files=many)).text
    async with hub.db.transaction() as session:
        assert await all_files(session) == [], "nothing stays of a reply that was refused"


async def test_inserted_in_the_person_s_language_and_sent_with_the_words(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    boris = await browse("boris@example.org")
    await make(boris)
    await boris.get(f"/inbox/{street.wages.id}")
    for language, name in (("", "molba.png"), ("ro", "antrag-fuer-kita.pdf")):
        found = await boris.post(f"/inbox/{street.wages.id}/insert", {"q": "kita", "language": language})
        assert f'data-files="{name}"' in found.text
    assert await write(hub, boris, street, ready="molba.png") == 303
    assert await sent(hub) == [("molba.png", PIXEL)]


async def test_a_refused_reply_keeps_its_files(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse("boris@example.org")
    await make(boris)
    await boris.get(f"/inbox/{street.wages.id}")
    talk = street.wages.conversation_id
    path = f"/inbox/{street.wages.id}/reply"
    refused = await boris.post(path, {"to": f"{talk}:0", "text": "x", "ready": ["molba.png", "<b>"]})
    assert refused.status_code == 409
    assert refused.text.count('name="ready" value="molba.png"') == 1
    assert "&lt;b&gt;" not in refused.text
    assert await write(hub, boris, street, ready="gone.pdf") == 422
    assert await sent(hub) == []


async def test_for_later_it_is_the_file_of_today(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse("boris@example.org")
    await make(boris)
    await boris.get(f"/inbox/{street.wages.id}")
    tomorrow = f"{hub.now() + timedelta(days=1):%Y-%m-%dT09:00}"
    assert await write(hub, boris, street, ready="molba.png", send_at=tomorrow) == 303
    await boris.post("/admin/replies/kita", NEW | {"version": "1"})
    assert (await boris.post("/admin/reply-files/molba.png/delete")).status_code == 303
    async with hub.db.transaction() as session:
        await session.execute(sa.update(ScheduledReply).values(send_at=hub.now() - timedelta(minutes=1)))
    assert await later.send_due(hub) == 1
    assert await sent(hub) == [("molba.png", PIXEL)]


async def test_what_a_reply_sends_is_not_deleted(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse("boris@example.org")
    await make(boris)
    refused = await boris.post("/admin/reply-files/molba.png/delete")
    assert refused.status_code == 409
    assert "molba.png is still sent by /kita. Take it away there first." in refused.text
    await boris.post("/admin/replies/kita/delete")
    assert (await boris.post("/admin/reply-files/molba.png/delete")).status_code == 409, "it may be had back"
    await boris.post("/admin/replies/kita/restore")
    await boris.post("/admin/replies/kita", NEW | {"version": "3"})
    assert "nobody sends it" in (await boris.get("/admin/reply-files")).text
    assert (await boris.post("/admin/reply-files/molba.png/delete")).status_code == 303
    assert (await boris.get("/content-file/molba.png")).status_code == 404
    assert (await boris.post("/admin/reply-files/molba.png/delete")).status_code == 404


async def test_a_recording_that_an_answer_reads_aloud_is_not_deleted_nor_one_of_a_draft(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    boris = await browse("boris@example.org")
    topic = "work.wage_unpaid"
    async with hub.db.transaction() as session:
        user = await session.scalar(sa.select(User).where(User.email == "boris@example.org"))
        assert user is not None
        piece = await recordings.keep(hub, session, user, topic, "bg", b"OggS spoken", seen=0)
        name = piece.data["audio"]["bg"]
    assert (await boris.post(f"/admin/reply-files/{name}/delete")).status_code == 409
    async with hub.db.transaction() as session:
        await publish_version(session, "entry", topic, piece.data, origin="hub")
        await discard(session, user, "entry", topic, seen=piece.revision)
    refused = await boris.post(f"/admin/reply-files/{name}/delete")
    assert (refused.status_code, f"is still sent by {topic}" in refused.text) == (409, True)
    assert f'href="/editor/entries/{topic}"' in refused.text


async def test_files_are_written_and_read_without_loss(hub: Hub, browse: NewBrowser, street: Street) -> None:
    await make(await browse("boris@example.org"))
    async with hub.db.transaction() as session:
        pieces = await export(session)
    folder = hub.settings.data_dir / "written"
    write_content(folder, pieces)
    content = read_content(folder)
    assert {(file.name, file.mime, file.data) for file in content.files} == {
        ("antrag-fuer-kita.pdf", "application/pdf", PDF), ("molba.png", "image/png", PIXEL),
    }  # fmt: skip
    again = next(reply for reply in content.canned if reply.shortcut == "kita")
    assert dict(again.files) == await kita(hub)
    (folder / "files" / "molba.png").unlink()
    issues = [issue.text for issue in check_content(read_content(folder)) if issue.severity == "error"]
    assert "sends the file molba.png, which does not exist" in issues
