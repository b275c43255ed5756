"""An answer read aloud: kept with the draft, approved with its language, sent before the text, never by SMS."""

from datetime import date

import pytest

from app.editor import recordings
from app.editor.drafts import Stale, open_piece
from app.editor.hints import hints_for
from app.editor.speaking import Scene, speak
from app.errors import BadInput
from app.hub import Hub
from tests import sounds
from tests.editor.conftest import Desk

TOPIC = "work.wage_unpaid"
DAY = date(2026, 6, 1)


async def test_kept_for_a_language_and_said_before_its_words(hub: Hub, desk: Desk) -> None:
    voice = await recordings.as_voice(sounds.tone("webm"))
    async with hub.db.transaction() as session:
        piece = await recordings.keep(hub, session, desk.ana, TOPIC, "ro", voice, seen=0)
        assert piece.changed == {"ro"}
        again = await recordings.keep(hub, session, desk.ana, TOPIC, "ro", voice, seen=piece.revision)
        assert again.revision == piece.revision
        file = await recordings.sound(session, piece.data["audio"]["ro"])
        assert file.data == voice
        with pytest.raises(Stale):
            await recordings.keep(hub, session, desk.boris, TOPIC, "bg", voice, seen=0)
        with pytest.raises(BadInput):
            await recordings.keep(hub, session, desk.boris, TOPIC, "tr", voice, seen=piece.revision)
    await hub.shelf.load()
    first = speak(hub, piece.data, Scene("ro", "", DAY, "telegram"))[0].outbound
    assert first.media is not None
    assert first.media.mime == "audio/ogg"
    assert all(part.outbound.media is None for part in speak(hub, piece.data, Scene("ro", "", DAY, "sms")))
    assert all(part.outbound.media is None for part in speak(hub, piece.data, Scene("bg", "", DAY, "telegram")))
    async with hub.db.transaction() as session:
        gone = await recordings.remove(hub, session, desk.boris, TOPIC, "ro", seen=piece.revision)
        assert gone.changed == set()
        assert (await open_piece(session, "entry", TOPIC)).data.get("audio") == {}


async def test_what_is_no_recording_is_refused() -> None:
    with pytest.raises(BadInput):
        await recordings.as_voice(b"no sound")


def test_hints_name_what_is_hard_and_the_words_for_it() -> None:
    text = "Идете в Arbeitsgericht. Там искат 20 € от Вас."
    found = hints_for({"answers": {"bg": {"label": "x" * 21, "messages": [text], "sms": "Идете в съда."}}}, "bg", 7.5)
    assert found.unexplained == ("Arbeitsgericht",)
    assert [term.de for term in found.terms] == ["Arbeitsgericht"]
    assert found.amounts == ("20 €",)
    assert [each.what for each in found.too_long] == ["label"]
    assert found.sms is not None
    assert (found.sms.encoding, found.cents) == ("UCS-2", 7.5)
    assert not found.quiet
