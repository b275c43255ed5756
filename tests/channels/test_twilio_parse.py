"""Every kind of webhook that Twilio sends, as it reads afterwards."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from channels.base import Button, Inbound, Item, Location, MediaRef, Parsed, SendErrorKind, StatusUpdate, WebhookRequest
from channels.twilio import Twilio
from channels.twilio_fields import TwilioKind

FIXTURES = Path(__file__).parent.parent / "fixtures" / "twilio"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
ACCOUNT, TOKEN, NUMBER, SERVICE = "AC" + "5" * 32, "token", "+4915199000001", f"MG{1:032x}"
ME, SCOPED = "+359888123456", "BG.13491208655302741918"
URL = "https://hub.example/webhooks/number"
K = SendErrorKind


def load(name: str) -> dict[str, str]:
    raw: dict[str, str] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return raw


def channel_for(name: str) -> Twilio:
    kind: TwilioKind = "whatsapp" if "whatsapp" in name else "sms"
    return Twilio(kind, ACCOUNT, TOKEN, NUMBER, messaging_service=SERVICE)


def post(form: dict[str, Any] | list[tuple[str, str]], suffix: str = "") -> WebhookRequest:
    body = urlencode(form).encode()
    return WebhookRequest("POST", URL, {"content-type": "application/x-www-form-urlencoded"}, body, suffix)


def read(name: str) -> Item:
    parsed = channel_for(name).parse(post(load(name)))
    assert parsed.unused == ()
    (item,) = parsed.items
    return item


def media(name: str, number: int = 0) -> str:
    url = load(name)[f"MediaUrl{number}"]
    assert url.startswith("https://api.twilio.com/2010-04-01/")
    return url.removeprefix("https://api.twilio.com")


def photo(name: str, mime: str = "image/jpeg", count: int = 1) -> tuple[MediaRef, ...]:
    return tuple(MediaRef(media(name, number), mime) for number in range(count))


REPLY = {"reply_to": f"SM{900:032x}"}
MESSAGES: dict[str, dict[str, Any]] = {
    "sms_text": {"kind": "text", "text": "Здравейте, как да си сменя адреса?"},
    "sms_long": {"kind": "text", "text": "Шефът не плаща. " * 20},
    "sms_emoji": {"kind": "text", "text": "Да 👍🏽 + 1 & 2 = 50% ё"},
    "sms_empty": {"kind": "unknown"},
    "sms_null_bytes": {"kind": "text", "text": "Ajutor"},
    "sms_base64": {"kind": "text", "text": "0JfQtNGA0LDQstC10LnRgtC1"},
    "sms_short_code": {"kind": "text", "text": "Вашият код", "address": "12345"},
    "sms_sender_name": {"kind": "text", "text": "Aktion!", "address": "Netto"},
    "sms_stop": {"kind": "text", "text": "STOP", "opt": "stop"},
    "sms_stop_localised": {"kind": "text", "text": "Спри", "opt": "stop"},
    "sms_stop_without_opt_out": {"kind": "text", "text": " Stop "},
    "sms_start": {"kind": "text", "text": "START", "opt": "start"},
    "sms_help": {"kind": "text", "text": "INFO", "opt": "help"},
    "sms_service": {"kind": "text", "text": "Bună"},
    "sms_unknown_parameters": {"kind": "text", "text": "Добре"},
    "mms_photos": {
        "kind": "photo",
        "text": "Писмо",
        "media": (MediaRef(media("mms_photos"), "image/jpeg"), MediaRef(media("mms_photos", 1), "image/png")),
    },
    "mms_layout": {"kind": "video", "media": (MediaRef(media("mms_layout", 1), "video/3gpp"),)},
    "mms_ten": {"kind": "photo", "media": photo("mms_ten", count=10)},
    "mms_wrong_count": {"kind": "document", "text": "x", "media": photo("mms_wrong_count", "application/pdf")},
    "whatsapp_text": {"kind": "text", "text": "Здравейте"},
    "whatsapp_unprefixed": {"kind": "text", "text": "Здравейте"},
    "whatsapp_image": {"kind": "photo", "text": "Писмо от JobCenter", "media": photo("whatsapp_image")},
    "whatsapp_voice": {"kind": "voice", "media": photo("whatsapp_voice", "audio/ogg")},
    "whatsapp_audio": {"kind": "audio", "media": photo("whatsapp_audio", "audio/mpeg")},
    "whatsapp_video": {"kind": "video", "media": photo("whatsapp_video", "video/mp4")},
    "whatsapp_document": {
        "kind": "document",
        "text": "договор.pdf",
        "media": photo("whatsapp_document", "application/pdf"),
    },
    "whatsapp_sticker": {"kind": "sticker", "media": photo("whatsapp_sticker", "image/webp")},
    "whatsapp_contact": {"kind": "contact", "media": photo("whatsapp_contact", "text/vcard")},
    "whatsapp_location": {"kind": "location", "location": Location(51.1996, 11.9689, "Jobcenter, Am Markt 1")},
    "whatsapp_location_bare": {"kind": "location", "location": Location(-0.5, 12)},
    "whatsapp_location_damaged": {"kind": "text", "text": "тук"},
    "whatsapp_quick_reply": {"kind": "button", "text": "Да", "button": Button("yes", "Да"), **REPLY},
    "whatsapp_button_without_payload": {"kind": "button", "text": "Да", "button": Button("Да", "Да")},
    "whatsapp_list": {"kind": "button", "text": "Работа", "button": Button("topic:work.contract", "Работа"), **REPLY},
    "whatsapp_flow": {"kind": "unknown", "extra": {"interactive": '{"screen":"DATE"}'}},
    "whatsapp_reply": {"kind": "text", "text": "за това", "reply_to": f"SM{901:032x}"},
    "whatsapp_reaction": {"kind": "reaction", "text": "👍", "reply_to": f"SM{901:032x}"},
    "whatsapp_reaction_removed": {"kind": "reaction", "text": "", "reply_to": f"SM{901:032x}"},
    "whatsapp_forwarded": {
        "kind": "text",
        "text": "чуй",
        "extra": {"forwarded": True, "frequently_forwarded": True},
    },
    "whatsapp_referral": {
        "kind": "text",
        "text": "Здравейте",
        "extra": {
            "referral": {
                "source_type": "ad",
                "source_id": "120",
                "source_url": "https://fb.me/x",
                "headline": "Съвет",
                "body": "Безплатно",
                "ctwa_clid": "ARAx",
            }
        },
    },
    "whatsapp_scoped_id": {"kind": "text", "text": "Здравейте", "address": SCOPED},
    "whatsapp_both_ids": {"kind": "text", "text": "Здравейте", "also_address": SCOPED},
    "whatsapp_scoped_with_number": {"kind": "text", "text": "Здравейте", "address": SCOPED, "also_address": ME},
    "whatsapp_unknown_kind": {"kind": "unknown"},
    "whatsapp_stop": {"kind": "text", "text": "stop"},
}
STATUSES: dict[str, tuple[Any, ...]] = {
    "status_sent": ("sent",),
    "status_delivered": ("delivered",),
    "status_partially": ("sent",),
    "status_undelivered": ("failed", K.UNDELIVERABLE, "30003"),
    "status_failed_stopped": ("failed", K.BLOCKED, "21610"),
    "status_failed_unknown": ("failed", K.REFUSED, "39999"),
    "status_failed_bare": ("failed", K.UNDELIVERABLE, "undelivered"),
    "status_canceled": ("failed", K.REFUSED, "canceled"),
    "status_whatsapp_read": ("read",),
    "status_whatsapp_window": ("failed", K.WINDOW_CLOSED, "63016"),
    "status_service": ("sent",),
}
NOTHING = {"status_queued": "status_queued", "status_sending": "status_sending", "status_new_word": "status_unknown"}


def test_every_fixture_has_its_place() -> None:
    assert set(NAMES) == {*MESSAGES, *STATUSES, *NOTHING}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str) -> None:
    assert read(name) == Inbound(external_id=load(name)["MessageSid"], **{"address": ME, **MESSAGES[name]})


@pytest.mark.parametrize("name", NAMES)
def test_profile_names_are_not_kept(name: str) -> None:
    assert "Мария" not in repr(channel_for(name).parse(post(load(name))))


@pytest.mark.parametrize("name", STATUSES)
def test_statuses(name: str) -> None:
    assert read(name) == StatusUpdate(load(name)["MessageSid"], *STATUSES[name])


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("suffix", ["", "status"])
def test_statuses_that_say_nothing(name: str, suffix: str) -> None:
    parsed = channel_for(name).parse(post(load(name), "status"))
    assert parsed == Parsed(unused=(NOTHING[name],))


@pytest.mark.parametrize("name", [*MESSAGES, *STATUSES])
def test_the_other_path_makes_no_difference(name: str) -> None:
    channel = channel_for(name)
    assert channel.parse(post(load(name), "status")) == channel.parse(post(load(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_query_reads_as_a_form(name: str) -> None:
    form, channel = load(name), channel_for(name)
    got = WebhookRequest("GET", f"{URL}?{urlencode(form)}", {}, b"")
    assert channel.parse(got) == channel.parse(post(form))


def test_json_reads_as_a_form() -> None:
    form, channel = load("sms_text"), channel_for("sms")
    body = json.dumps(form | {"NumMedia": 0, "AddOns": {"x": []}}).encode()
    request = WebhookRequest("POST", URL, {"content-type": "application/json; charset=utf-8"}, body)
    assert channel.parse(request) == channel.parse(post(form))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"MessageSid": "", "SmsSid": "", "SmsMessageSid": ""}, "message_without_id"),
        ({"MessageSid": "", "SmsSid": "", "SmsMessageSid": "", "CallSid": "CA1"}, "call"),
        ({"From": ""}, "message_without_sender"),
        ({"From": NUMBER}, "own_message"),
        ({"SmsStatus": "delivered", "MessageSid": "", "SmsSid": "", "SmsMessageSid": ""}, "status_without_id"),
    ],
)
def test_what_is_no_message(change: dict[str, str], reason: str) -> None:
    assert channel_for("sms").parse(post(load("sms_text") | change)) == Parsed(unused=(reason,))


def test_old_names_of_the_id() -> None:
    form = load("sms_text")
    sid = form.pop("MessageSid")
    (item,) = channel_for("sms").parse(post(form)).items
    assert isinstance(item, Inbound)
    assert item.external_id == sid


def test_repeated_names_and_blank_values() -> None:
    form = load("sms_text")
    pairs = [("Body", ""), *form.items(), ("Body", "и още"), ("From", "+491"), ("", ""), ("NoValue", "")]
    (item,) = channel_for("sms").parse(post(pairs)).items
    assert isinstance(item, Inbound)
    assert (item.text, item.address) == (form["Body"], ME)


@pytest.mark.parametrize("space", ["+", "%20"])
def test_both_spellings_of_a_space(space: str) -> None:
    form = load("sms_text") | {"Body": "a b+c"}
    body = urlencode(form).replace("a+b", f"a{space}b").encode()
    (item,) = channel_for("sms").parse(WebhookRequest("POST", URL, {}, body)).items
    assert isinstance(item, Inbound)
    assert item.text == "a b+c"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"&&&=&",
        b"\xff\xfe",
        b"Body=%ff%fe%ed%a0%80",
        b"MessageSid=%00&From=%00",
        b"[" * 100_000,
        b"null",
        b"a" * 9999,
        b"MessageSid=1&From=x&Latitude=1e999&Longitude=inf&MediaUrl0=http://[::1&ErrorCode=%d9%a1",
    ],
)
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json", ""])
@pytest.mark.parametrize("kind", ["sms", "whatsapp"])
def test_damaged_bodies_never_raise(body: bytes, content_type: str, kind: TwilioKind) -> None:
    channel = Twilio(kind, ACCOUNT, TOKEN, NUMBER)
    for suffix in ("", "status"):
        parsed = channel.parse(WebhookRequest("POST", URL, {"content-type": content_type}, body, suffix))
        assert len(parsed.items) + len(parsed.unused) == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_may_be_missing_or_nonsense(name: str) -> None:
    form, channel = load(name), channel_for(name)
    for parameter in form:
        for value in (None, "", "\x00", "😀" * 50, "-1", "null"):
            changed = {key: given for key, given in form.items() if key != parameter}
            changed |= {} if value is None else {parameter: value}
            parsed = channel.parse(post(changed))
            assert len(parsed.items) + len(parsed.unused) == 1
            assert "unreadable" not in parsed.unused
