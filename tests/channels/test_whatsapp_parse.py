"""Every kind of webhook that WhatsApp sends, as it reads afterwards."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.base import (
    AddressChange,
    Button,
    ContactCard,
    Inbound,
    InboundEdit,
    Location,
    MediaRef,
    SendErrorKind,
    StatusUpdate,
)
from channels.whatsapp_parse import parse_body
from tests.providers.whatsapp.webhooks import wire_form

FIXTURES = Path(__file__).parent.parent / "fixtures" / "whatsapp"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
SENT = datetime(2026, 1, 1, tzinfo=UTC)
ME, SCOPED, NUMBER = "+359888123456", "BG.13491208655302741918", "106540352242922"
OURS = "wamid.OUT=="


def load(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return raw


def item(name: str) -> Any:
    parsed = parse_body(wire_form(load(name)))
    assert parsed.unused == ()
    (only,) = parsed.items
    return only


def said(name: str, kind: Any, **fields: Any) -> Inbound:
    about = {"address": ME, "provider_time": SENT, "also_address": SCOPED, "account": NUMBER, **fields}
    return Inbound(external_id=f"wamid.{name.upper()}==", kind=kind, **about)


MESSAGES: dict[str, dict[str, Any]] = {
    "text": {"kind": "text", "text": "Здравейте, как да си сменя адреса?"},
    "text_reply": {"kind": "text", "text": "да", "reply_to": OURS},
    "text_forwarded": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "text_forwarded_often": {"kind": "text", "text": "Препратено", "extra": {"forwarded": True}},
    "text_referral": {
        "kind": "text",
        "text": "Bună",
        "extra": {
            "referral": {
                "source_type": "ad",
                "source_id": "120226305854810726",
                "source_url": "https://fb.me/3cr4Wqqkv",
                "headline": "Ajutor",
                "body": "Scrie-ne",
            }
        },
    },
    "text_product": {"kind": "text", "text": "това?", "reply_to": OURS},
    "text_empty": {"kind": "unknown", "extra": {"type": "text"}},
    "text_without_type": {"kind": "text", "text": "без вид"},
    "text_phone_only": {"kind": "text", "text": "да", "also_address": None},
    "text_other_wa_id": {"kind": "text", "text": "oi", "address": "+551112345678", "also_address": "BR.77"},
    "text_scoped_only": {"kind": "text", "text": "да", "address": SCOPED, "also_address": None},
    "text_scoped_from_contact": {"kind": "text", "text": "да", "address": SCOPED, "also_address": None},
    "text_without_contacts": {"kind": "text", "text": "да"},
    "text_in_group": {
        "kind": "text",
        "text": "Кой знае?",
        "address": "120363041234567890",
        "sender": ME,
        "group": True,
        "also_address": None,
    },
    "image": {"kind": "photo", "text": "Писмо от JobCenter", "media": (MediaRef("1001", "image/jpeg"),)},
    "video": {"kind": "video", "text": "виж", "media": (MediaRef("1002", "video/mp4"),)},
    "audio": {"kind": "audio", "media": (MediaRef("1003", "audio/mpeg"),)},
    "voice": {"kind": "voice", "media": (MediaRef("1004", "audio/ogg; codecs=opus"),)},
    "voice_old": {"kind": "voice", "media": (MediaRef("1005", "audio/ogg; codecs=opus"),)},
    "document": {
        "kind": "document",
        "text": "договор",
        "media": (MediaRef("1006", "application/pdf", "договор.pdf"),),
    },
    "sticker": {"kind": "sticker", "media": (MediaRef("1007", "image/webp"),)},
    "location": {"kind": "location", "location": Location(51.1996, 11.9689)},
    "location_place": {"kind": "location", "location": Location(51.2, 11.97, "Jobcenter, Am Markt 1")},
    "contacts": {
        "kind": "contact",
        "contact": ContactCard("Иван Петров", ("+359888123457",)),
        "extra": {"contacts": [{"name": "Ana Pop", "phones": ["40722000111"]}]},
    },
    "button_reply": {
        "kind": "button",
        "text": "Работа",
        "button": Button("topic:work", "Работа"),
        "reply_to": OURS,
    },
    "list_reply": {
        "kind": "button",
        "text": "Жилище",
        "button": Button("topic:housing", "Жилище"),
        "reply_to": OURS,
    },
    "form_reply": {
        "kind": "unknown",
        "reply_to": OURS,
        "extra": {"type": "nfm_reply", "form": {"flow_token": "t", "rooms": 2}},
    },
    "interactive_empty": {"kind": "unknown", "extra": {"type": "interactive", "code": 131000}},
    "call_permission": {"kind": "unknown", "extra": {"type": "interactive"}},
    "template_button": {
        "kind": "button",
        "text": "Да, пишете",
        "button": Button("open", "Да, пишете"),
        "reply_to": OURS,
    },
    "template_button_bare": {"kind": "button", "text": "Да", "button": Button("Да", "Да")},
    "reaction": {"kind": "reaction", "text": "👍", "reply_to": OURS},
    "reaction_removed": {"kind": "reaction", "text": "", "reply_to": OURS},
    "reaction_removed_absent": {"kind": "reaction", "text": "", "reply_to": OURS},
    "order": {
        "kind": "unknown",
        "text": "моля",
        "extra": {"type": "order", "items": [{"product": "di9", "quantity": 2}]},
    },
    "unsupported": {
        "kind": "unknown",
        "extra": {"type": "unsupported", "unsupported": "poll_creation", "code": 131051},
    },
    "unknown": {"kind": "unknown", "extra": {"type": "unknown", "code": 501}},
    "hologram": {"kind": "unknown", "extra": {"type": "hologram"}},
    "damaged_timestamp": {"kind": "text", "text": "да", "provider_time": None},
    "damaged_location": {"kind": "unknown", "extra": {"type": "location"}},
    "damaged_image": {"kind": "unknown", "extra": {"type": "image"}},
    "damaged_texts": {"kind": "text", "text": "адрес \ufffd край 😀"},
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_of_a_person(name: str) -> None:
    assert item(name) == said(name, **MESSAGES[name])


def test_an_edit_is_the_original_with_new_words() -> None:
    fresh = said("text", "text", text="Как да си сменя адреса в Naumburg?")
    assert item("edit") == InboundEdit(fresh, SENT)
    caption = said("image", "photo", text="нов надпис", media=(MediaRef("1001", "image/jpeg"),))
    assert item("edit_caption") == InboundEdit(caption, SENT)


def test_a_deleted_message_is_an_edit_that_leaves_nothing() -> None:
    assert item("revoke") == InboundEdit(said("text", "unknown", extra={"revoked": True}), SENT, revoked=True)


CHANGES = {
    "number_changed": [(ME, "+359888999999")],
    "number_changed_old_form": [(ME, "+359888999999")],
    "scoped_id_changed": [("BG.1", "BG.2")],
    "number_and_scoped_id_changed": [(ME, "+359888999999"), ("BG.1", "BG.2")],
    "scoped_id_update": [("BG.1", "BG.2")],
}


@pytest.mark.parametrize("name", CHANGES)
def test_new_numbers(name: str) -> None:
    parsed = parse_body(wire_form(load(name)))
    assert list(parsed.items) == [AddressChange(old, new, NUMBER) for old, new in CHANGES[name]]


STATUSES: dict[str, dict[str, Any]] = {
    "sent": {"status": "sent"},
    "delivered": {"status": "delivered"},
    "read": {"status": "read"},
    "played": {"status": "read"},
    "sent_priced": {"status": "sent", "reference": "x"},
    "group": {"status": "delivered"},
    "failed": {"status": "failed", "error": SendErrorKind.WINDOW_CLOSED, "provider_code": "131047"},
    "failed_bare": {"status": "failed"},
    "failed_unheard_of": {"status": "failed", "error": SendErrorKind.REFUSED, "provider_code": "999999"},
}


@pytest.mark.parametrize("name", STATUSES)
def test_statuses(name: str) -> None:
    assert item(f"status_{name}") == StatusUpdate(OURS, account=NUMBER, **STATUSES[name])


def test_the_switch_against_marketing_stops_and_resumes() -> None:
    stop, resume = item("preference_stop"), item("preference_resume")
    assert (stop.kind, stop.address, stop.also_address, stop.provider_time) == ("blocked", ME, SCOPED, SENT)
    assert (resume.kind, resume.address, resume.text) == ("unblocked", SCOPED, None)
    assert stop.external_id != resume.external_id


UNUSED = {
    "status_deleted": "status_deleted",
    "status_hovering": "status_hovering",
    "identity_changed": "customer_identity_changed",
    "request_welcome": "request_welcome",
    "own_message": "own_message",
    "echo": "smb_message_echoes",
    "template_news": "message_template_status_update",
    "errors_only": "error_130429",
    "damaged_without_id": "damaged_message",
    "damaged_without_sender": "damaged_message",
    "damaged_edit": "damaged_edit",
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_is_not_for_the_hub(name: str) -> None:
    parsed = parse_body(wire_form(load(name)))
    assert (parsed.items, parsed.unused) == ((), (UNUSED[name],))


@pytest.mark.parametrize(
    ("answers", "form"),
    [
        ('{"a": "x\\u0000y\\ud83d"}', {"a": "xy\ufffd"}),
        ('{"a": NaN}', '{"a": NaN}'),
        ("not json", "not json"),
        ("[" * 3000, "[" * 3000),
        (7, ""),
    ],
)
def test_forms_are_json_in_a_string(answers: Any, form: Any) -> None:
    payload = load("form_reply")
    (message,) = payload["entry"][0]["changes"][0]["value"]["messages"]
    message["interactive"]["nfm_reply"]["response_json"] = answers
    (reply,) = parse_body(wire_form(payload)).items
    assert isinstance(reply, Inbound)
    assert reply.extra["form"] == form


def test_every_fixture_is_in_a_table() -> None:
    listed = {*MESSAGES, *CHANGES, *UNUSED, *(f"status_{name}" for name in STATUSES)}
    elsewhere = {"edit", "edit_caption", "revoke", "preference_stop", "preference_resume", "two_numbers"}
    assert {*listed, *elsewhere, "one_bad_of_many"} == set(NAMES)
