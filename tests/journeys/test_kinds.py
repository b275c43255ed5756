"""Everything that is not words: files, places, reactions, edits, groups."""

import pytest
import sqlalchemy as sa

from app.models import Address, Media, Message
from tests.journeys.test_danger import VIOLENCE
from tests.journeys.test_first_contact import texts
from tests.stage import Stage
from translations.phrases import phrase

JPEG = b"\xff\xd8\xff\xe0" + b"letter" * 1000


async def test_a_voice_note_is_handed_over_with_a_kind_word_and_kept(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    sent = await stage.after(person.sends_voice(b"OggS" * 50))
    assert texts(sent) == [phrase("media.voice", "bg"), phrase("handover.unknown", "bg")]
    (media,) = await stage.rows(sa.select(Media).options(sa.orm.undefer(Media.content)))
    assert (media.status, media.mime, media.content) == ("stored", "audio/ogg", b"OggS" * 50)
    assert [case.reason for case in await stage.cases()] == ["voice"]


async def test_a_photo_s_largest_size_and_caption_are_kept(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await stage.after(person.sends_photo(JPEG, caption="шефът не ми плаща заплатата"))
    assert phrase("media.photo", "bg") in texts(sent)
    (media,) = await stage.rows(sa.select(Media).options(sa.orm.undefer(Media.content)))
    assert media.content == JPEG
    (case,) = await stage.cases()
    assert (case.reason, case.needs) == ("photo", ["work.wage_unpaid"])


async def test_an_album_gets_one_kind_word(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    pages = [person.sends_photo(JPEG + bytes([number]), album="a1") for number in range(4)]
    sent = await stage.after(*pages)
    assert texts(sent).count(phrase("media.photo", "bg")) == 1
    assert len(sent) == 2
    stored = await stage.rows(sa.select(Media.status))
    assert stored == ["stored"] * 4
    assert len(await stage.cases()) == 1


async def test_documents_and_what_is_refused_with_a_reason(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.after(
        person.sends_document(b"%PDF-1.7", "brief.pdf", "application/pdf"),
        person.sends_document(b"MZ", "brief.exe", "application/x-msdownload"),
        person.sends_document(b"<svg/>", "bild.svg", "image/svg+xml"),
    )
    kept = await stage.rows(sa.select(Media).order_by(Media.id))
    assert [(media.status, media.reason) for media in kept] == [
        ("stored", None), ("refused", "wrong_type"), ("refused", "wrong_type"),
    ]  # fmt: skip


async def test_files_that_cannot_be_had(stage: Stage) -> None:
    person = stage.telegram.person()
    files = stage.telegram.state.files
    await person.sends_voice(b"a" * 10)
    files[list(files)[-1]].fault = "missing"
    await person.sends_voice(b"b" * 10)
    files[list(files)[-1]].announced = 25_000_000
    await person.sends_voice(b"c" * 10)
    files[list(files)[-1]].fault = "redirect"
    await stage.run()
    kept = await stage.rows(sa.select(Media).order_by(Media.id))
    assert all(media.status in ("refused", "wanted") for media in kept)
    assert [media.reason for media in kept][1] == "too_large"
    assert all(
        media.content is None for media in await stage.rows(sa.select(Media).options(sa.orm.undefer(Media.content)))
    )


async def test_a_download_that_fails_for_a_moment_is_tried_again(stage: Stage) -> None:
    person = stage.telegram.person()
    await person.sends_voice(b"a" * 10)
    file = next(iter(stage.telegram.state.files.values()))
    file.fault = "broken"
    await stage.run()
    (media,) = await stage.rows(sa.select(Media))
    assert (media.status, media.attempts) == ("wanted", 1)
    assert media.next_try_at is not None
    file.fault = ""
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text("update procrastinate_jobs set scheduled_at = null"))
    await stage.run()
    assert await stage.rows(sa.select(Media.status)) == ["stored"]


async def test_places_and_cards_are_for_humans_stickers_get_the_menu(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    sent = await stage.after(
        person.sends(sticker={"file_id": "x", "file_unique_id": "y", "emoji": "👍", "width": 1, "height": 1})
    )
    assert texts(sent) == [phrase("not_understood.kind", "bg")]
    sent = await stage.after(person.sends(dice={"emoji": "🎲", "value": 3}))
    assert texts(sent) == [phrase("not_understood.kind", "bg")]
    sent = await stage.after(person.sends_location(51.2, 11.97))
    assert texts(sent)[0] == phrase("media.other", "bg")
    (located,) = await stage.messages(Message.kind == "location")
    assert located.payload["location"]["latitude"] == 51.2


async def test_service_messages_and_bots_are_nothing(stage: Stage) -> None:
    person = stage.telegram.person()
    assert await stage.after(person.sends(new_chat_title="Нов")) == []
    assert await stage.messages() == []


async def test_an_edit_is_kept_with_the_original_and_is_no_new_turn(stage: Stage) -> None:
    person = stage.telegram.person()
    written = await person.writes("шефът не ми плаща заплатата")
    await stage.run()
    assert await stage.after(person.edits(written, "шефът не ми плаща заплатата от май")) == []
    assert await stage.after(person.edits(written, "шефът не ми плаща заплатата от юни")) == []
    (message,) = await stage.messages(Message.direction == "in")
    assert message.text == "шефът не ми плаща заплатата от юни"
    assert [edit["text"] for edit in message.edits] == [
        "шефът не ми плаща заплатата", "шефът не ми плаща заплатата от май",
    ]  # fmt: skip


async def test_an_edit_that_tells_of_danger_alerts(stage: Stage) -> None:
    person = stage.telegram.person()
    written = await person.writes("здравейте")
    await stage.run()
    sent = await stage.after(person.edits(written, VIOLENCE["bg"]))
    assert texts(sent)[0] == phrase("danger.violence", "bg")
    assert [case.urgency for case in await stage.cases()] == ["urgent"]


async def test_an_edit_of_something_never_seen_is_what_the_person_said(stage: Stage) -> None:
    person = stage.telegram.person()
    written = await person.writes("шефът не ми плаща")
    stage.telegram.state.pending.clear()
    sent = await stage.after(person.edits(written, "шефът не ми плаща заплатата"))
    assert texts(sent)[0] == phrase("greeting", "bg")


async def test_reactions_are_kept_and_not_answered(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await stage.says(person, "шефът не ми плаща заплатата")
    assert await stage.after(person.reacts(sent[-1], "👍"), person.reacts(sent[-1], "", before="👍")) == []
    assert [message.text for message in await stage.messages(Message.kind == "reaction")] == ["👍", ""]
    assert (await stage.conversation()).mode == "bot"


async def test_groups_are_stored_and_never_answered(stage: Stage) -> None:
    person, group = stage.telegram.person(), stage.telegram.group()
    sent = await stage.after(
        person.writes("шефът не ми плаща заплатата", chat=group),
        person.writes("0", chat=group),
        person.writes("стоп", chat=group),
    )
    assert sent == []
    stored = await stage.messages()
    assert [message.text for message in stored] == ["шефът не ми плаща заплатата", "0", "стоп"]
    assert {message.sender for message in stored} == {str(person.id)}
    assert (await stage.conversation()).mode == "bot"


async def test_a_group_that_becomes_a_supergroup_is_the_same_conversation(stage: Stage) -> None:
    person, group = stage.telegram.person(), stage.telegram.group(-900_001)
    await stage.after(person.writes("първо", chat=group), group.migrates(-1_001_900_001))
    await stage.after(person.writes("второ", chat=group))
    conversation = await stage.conversation()
    address = (await stage.rows(sa.select(Address)))[0]
    assert stage.hub.vault.decrypt(address.value) == "-1001900001"
    assert [m.text for m in await stage.messages()] == ["първо", "второ"]
    assert conversation.last_seq == 2


@pytest.mark.parametrize("words", ["🙂", "???", "а", "\u200b\u200b", "👨‍👩‍👧‍👦" * 300, "a" * 4096])
async def test_odd_texts_are_answered_or_handed_over_never_lost(stage: Stage, words: str) -> None:
    sent = await stage.says(stage.telegram.person(), words)
    assert len(sent) >= 1
    assert len(await stage.messages(Message.direction == "in")) == 1
