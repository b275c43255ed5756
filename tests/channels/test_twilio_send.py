"""Sending, over the real client, to the double."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.base import Button, Channel, MediaFile, Outbound, SendError, SendErrorKind, Template
from channels.sms_text import segments
from channels.text import utf16_length
from channels.twilio import Twilio
from channels.twilio_fields import TwilioKind
from tests.providers.twilio import Person, TwilioServer

JPEG = MediaFile(b"\xff\xd8\xff", "image/jpeg", "letter.jpg")
PDF = MediaFile(b"%PDF", "application/pdf", "a.pdf")
LINK = "https://hub.example/media/token"
BUTTONS = (Button("topic:work", "Работа"), Button("human", "Човек"), Button("topic:housing", "Жилище\nи дом"))


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


def make(twilio: TwilioServer, kind: TwilioKind = "sms", **options: Any) -> Twilio:
    return Twilio(kind, twilio.account, twilio.token, twilio.number, **{"api_base": twilio.api_base, **options})


@pytest_asyncio.fixture
async def sms(twilio: TwilioServer) -> AsyncIterator[Twilio]:
    channel = make(twilio)
    as_protocol: Channel = channel
    assert as_protocol.limits.text == 1600
    yield channel
    await channel.close()


@pytest_asyncio.fixture
async def whatsapp(twilio: TwilioServer) -> AsyncIterator[Twilio]:
    channel = make(twilio, "whatsapp")
    yield channel
    await channel.close()


@pytest.fixture
def maria(twilio: TwilioServer) -> Person:
    return twilio.person()


async def test_sms(twilio: TwilioServer, sms: Twilio, maria: Person) -> None:
    receipt = await sms.send(maria.number, Outbound("Отговор & <b> + 50 % 😀\nред"))
    (sent,) = maria.sent()
    assert receipt.external_id == sent.sid
    assert (sent.body, sent.sender, sent.to) == ("Отговор & <b> + 50 % 😀\nред", twilio.number, maria.number)
    assert {name for name, _ in twilio.calls("Messages")[0].parameters} == {"To", "From", "Body"}


@pytest.mark.parametrize("number", ["+359888123456", "US.13491208655302741918"])
async def test_whatsapp(twilio: TwilioServer, whatsapp: Twilio, number: str) -> None:
    person = twilio.person(number, whatsapp=True)
    await whatsapp.send(number, Outbound("Отговор"))
    (sent,) = person.sent()
    assert (sent.to, sent.sender) == (f"whatsapp:{number}", f"whatsapp:{twilio.number}")


async def test_service_and_callback(twilio: TwilioServer, maria: Person) -> None:
    service = twilio.add_service()
    channel = make(twilio, messaging_service=service.sid, status_callback="https://hub.example/webhooks/sms/status")
    twilio.news = ()
    await channel.send(maria.number, Outbound("Отговор"))
    await channel.close()
    (sent,) = maria.sent()
    assert (sent.service, sent.callback) == (service.sid, "https://hub.example/webhooks/sms/status")
    assert twilio.calls("Messages")[0].get("From") is None


async def test_templates(twilio: TwilioServer, whatsapp: Twilio) -> None:
    maria = twilio.person(whatsapp=True)
    sid = twilio.add_template("Здравейте, {{1}}: {{2}}")
    message = Outbound("Здравейте, …", template=Template(sid, "bg", ("Мария", 'а "б"')))
    assert whatsapp.parts(message) == (message,)
    await whatsapp.send(maria.number, message)
    call = twilio.calls("Messages")[0]
    assert json.loads(call.get("ContentVariables") or "") == {"1": "Мария", "2": 'а "б"'}
    assert call.get("Body") is None
    assert maria.sent()[0].body == 'Здравейте, Мария: а "б"'
    await whatsapp.send(maria.number, Outbound(template=Template(sid, "bg")))
    assert twilio.calls("Messages")[1].get("ContentVariables") is None


async def test_files_go_by_link(twilio: TwilioServer, whatsapp: Twilio) -> None:
    maria = twilio.person(whatsapp=True)
    file = Outbound("надпис", media=JPEG, media_url=LINK)
    assert whatsapp.parts(file) == (file,)
    await whatsapp.send(maria.number, file)
    await whatsapp.send(maria.number, Outbound(media_url=LINK))
    assert [sent.media_urls for sent in maria.sent()] == [(LINK,), (LINK,)]
    with pytest.raises(SendError) as caught:
        await whatsapp.send(maria.number, Outbound(media=JPEG))
    assert caught.value.kind is SendErrorKind.MEDIA_REFUSED


# Parts


def test_buttons_become_numbers(sms: Twilio, whatsapp: Twilio) -> None:
    assert sms.parts(Outbound("Изберете", BUTTONS)) == (Outbound("Изберете\n1 Работа\n2 Жилище и дом\n0 Човек"),)
    (part,) = whatsapp.parts(Outbound("Изберете", BUTTONS))
    assert part == Outbound("Изберете\n\n1 Работа\n2 Жилище и дом\n0 Човек")
    with pytest.raises(ValueError, match="buttons"):
        sms.parts(Outbound(" ", BUTTONS))


async def test_buttons_that_skipped_the_parts_are_numbers_too(sms: Twilio, maria: Person) -> None:
    await sms.send(maria.number, Outbound("Изберете", BUTTONS))
    assert maria.sent()[0].body == "Изберете\n1 Работа\n2 Жилище и дом\n0 Човек"


def test_numbered_lines_stay_together(sms: Twilio) -> None:
    many = tuple(Button(f"b{number}", f"Избор номер {number} " + "я" * 20) for number in range(11))
    parts = sms.parts(Outbound("дума " * 300, many))
    assert len(parts) == 2
    assert parts[1].text.startswith("1 Избор")
    assert parts[1].text.splitlines()[-1].startswith("11 Избор")


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("x" * 1600, [1600]),
        ("x" * 1601, [1530, 71]),
        ("x" * 3060, [1530, 1530]),
        ("x" * 3200, [1600, 1600]),
        ("x" * 16_000, [1600] * 10),
        ("ж" * 1600, [1600]),
        ("ж" * 1601, [1541, 60]),
        ("ж" * 3200, [1600, 1600]),
        ("", []),
    ],
)
def test_sms_are_cut_where_segments_end(sms: Twilio, text: str, lengths: list[int]) -> None:
    parts = sms.parts(Outbound(text))
    assert [len(part.text) for part in parts] == lengths
    assert sum(segments(part.text).count for part in parts) <= segments(text).count + len(parts)


@pytest.mark.parametrize("kind", ["sms", "whatsapp"])
async def test_everything_that_parts_makes_is_accepted(twilio: TwilioServer, kind: TwilioKind) -> None:
    channel, maria = make(twilio, kind), twilio.person(whatsapp=kind == "whatsapp")
    message = Outbound("дума 👨‍👩‍👧 " * 1600 + "\x00\ud83d", BUTTONS, JPEG, LINK)
    parts = channel.parts(message)
    for part in parts:
        assert utf16_length(part.text) <= 1600
        await channel.send(maria.number, part)
    await channel.close()
    assert [sent.body for sent in maria.sent()] == [part.text for part in parts]
    assert "".join(parts[i].text for i in range(len(parts))).count("👨‍👩‍👧") == 1600


@pytest.mark.parametrize(
    ("kind", "media", "texts"),
    [
        ("sms", PDF, ["надпис"]),
        ("whatsapp", JPEG, ["надпис"]),
        ("whatsapp", PDF, ["", "надпис"]),
        ("whatsapp", MediaFile(b"x", "audio/ogg"), ["", "надпис"]),
    ],
)
def test_captions(twilio: TwilioServer, kind: TwilioKind, media: MediaFile, texts: list[str]) -> None:
    parts = make(twilio, kind).parts(Outbound("надпис", media=media, media_url=LINK))
    assert [part.text for part in parts] == texts
    assert (parts[0].media, parts[0].media_url) == (media, LINK)
    assert all(part.media is None and part.media_url is None for part in parts[1:])


def test_limits(sms: Twilio, whatsapp: Twilio) -> None:
    assert (sms.limits.window_hours, whatsapp.limits.window_hours) == (None, 24)
    assert (sms.limits.per_second, whatsapp.limits.per_second) == (1, 20)
    assert Twilio("sms", "AC", "t", "+4915", per_second=100).limits.per_second == 100
    assert sms.limits.needs_media_url is whatsapp.limits.needs_media_url is True


async def test_presses_need_no_word(sms: Twilio) -> None:
    await sms.acknowledge("any")
