"""Sending, over the real client, to the double."""

import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.base import Button, Channel, MediaFile, Outbound, SendError, SendErrorKind
from channels.telegram import Telegram
from channels.telegram_wire import Wire
from channels.text import utf16_length
from tests.providers.telegram import Person, TelegramServer

K = SendErrorKind
JPEG = MediaFile(b"\xff\xd8\xff" + b"0" * 100, "image/jpeg", "letter.jpg")


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(telegram: TelegramServer) -> AsyncIterator[Telegram]:
    bot = Telegram(telegram.token, "secret", telegram.api_base)
    as_protocol: Channel = bot
    assert as_protocol.limits.text == 4096
    yield bot
    await bot.close()


@pytest.fixture
def maria(telegram: TelegramServer) -> Person:
    return telegram.person()


async def test_text_with_buttons_and_reply(telegram: TelegramServer, channel: Telegram, maria: Person) -> None:
    asked = await maria.writes("Въпрос")
    reply_to = f"{maria.id}:{asked.message['message_id']}"
    buttons = (Button("topic:work", "Работа"), Button("topic:housing", "Жилище"))
    receipt = await channel.send(str(maria.id), Outbound("Отговор <b>&", buttons, reply_to=reply_to))
    (sent,) = telegram.sent_to(maria.id)
    assert receipt.external_id == f"{maria.id}:{sent.message_id}"
    assert sent.text == "Отговор <b>&"
    assert sent.buttons == (("Работа", "topic:work"), ("Жилище", "topic:housing"))
    assert sent.reply_to == asked.message["message_id"]
    parameters = telegram.calls("sendMessage")[0].parameters
    assert "parse_mode" not in parameters
    assert parameters["link_preview_options"] == '{"is_disabled": true}'
    assert len(telegram.state.chats[maria.id].messages[sent.message_id]["reply_markup"]["inline_keyboard"]) == 2


@pytest.mark.parametrize("reply_to", ["{me}:4711", "42:1", "callback:99", "nonsense", ""])
async def test_a_reply_to_something_gone_or_foreign_is_sent_without(
    telegram: TelegramServer, channel: Telegram, maria: Person, reply_to: str
) -> None:
    await channel.send(str(maria.id), Outbound("Отговор", reply_to=reply_to.format(me=maria.id)))
    assert telegram.sent_to(maria.id)[0].reply_to is None


@pytest.mark.parametrize(
    ("mime", "name", "method", "shown"),
    [
        ("image/jpeg", "a.jpg", "sendPhoto", "a.jpg"),
        ("image/png", None, "sendPhoto", "photo.png"),
        ("application/pdf", "договор.pdf", "sendDocument", "договор.pdf"),
        ("audio/ogg; codecs=opus", None, "sendVoice", "voice.oga"),
        ("audio/mpeg", "x", "sendAudio", "x.mp3"),
        ("video/mp4", "v.mp4", "sendVideo", "v.mp4"),
        ("image/svg+xml", "v.svg", "sendDocument", "v.svg"),
        ("text/x-odd", None, "sendDocument", "document"),
    ],
)
async def test_files(
    telegram: TelegramServer, channel: Telegram, maria: Person, mime: str, name: str | None, method: str, shown: str
) -> None:
    await channel.send(str(maria.id), Outbound("надпис", (Button("a", "A"),), MediaFile(b"content", mime, name)))
    (sent,) = telegram.sent_to(maria.id)
    assert (sent.method, sent.file, sent.text) == (method, b"content", "надпис")
    assert sent.file_name == shown or (
        mime == "audio/ogg; codecs=opus" and sent.file_name in ("voice.ogg", "voice.oga")
    )
    assert sent.buttons == (("A", "a"),)


async def test_a_big_photo_goes_as_a_document(telegram: TelegramServer, channel: Telegram, maria: Person) -> None:
    await channel.send(str(maria.id), Outbound(media=MediaFile(bytes(10_000_001), "image/jpeg", "big.jpg")))
    assert telegram.sent_to(maria.id)[0].method == "sendDocument"


@pytest.mark.parametrize("content", [b"", bytes(50_000_001)])
async def test_files_that_telegram_refuses_are_not_even_tried(
    telegram: TelegramServer, channel: Telegram, maria: Person, content: bytes
) -> None:
    error = await fails(channel, maria, Outbound(media=MediaFile(content, "application/pdf")))
    assert error.kind is K.MEDIA_REFUSED
    assert telegram.calls() == []


