"""Sending, over the real client, to the double."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from channels.base import Button, Channel, MediaFile, Outbound, Template
from channels.whatsapp_cloud import WhatsAppCloud
from tests.providers.whatsapp import Person, WhatsAppServer
from tests.providers.whatsapp.state import NUMBER_ID, OTHER_NUMBER_ID, VERIFY_TOKEN
from tests.sounds import tone

JPEG = MediaFile(b"\xff\xd8\xff" + b"0" * 100, "image/jpeg", "letter.jpg")
TWO = (Button("topic:work", "Работа"), Button("topic:housing", "Жилище"))


def make(whatsapp: WhatsAppServer, token: str = "", number: str = NUMBER_ID) -> WhatsAppCloud:
    return WhatsAppCloud(token or whatsapp.token, whatsapp.app_secret, VERIFY_TOKEN, number, api_base=whatsapp.api_base)


@pytest_asyncio.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(whatsapp: WhatsAppServer) -> AsyncIterator[WhatsAppCloud]:
    cloud = make(whatsapp)
    as_protocol: Channel = cloud
    assert as_protocol.limits.text == 4096
    yield cloud
    await cloud.close()


@pytest.fixture
def maria(whatsapp: WhatsAppServer) -> Person:
    return whatsapp.person()


async def test_a_text_that_answers(whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person) -> None:
    asked = await maria.writes("Въпрос")
    receipt = await channel.send(maria.address, Outbound("Отговор *&", reply_to=asked.message["id"]))
    (sent,) = maria.sent
    assert (receipt.external_id, sent.text, sent.reply_to) == (sent.id, "Отговор *&", asked.message["id"])
    (call,) = whatsapp.calls("/messages")
    assert call.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "359888123456",
        "context": {"message_id": asked.message["id"]},
        "type": "text",
        "text": {"body": "Отговор *&", "preview_url": False},
    }
    assert call.path == f"/{NUMBER_ID}/messages"


async def test_somebody_without_a_number(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    ion = whatsapp.person(None, "RO.4455", "Ion")
    await channel.send("RO.4455", Outbound("Bună", TWO))
    (sent,) = ion.sent
    assert sent.text == "Bună"
    (call,) = whatsapp.calls()
    assert (call.body["recipient"], "to" in call.body) == ("RO.4455", False)


async def test_ids_that_the_hub_invented_are_not_answered(channel: WhatsAppCloud, maria: Person) -> None:
    await channel.send(maria.address, Outbound("Отговор", reply_to="preference:+359:1:stop"))
    assert maria.sent[0].reply_to is None


# Buttons and lists


async def sent_parts(channel: WhatsAppCloud, person: Person, message: Outbound) -> list[str]:
    parts = channel.parts(message)
    for part in parts:
        assert channel.parts(part) == (part,)
        await channel.send(person.address, part)
    return [sent.text for sent in person.sent]


async def test_up_to_three_buttons(channel: WhatsAppCloud, maria: Person) -> None:
    await sent_parts(channel, maria, Outbound("Изберете", (*TWO, Button("human", "Човек 🙋"))))
    (sent,) = maria.sent
    assert sent.buttons == (("Работа", "topic:work"), ("Жилище", "topic:housing"), ("Човек 🙋", "human"))
    assert sent.opener == ""


async def test_up_to_ten_rows(channel: WhatsAppCloud, maria: Person) -> None:
    buttons = tuple(Button(f"b{number}", f"Избор номер {number}") for number in range(10))
    await sent_parts(channel, maria, Outbound("Изберете", buttons, list_label="Отворете списъка тук"))
    (sent,) = maria.sent
    assert len(sent.buttons) == 10
    assert sent.opener == "Отворете списъка тук"
    await channel.send(maria.address, Outbound("Изберете", buttons))
    assert maria.sent[1].opener == "…"


async def test_long_labels_are_rows_with_the_whole_label_below(channel: WhatsAppCloud, maria: Person) -> None:
    long = "Как да намеря безплатен адвокат в моя град?"
    await sent_parts(channel, maria, Outbound("Изберете", (Button("a", long), Button("b", "Друго"))))
    (sent,) = maria.sent
    assert sent.buttons == ((long, "a"), ("Друго", "b"))
    (row, other) = sent.raw["interactive"]["action"]["sections"][0]["rows"]
    assert row == {"id": "a", "title": "Как да намеря безплатен…", "description": long}
    assert "description" not in other


@pytest.mark.parametrize(
    "buttons",
    [
        tuple(Button(f"b{number}", f"Избор {number}") for number in range(11)),
        (Button("a", "Едно и също"), Button("b", "Едно и също")),
        (Button("a", "д" * 73), Button("b", "Друго")),
        (Button("a", "Едно"), Button("a", "Друго")),
        (Button("a" * 257, "Едно"),),
        (Button(" a", "Едно"),),
    ],
)
async def test_what_fits_nowhere_becomes_numbers(
    channel: WhatsAppCloud, maria: Person, buttons: tuple[Button, ...]
) -> None:
    human = Button("human", "Човек")
    (text,) = await sent_parts(channel, maria, Outbound("Изберете", (human, *buttons)))
    lines = [f"{number} {button.label}" for number, button in enumerate(buttons, 1)]
    assert text == "\n".join(["Изберете", "", *lines, "0 Човек"])
    assert maria.sent[0].buttons == ()


async def test_a_long_text_stands_before_its_buttons(channel: WhatsAppCloud, maria: Person) -> None:
    text = "Първо изречение е тук. " * 60 + "Накрая."
    parts = await sent_parts(channel, maria, Outbound(text, TWO, reply_to=None))
    assert len(parts) == 2
    assert " ".join(parts) == text
    assert [sent.kind for sent in maria.sent] == ["text", "interactive"]


@pytest.mark.parametrize(
    ("length", "lengths"),
    [(0, []), (1, [1]), (4096, [4096]), (4097, [4096, 1]), (40960, [4096] * 10)],
)
def test_texts_at_the_limit(channel: WhatsAppCloud, length: int, lengths: list[int]) -> None:
    parts = channel.parts(Outbound("x" * length, reply_to="wamid.A"))
    assert [len(part.text) for part in parts] == lengths
    assert [part.reply_to for part in parts] == ["wamid.A", *[None] * (len(parts) - 1)][: len(parts)]


@pytest.mark.parametrize(("length", "texts"), [(1024, 1), (1025, 2), (4096, 2), (5000, 2), (5200, 3)])
def test_bodies_above_buttons(channel: WhatsAppCloud, length: int, texts: int) -> None:
    parts = channel.parts(Outbound("x" * length, TWO))
    assert len(parts) == texts
    assert sum(len(part.text) for part in parts) == length
    assert [bool(part.buttons) for part in parts] == [False] * (texts - 1) + [True]
    assert len(parts[-1].text) <= 1024


def test_no_character_is_cut(channel: WhatsAppCloud) -> None:
    parts = channel.parts(Outbound("👩‍👩‍👧" * 1000))
    assert all(len(part.text) % 5 == 0 for part in parts)


@pytest.mark.parametrize(
    "message",
    [Outbound("x", (Button("", "A"),)), Outbound("x", (Button("a", " "),)), Outbound(" ", (Button("a", "A"),))],
)
def test_impossible_buttons_are_our_mistake(channel: WhatsAppCloud, message: Outbound) -> None:
    with pytest.raises(ValueError, match="button"):
        channel.parts(message)


# Files


@pytest.mark.parametrize(
    ("mime", "name", "kind", "shown", "caption"),
    [
        ("image/jpeg", "a.jpg", "image", None, True),
        ("image/png", None, "image", None, True),
        ("application/pdf", "договор.pdf", "document", "договор.pdf", True),
        ("audio/ogg; codecs=opus", None, "audio", None, False),
        ("audio/mpeg", "x", "audio", None, False),
        ("video/mp4", "v.mp4", "video", None, True),
        ("image/webp", "s.webp", "sticker", None, False),
        ("text/plain", None, "document", None, True),
    ],
)
async def test_files(
    channel: WhatsAppCloud, maria: Person, mime: str, name: str | None, kind: str, shown: str | None, caption: bool
) -> None:
    texts = await sent_parts(channel, maria, Outbound("надпис", media=MediaFile(b"content", mime, name)))
    first = maria.sent[0]
    assert (first.kind, first.file, first.file_name) == (kind, b"content", shown)
    assert texts == (["надпис"] if caption else ["", "надпис"])


async def test_an_upload_names_file_and_type(whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person) -> None:
    await channel.send(maria.address, Outbound(media=MediaFile(b"x", "application/pdf", 'пи"см/о')))
    (call,) = whatsapp.calls("/media")
    assert call.body["file"] == ("пи_см_о.pdf", b"x", "application/pdf")
    assert (call.body["messaging_product"], call.body["type"]) == ("whatsapp", "application/pdf")


async def test_a_recording_goes_as_a_voice_note(channel: WhatsAppCloud, maria: Person) -> None:
    """Only Ogg with Opus may: other sound is refused so."""
    for kind, mime in (("ogg", "audio/ogg"), ("mp3", "audio/mpeg")):
        await channel.send(maria.address, Outbound(media=MediaFile(tone(kind), mime, f"voice.{kind}")))
    assert [(sent.kind, sent.raw["audio"].get("voice")) for sent in maria.sent] == [("audio", True), ("audio", None)]


async def test_a_big_photo_goes_as_a_document(channel: WhatsAppCloud, maria: Person) -> None:
    image = MediaFile(bytes(5_000_001), "image/jpeg", "big.jpg")
    await channel.send(maria.address, Outbound("надпис", media=image))
    assert [(sent.kind, sent.text) for sent in maria.sent] == [("document", "надпис")]


async def test_a_photo_with_buttons(channel: WhatsAppCloud, maria: Person) -> None:
    texts = await sent_parts(channel, maria, Outbound("Това ли е?", TWO, JPEG, reply_to=None))
    assert texts == ["", "Това ли е?"]
    assert [bool(sent.buttons) for sent in maria.sent] == [False, True]
    texts = await sent_parts(channel, maria, Outbound("", TWO, JPEG))
    assert texts[2:] == ["1 Работа\n2 Жилище"]


@pytest.mark.parametrize(("length", "texts"), [(0, [0]), (1024, [1024]), (1025, [0, 1025])])
def test_captions(channel: WhatsAppCloud, length: int, texts: list[int]) -> None:
    parts = channel.parts(Outbound("x" * length, media=JPEG))
    assert [len(part.text) for part in parts] == texts
    assert parts[0].media == JPEG


# Templates


async def test_a_template_opens_a_closed_window(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    maria = whatsapp.person(window=False)
    whatsapp.add_template("open", "bg", "Имаме отговор за {{1}}.\nДа пишем ли? {{2}}")
    message = Outbound("what the hub shows", template=Template("open", "bg", ("вас\n и\t децата", " ")))
    assert channel.parts(message) == (message,)
    await channel.send(maria.address, message)
    assert maria.sent[0].text == "Имаме отговор за вас и децата.\nДа пишем ли? –"
    assert maria.sent[0].raw["template"]["language"] == {"policy": "deterministic", "code": "bg"}
    answer = await maria.presses(maria.sent[0], "Да")
    assert answer.message["button"] == {"payload": "Да", "text": "Да"}


# Small calls


async def test_the_other_number_has_a_window_of_its_own(whatsapp: WhatsAppServer) -> None:
    person = whatsapp.person(number_id=OTHER_NUMBER_ID)
    cloud = make(whatsapp, number=OTHER_NUMBER_ID)
    await cloud.send(person.address, Outbound("x"))
    assert len(person.sent) == 1
    await cloud.close()


async def test_blue_ticks_and_typing(whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person) -> None:
    asked = await maria.writes("Въпрос")
    await channel.seen(asked.message["id"])
    await channel.seen(asked.message["id"], typing=True)
    marks = whatsapp.state.read_marks
    assert [mark.get("typing_indicator") for mark in marks] == [None, {"type": "text"}]
    assert marks[0] == {"messaging_product": "whatsapp", "status": "read", "message_id": asked.message["id"]}
    await channel.seen("wamid.unknown")
    whatsapp.goes_wrong(status=502, code=None)
    await channel.seen(asked.message["id"])
    await channel.acknowledge("anything")
    assert len(marks) == 2


def test_limits() -> None:
    assert WhatsAppCloud("t", "s", "v", "1").limits.per_second == 80
    limits = WhatsAppCloud("t", "s", "v", "1", per_second=20).limits
    assert (limits.per_second, limits.window_hours, limits.per_address_seconds) == (20, 24, 6)
