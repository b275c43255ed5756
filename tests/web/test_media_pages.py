"""Pictures, recordings and PDF in the thread: sizes, copies, turns, and voice messages from the composer."""

import pytest
import sqlalchemy as sa

from app.hub import Hub
from app.models import Channel, Conversation, Media, Message
from app.shaping import shape
from tests.sounds import about, photo, tone
from tests.web import cast
from tests.web.conftest import NewBrowser
from tests.web.street import Street


async def add(hub: Hub, street: Street, content: bytes, mime: str, kind: str, name: str | None = None) -> int:
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.wages.conversation_id)
        message = await cast.Talk(session, talk, hub.now()).says(None, kind)
        number = (await cast.attach(message, session, content, mime, name)).id
    await shape(hub, number)
    return number


async def test_a_picture_is_turned_for_everybody(hub: Hub, browse: NewBrowser, street: Street) -> None:
    number = await add(hub, street, photo(640, 480), "image/jpeg", "photo")
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    page = (await boris.get(f"/inbox/{street.wages.id}")).text
    assert f'<img src="/media-file/{number}"' in page
    assert 'width="480" height="360"' in page
    assert (await ana.post(f"/media-file/{number}/turn", {"turn": "4"})).status_code == 422
    assert (await ana.post(f"/media-file/{number}/turn", {"turn": "3"})).status_code == 204
    page = (await boris.get(f"/inbox/{street.wages.id}")).text
    assert 'viewBox="0 0 480 640"' in page
    assert 'transform="translate(0 640) rotate(270)"' in page


async def test_recordings_name_the_kind_that_every_browser_plays_first(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    number = await add(hub, street, tone("ogg", 3), "audio/ogg", "voice")
    browser = await browse("ana@example.org")
    page = (await browser.get(f"/inbox/{street.wages.id}")).text
    first = page.index(f'<source src="/media-file/{number}/copy" type="audio/mp4">')
    assert first < page.index(f'<source src="/media-file/{number}" type="audio/ogg; codecs=opus">')
    assert "0:03" in page
    copy = await browser.get(f"/media-file/{number}/copy")
    assert copy.headers["content-type"] == "audio/mp4"
    assert about(copy.content)[:2] == ("mov", "aac")
    part = await browser.get(f"/media-file/{number}/copy", range="bytes=0-9")
    assert (part.status_code, part.content) == (206, copy.content[:10])


async def test_a_damaged_recording_says_so_and_can_be_had(hub: Hub, browse: NewBrowser, street: Street) -> None:
    number = await add(hub, street, b"#!AMR\n\xff\xff", "audio/amr", "voice")
    browser = await browse("ana@example.org")
    page = (await browser.get(f"/inbox/{street.wages.id}")).text
    assert "This recording is damaged" in page
    assert f'href="/media-file/{number}" download' in page
    assert (await browser.get(f"/media-file/{number}/copy")).status_code == 404


async def test_a_pdf_opens_in_its_own_tab_and_an_heic_picture_says_what_to_do(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    number = await add(hub, street, b"%PDF-1.7", "application/pdf", "document", "Brief.pdf")
    await add(hub, street, b"\0\0\0\x18ftypheic", "image/heic", "photo", "IMG_1.HEIC")
    browser = await browse("ana@example.org")
    page = (await browser.get(f"/inbox/{street.wages.id}")).text
    assert "show this kind of picture" in page
    assert f'href="/media-file/{number}?view=1"' in page
    shown = await browser.get(f"/media-file/{number}?view=1")
    assert shown.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert (await browser.get(f"/media-file/{number}")).headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", ["webm", "m4a"])
async def test_a_recording_is_sent_as_a_voice_note(hub: Hub, browse: NewBrowser, street: Street, kind: str) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}"
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
    await browser.get(path)
    voice = {"voice": ("voice", tone(kind), "audio/whatever")}
    answer = await browser.post(f"{path}/reply", {"to": f"{talk.id}:{talk.last_seq}", "text": ""}, files=voice)
    assert answer.status_code == 303
    async with hub.db.transaction() as session:
        query = sa.select(Media).join(Message).where(Message.direction == "out", Media.name == "voice.ogg")
        sent = (await session.scalars(query.options(sa.orm.undefer(Media.content)))).one()
    assert about(sent.content or b"")[:3] == ("ogg", "opus", 1)


async def test_what_is_no_recording_and_what_an_sms_can_t_carry_is_refused(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse("ana@example.org")
    path = f"/inbox/{street.urgent.id}"
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
    await browser.get(path)
    to = {"to": f"{talk.id}:{talk.last_seq}", "text": "Salut"}
    broken = await browser.post(f"{path}/reply", to, files={"voice": ("voice", b"nothing", "audio/webm")})
    assert broken.status_code == 422
    assert "can&#39;t be read" in broken.text
    assert "Salut" in broken.text
    async with hub.db.transaction() as session:
        secrets = hub.vault.encrypt('{"account_sid": "AC1", "auth_token": "t"}')
        session.add(sms := Channel(name="sms", kind="sms", secrets=secrets, options={"from": "+4915100000"}))
        await session.flush()
        talk = await session.get_one(Conversation, talk.id)
        talk.channel_id = sms.id
    await hub.registry.load()
    page = await browser.get(path)
    assert "data-silent=" in page.text
    refused = await browser.post(f"{path}/reply", to, files={"voice": ("voice", tone("webm"), "audio/webm")})
    assert refused.status_code == 422
    assert "By SMS no recording can be sent." in refused.text


async def test_the_microphone_is_allowed_to_the_hub_alone(browse: NewBrowser) -> None:
    answer = await (await browse()).get("/sign-in")
    assert "microphone=(self)" in answer.headers["permissions-policy"]