# Parts


def test_long_texts_are_cut_by_utf16_units_and_buttons_stay_last(channel: Telegram) -> None:
    text = "😀" * 3000 + " край"
    parts = channel.parts(Outbound(text, (Button("a", "A"),), reply_to="1:2"))
    assert [utf16_length(part.text) for part in parts] == [4096, 6000 - 4096 + 5]
    assert "".join(part.text for part in parts) == text
    assert [bool(part.buttons) for part in parts] == [False, True]
    assert [part.reply_to for part in parts] == ["1:2", None]


@pytest.mark.parametrize(("length", "texts"), [(0, [""]), (1024, ["x" * 1024]), (1025, ["", "x" * 1025])])
def test_captions(channel: Telegram, length: int, texts: list[str]) -> None:
    parts = channel.parts(Outbound("x" * length, (Button("a", "A"),), JPEG))
    assert [part.text for part in parts] == texts
    assert parts[0].media == JPEG
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_nothing_to_say_makes_no_part(channel: Telegram) -> None:
    assert channel.parts(Outbound(" \n")) == ()


@pytest.mark.parametrize(
    "message",
    [
        Outbound("x", (Button("б" * 33, "A"),)),
        Outbound("x", (Button("", "A"),)),
        Outbound("x", (Button("a", " "),)),
        Outbound("", (Button("a", "A"),)),
    ],
)
def test_impossible_buttons_are_our_mistake(channel: Telegram, message: Outbound) -> None:
    with pytest.raises(ValueError, match="button"):
        channel.parts(message)


async def test_everything_that_parts_makes_is_accepted(
    telegram: TelegramServer, channel: Telegram, maria: Person
) -> None:
    label = "Много дълъг надпис за един малък бутон, който никой не би прочел докрай 😀😀"
    message = Outbound("дума 👨‍👩‍👧 " * 2000 + "\x00\ud83d", (Button("б" * 32, label),), JPEG)
    parts = channel.parts(message)
    for part in parts:
        await channel.send(str(maria.id), part)
    sent = telegram.sent_to(maria.id)
    assert len(sent) == len(parts) == 8
    assert utf16_length(sent[-1].buttons[0][0]) <= 64
    assert sent[-1].buttons[0][0].endswith("…")


# Errors


async def fails(channel: Telegram, person: Person, message: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(str(person.id), message or Outbound("Тайна"))
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "Тайна" not in str(error)
    assert "AAF-double" not in repr(error)
    return error


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("blocked", K.BLOCKED),
        ("kicked", K.BLOCKED),
        ("never_started", K.BLOCKED),
        ("deactivated", K.ADDRESS_GONE),
    ],
)
async def test_closed_chats(channel: Telegram, maria: Person, state: Any, kind: SendErrorKind) -> None:
    maria.chat.state = state
    assert (await fails(channel, maria)).kind is kind


@pytest.mark.parametrize("address", ["42", "not-a-number"])
async def test_unknown_chats(channel: Telegram, address: str) -> None:
    with pytest.raises(SendError) as caught:
        await channel.send(address, Outbound("x"))
    assert (caught.value.kind, caught.value.detail) == (K.ADDRESS_GONE, "Chat not found")


async def test_a_migrated_group_names_its_new_address(telegram: TelegramServer, channel: Telegram) -> None:
    group = telegram.group(-400)
    await group.migrates(-1001234567890)
    with pytest.raises(SendError) as caught:
        await channel.send("-400", Outbound("x"))
    assert (caught.value.kind, caught.value.new_address) == (K.ADDRESS_GONE, "-1001234567890")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"retry_after": 7}, K.RATE_LIMITED),
        ({"status": 429, "json": False}, K.RATE_LIMITED),
        ({"status": 500}, K.UNCERTAIN),
        ({"status": 502, "json": False}, K.UNCERTAIN),
        ({"status": 504, "json": False, "accept": True}, K.UNCERTAIN),
        ({"status": 503, "json": False}, K.PROVIDER_DOWN),
        ({"status": 413, "json": False}, K.MEDIA_REFUSED),
        ({"status": 401, "description": "Unauthorized"}, K.CREDENTIALS),
        ({"status": 404, "json": False}, K.CREDENTIALS),
        ({"status": 302, "json": False}, K.REFUSED),
        ({"status": 400, "json": False}, K.REFUSED),
        ({"garbage": True}, K.UNCERTAIN),
        ({"status": 400, "description": "Bad Request: not enough rights to send text messages"}, K.REFUSED),
        ({"status": 400, "description": 'Bad Request: can\'t parse "Тайна"'}, K.REFUSED),
        ({"status": 400, "description": "Bad Request: PEER_ID_INVALID"}, K.ADDRESS_GONE),
    ],
)
async def test_refusals(
    telegram: TelegramServer, channel: Telegram, maria: Person, fault: dict[str, Any], kind: SendErrorKind
) -> None:
    telegram.goes_wrong(**fault)
    error = await fails(channel, maria)
    assert error.kind is kind
    assert error.retry_after == fault.get("retry_after")
    await channel.send(str(maria.id), Outbound("И отново"))


