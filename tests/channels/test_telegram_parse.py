"""Every kind of update that Telegram sends, as it reads afterwards."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from channels.base import AddressChange, Button, ContactCard, Inbound, InboundEdit, Location, MediaRef, WebhookRequest
from channels.telegram import Telegram
from channels.telegram_parse import parse_body, parse_update

FIXTURES = Path(__file__).parent.parent / "fixtures" / "telegram"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
OWN_ID = 123456789
SENT = datetime(2026, 1, 1, tzinfo=UTC)
ME, GROUP = "5000000001", "-1001234567890"


def load(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return raw


def read(name: str) -> Inbound:
    parsed = parse_body((FIXTURES / f"{name}.json").read_bytes(), own_id=OWN_ID)
    assert parsed.unused == ()
    (item,) = parsed.items
    assert isinstance(item, Inbound)
    return item


def private(name: str, **fields: Any) -> Inbound:
    message_id = next(value for key, value in load(name).items() if key != "update_id")["message_id"]
    about = {"provider_time": SENT, "language_hint": "bg", **fields}
    return Inbound(external_id=f"{ME}:{message_id}", address=ME, **about)


def in_group(name: str, address: str = GROUP, sender: str = ME, **fields: Any) -> Inbound:
    message_id = load(name)["message"]["message_id"]
    about = {"provider_time": SENT, "language_hint": "bg", "kind": "text", **fields}
    return Inbound(external_id=f"{address}:{message_id}", address=address, sender=sender, group=True, **about)


PRIVATE: dict[str, dict[str, Any]] = {
    "text": {"kind": "text", "text": "Здравейте, как да си сменя адреса?"},
    "text_utf16_entities": {"kind": "text", "text": "👋🏽 Виж https://example.org"},
    "photo": {
        "kind": "photo",
        "text": "Писмо от JobCenter",
        "media": (MediaRef("FILE-large", "image/jpeg", None, 181000),),
    },
    "live_photo": {"kind": "photo", "media": (MediaRef("FILE-still", "image/jpeg", None, 30000),)},
    "voice": {"kind": "voice", "media": (MediaRef("FILE-voice", "audio/ogg", None, 31000),)},
    "audio": {"kind": "audio", "media": (MediaRef("FILE-audio", "audio/mpeg", "pesen.mp3", 4000000),)},
    "video": {"kind": "video", "text": "виж", "media": (MediaRef("FILE-video", "video/mp4", None, 900000),)},
    "video_note": {"kind": "video", "media": (MediaRef("FILE-round", "video/mp4", None, 500000),)},
    "animation": {"kind": "animation", "media": (MediaRef("FILE-gif", "video/mp4", "cat.mp4", 70000),)},
    "document": {
        "kind": "document",
        "text": "договор",
        "media": (MediaRef("FILE-doc", "application/pdf", "договор.pdf", 88000),),
    },
    "sticker": {
        "kind": "sticker",
        "media": (MediaRef("FILE-sticker", "image/webp", None, 20000),),
        "extra": {"emoji": "👍"},
    },
    "sticker_animated": {"kind": "sticker", "media": (MediaRef("FILE-tgs", "application/x-tgsticker"),)},
    "sticker_video": {"kind": "sticker", "media": (MediaRef("FILE-webm", "video/webm"),), "extra": {"emoji": "😀"}},
    "location": {"kind": "location", "location": Location(51.1996, 11.9689)},
    "location_live": {"kind": "location", "location": Location(51.2, 11.97), "extra": {"live": True}},
    "venue": {"kind": "location", "location": Location(51.2, 11.97, "Jobcenter, Am Markt 1")},
    "contact": {"kind": "contact", "contact": ContactCard("Иван Петров", ("+359888123456",))},
    "reply": {"kind": "text", "text": "да", "reply_to": f"{ME}:77"},
    "reply_external": {"kind": "text", "text": "това?"},
    "forward_user": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "forward_hidden": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "forward_channel": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "forward_chat": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "forward_old_style": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "album_1": {
        "kind": "photo",
        "text": "две страници",
        "media": (MediaRef("FILE-page1", "image/jpeg"),),
        "album": "13900000000000001",
    },
    "album_2": {"kind": "photo", "media": (MediaRef("FILE-page2", "image/jpeg"),), "album": "13900000000000001"},
    "start": {"kind": "text", "text": "/start"},
    "start_payload": {"kind": "text", "text": "/start", "start_payload": "poster-wsf_7"},
    "start_at_bot": {"kind": "text", "text": "/start", "start_payload": "poster-wsf_7"},
    "web_app_data": {"kind": "unknown", "extra": {"fields": ["web_app_data"], "data": '{"choice": 2}'}},
    "poll": {"kind": "unknown", "extra": {"fields": ["poll"]}},
    "dice": {"kind": "unknown", "extra": {"fields": ["dice"]}},
    "story": {"kind": "unknown", "extra": {"fields": ["story"]}},
    "game": {"kind": "unknown", "extra": {"fields": ["game"]}},
    "invoice": {"kind": "unknown", "extra": {"fields": ["invoice"]}},
    "checklist": {"kind": "unknown", "extra": {"fields": ["checklist"]}},
    "paid_media": {"kind": "unknown", "text": "платено", "extra": {"fields": ["paid_media"]}},
    "unknown_message": {"kind": "unknown", "extra": {"fields": ["hologram"]}},
    "damaged_entities": {"kind": "text", "text": "адрес"},
    "damaged_date": {"kind": "text", "text": "адрес", "provider_time": None, "language_hint": None},
    "damaged_bare": {"kind": "text", "text": "без дата", "provider_time": None, "language_hint": None},
    "damaged_location": {"kind": "unknown", "extra": {"fields": ["location"]}},
    "damaged_null_characters": {"kind": "text", "text": "адрес \ufffd край 😀"},
}


@pytest.mark.parametrize("name", PRIVATE)
def test_messages_of_a_person(name: str) -> None:
    assert read(name) == private(name, **PRIVATE[name])


IN_GROUP: dict[str, dict[str, Any]] = {
    "group_text": {"text": "Кой знае адреса?"},
    "group_basic": {"address": "-4012345678", "text": "ало"},
    "group_anonymous_admin": {"sender": GROUP, "text": "Правила", "language_hint": None},
    "group_from_channel": {"sender": "-1009", "text": "новина", "language_hint": None},
    "group_large_ids": {"address": "-1004503599627370495", "sender": "4503599627370495", "text": "здравейте"},
    "forum_topic_text": {"text": "здравейте", "extra": {"thread": 7}},
}


@pytest.mark.parametrize("name", IN_GROUP)
def test_messages_in_groups(name: str) -> None:
    assert read(name) == in_group(name, **IN_GROUP[name])


EDITS: dict[str, tuple[dict[str, Any], datetime]] = {
    "edited": (
        {"kind": "text", "text": "Как да си сменя адреса в Naumburg?"},
        datetime(2026, 1, 1, 0, 1, tzinfo=UTC),
    ),
    "edited_caption": (
        {"kind": "photo", "text": "нов надпис", "media": (MediaRef("FILE-same", "image/jpeg"),)},
        datetime(2026, 1, 1, 0, 1, tzinfo=UTC),
    ),
    "location_live_edit": (
        {"kind": "location", "location": Location(51.3, 11.98), "extra": {"live": True}},
        datetime(2026, 1, 1, 0, 1, 40, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits(name: str) -> None:
    fields, when = EDITS[name]
    assert parse_update(load(name)).items == (InboundEdit(private(name, **fields), when),)


def pressed(data: str, label: str, **fields: Any) -> Inbound:
    query_id = "4382bfdwdsb323b2d9"
    about: dict[str, Any] = {"address": ME, "language_hint": "bg", "acknowledge": query_id, **fields}
    return Inbound(f"callback:{query_id}", kind="button", text=label, button=Button(data, label), **about)


PRESSES = {
    "callback": pressed("topic:housing", "Жилище", reply_to=f"{ME}:78"),
    "callback_unknown_label": pressed("topic:housing", "topic:housing", reply_to=f"{ME}:78"),
    "callback_inaccessible": pressed("topic:work", "topic:work", reply_to=f"{ME}:78"),
    "callback_without_message": pressed("topic:work", "topic:work"),
    "callback_inline": pressed("topic:work", "topic:work"),
    "callback_group": pressed("topic:work", "Работа", address=GROUP, sender=ME, group=True, reply_to=f"{GROUP}:78"),
}


@pytest.mark.parametrize("name", PRESSES)
def test_presses(name: str) -> None:
    assert read(name) == PRESSES[name]


@pytest.mark.parametrize(
    ("name", "text", "extra"),
    [
        ("reaction", "👍", {}),
        ("reaction_changed", "❤", {}),
        ("reaction_removed", "", {}),
        ("reaction_custom", None, {"reactions": ["[5368324170671202286]"]}),
        ("reaction_paid", "🔥", {"reactions": ["[paid]"]}),
    ],
)
def test_reactions(name: str, text: str | None, extra: dict[str, Any]) -> None:
    reaction = read(name)
    assert (reaction.kind, reaction.text, reaction.extra) == ("reaction", text, extra)
    assert (reaction.address, reaction.reply_to, reaction.sender) == (ME, f"{ME}:78", None)
    assert reaction.provider_time == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_each_reaction_has_an_id_of_its_own_that_stays_when_redelivered() -> None:
    names = [name for name in NAMES if name.startswith("reaction") and name != "reaction_count"]
    assert len({read(name).external_id for name in names}) == len(names)
    again = load("reaction") | {"update_id": 1}
    assert parse_update(again).items == (read("reaction"),)


def test_an_anonymous_reaction_in_a_group() -> None:
    reaction = read("reaction_anonymous")
    assert (reaction.group, reaction.sender, reaction.text, reaction.address) == (True, GROUP, "👍", GROUP)


def test_the_bot_is_blocked_and_unblocked() -> None:
    blocked, unblocked = read("blocked"), read("unblocked")
    assert (blocked.kind, blocked.address) == ("blocked", ME)
    assert (unblocked.kind, unblocked.address) == ("unblocked", ME)
    assert blocked.external_id != unblocked.external_id


@pytest.mark.parametrize("name", ["migrate_to", "migrate_from"])
def test_migrations(name: str) -> None:
    assert parse_update(load(name)).items == (AddressChange("-4012345678", GROUP),)


UNUSED = {
    "channel_post": "channel_post",
    "own_message": "own_message",
    "from_other_bot": "from_bot",
    "group_joined": "my_chat_member",
    "group_kicked": "my_chat_member",
    "service_new_members": "service_message",
    "service_left": "service_message",
    "service_pinned": "service_message",
    "service_title": "service_message",
    "service_auto_delete": "service_message",
    "service_topic_created": "service_message",
    "service_video_chat": "service_message",
    "service_write_access": "service_message",
    "unknown_update": "telepathy",
    "inline_query": "inline_query",
    "pre_checkout_query": "pre_checkout_query",
    "shipping_query": "shipping_query",
    "chat_member": "chat_member",
    "reaction_count": "message_reaction_count",
    "business_message": "business_message",
    "callback_game": "callback_game",
    "damaged_without_chat": "damaged_message",
    "damaged_huge_id": "damaged_message",
}


@pytest.mark.parametrize("name", UNUSED)
def test_unused(name: str) -> None:
    parsed = parse_update(load(name), own_id=OWN_ID)
    assert (parsed.items, parsed.unused) == ((), (UNUSED[name],))


def test_every_fixture_is_expected_somewhere() -> None:
    seen = {*PRIVATE, *IN_GROUP, *EDITS, *PRESSES, *UNUSED, "blocked", "unblocked", "migrate_to", "migrate_from"}
    assert {name for name in NAMES if not name.startswith("reaction")} == {
        name for name in seen if not name.startswith("reaction")
    }


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("damaged")])
def test_the_fixtures_are_updates_as_python_telegram_bot_knows_them(name: str) -> None:
    assert Update.de_json(load(name)) is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{",
        b'{"update_id": 1, "message": NaN}',
        b"[" * 100_000,
        b'{"message":' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b'{"update_id": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_json(body: bytes) -> None:
    parsed = parse_body(body)
    assert (parsed.items, parsed.unused) == ((), ("not_json",))


@pytest.mark.parametrize("kind", ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"])
@pytest.mark.parametrize("content", [None, 7, "x", [], {}, {"chat": None}, {"from": []}, {"chat": {"id": True}}])
def test_hollow_updates_are_named_and_harmless(kind: str, content: object) -> None:
    parsed = parse_update({"update_id": 1, kind: content})
    assert parsed.items == ()
    assert len(parsed.unused) == 1


def test_a_start_with_words_after_it_is_left_as_written() -> None:
    update = load("start_payload")
    update["message"]["text"] = "/start имам въпрос"
    (item,) = parse_update(update).items
    assert isinstance(item, Inbound)
    assert (item.text, item.start_payload) == ("/start имам въпрос", None)


ODD: list[Any] = [None, True, -1, 10**40, 1e308, "", "\x00", "\ud83d", [], [None], [[7]], {}, {"id": "x"}, {"a": [{}]}]


@pytest.mark.parametrize("name", NAMES)
def test_no_odd_value_anywhere_raises_or_reaches_the_result(name: str) -> None:
    """Puts every odd value in place of every value of the fixture, one at a time."""
    for odd in ODD:
        for damaged in _damaged(load(name), odd):
            parsed = parse_update(damaged, own_id=OWN_ID)
            assert len(parsed.items) + len(parsed.unused) == 1
            assert "unreadable" not in parsed.unused
            text = repr(parsed)
            assert r"\x00" not in text
            assert r"\ud83d" not in text


def _damaged(value: Any, odd: Any) -> list[Any]:
    """All copies of the value with one place replaced."""
    places = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value) if isinstance(value, list) else [])
    )
    copies = []
    for place, inner in places:
        for changed in [odd, *_damaged(inner, odd)]:
            copy = value.copy()
            copy[place] = changed
            copies.append(copy)
    return copies


def test_the_channel_parses_webhooks_and_polled_updates_alike() -> None:
    channel = Telegram(f"{OWN_ID}:token", "secret")
    raw = load("text")
    request = WebhookRequest("POST", "https://hub.example/webhooks/tg", {}, json.dumps(raw).encode())
    assert channel.parse(request) == channel.parse_update(raw) == parse_update(raw)
    assert channel.parse_update(load("own_message")).unused == ("own_message",)