async def test_too_long(channel: Telegram, maria: Person) -> None:
    assert (await fails(channel, maria, Outbound("x" * 4097))).kind is K.TOO_LONG
    assert (await fails(channel, maria, Outbound("x" * 1025, media=JPEG))).kind is K.TOO_LONG
    assert (await fails(channel, maria, Outbound(" "))).kind is K.REFUSED


async def test_a_refused_photo(telegram: TelegramServer, channel: Telegram, maria: Person) -> None:
    telegram.goes_wrong(status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    assert (await fails(channel, maria, Outbound(media=JPEG))).kind is K.MEDIA_REFUSED


async def test_a_timeout_after_acceptance_is_uncertain(
    telegram: TelegramServer, channel: Telegram, maria: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await channel.close()
    monkeypatch.setattr("channels.telegram.Wire", lambda: Wire(read_timeout=0.2))
    hasty = Telegram(telegram.token, "secret", telegram.api_base)
    telegram.goes_wrong(hang=True, accept=True)
    error = await fails(hasty, maria)
    await hasty.close()
    assert (error.kind, error.detail) == (K.UNCERTAIN, "ReadTimeout")
    assert len(telegram.sent_to(maria.id)) == 1


async def test_nobody_there_is_unreachable(telegram: TelegramServer, maria: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    channel = Telegram(telegram.token, "secret", f"http://127.0.0.1:{port}")
    error = await fails(channel, maria)
    await channel.close()
    assert (error.kind, error.detail) == (K.UNREACHABLE, "ConnectError")


async def test_an_unusable_base_is_unreachable(telegram: TelegramServer, maria: Person) -> None:
    channel = Telegram(telegram.token, "secret", "api.telegram.org")
    assert (await fails(channel, maria)).kind is K.UNREACHABLE
    await channel.close()


@pytest.mark.parametrize("token", ["", "123:wrong", "not a token/../x?y#z"])
async def test_a_wrong_token(telegram: TelegramServer, maria: Person, token: str) -> None:
    channel = Telegram(token, "secret", telegram.api_base)
    assert (await fails(channel, maria)).kind is K.CREDENTIALS
    await channel.close()


async def test_neither_token_nor_text_reach_the_log(
    telegram: TelegramServer, channel: Telegram, maria: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in ({}, {"garbage": True}, {"status": 502, "json": False}, {"retry_after": 1}):
        if fault:
            telegram.goes_wrong(**fault)
            await fails(channel, maria)
        else:
            await channel.send(str(maria.id), Outbound("Тайна"))
    assert telegram.token not in caplog.text
    assert "Тайна" not in caplog.text


# Small calls


async def test_presses_are_acknowledged_and_late_ones_harmless(
    telegram: TelegramServer, channel: Telegram, maria: Person
) -> None:
    await channel.send(str(maria.id), Outbound("?", (Button("a", "A"),)))
    (sent,) = await maria.hears()
    press = (await maria.presses(sent, "A")).update["callback_query"]
    await channel.acknowledge(press["id"])
    assert telegram.state.queries[press["id"]] == [""]
    await channel.acknowledge("long-gone")
    telegram.goes_wrong(method="answer", status=500)
    await channel.acknowledge(press["id"])


async def test_typing(telegram: TelegramServer, channel: Telegram, maria: Person) -> None:
    await channel.typing(str(maria.id))
    await channel.typing("42")
    assert [call.status for call in telegram.calls("sendChatAction")] == [200, 400]
