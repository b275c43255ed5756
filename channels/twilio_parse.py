"""Twilio's webhooks -> neutral items. One request is one message or one status."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from channels.base import (
    Button,
    DeliveryStatus,
    Inbound,
    Kind,
    Location,
    MediaRef,
    Parsed,
    StatusUpdate,
)
from channels.text import clean_text
from channels.twilio_codes import kind_of_failure
from channels.twilio_fields import Form, TwilioKind, address_of

_MAX_MEDIA = 10
_MAX_EXTRA = 4000  # characters of one leftover; a form's answers fit

# What becomes of a message; the rest of Twilio's words only say that it has not left yet.
_STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}
_NOT_YET = frozenset({"queued", "accepted", "scheduled", "sending"})
_INBOUND = frozenset({"received", "receiving"})
_OPT: dict[str, Literal["stop", "start", "help"]] = {"stop": "stop", "start": "start", "help": "help"}

_VCARD = frozenset({"text/vcard", "text/x-vcard", "text/directory"})
_LAYOUT = frozenset({"application/smil"})  # how a phone arranged the parts of an MMS


def is_status(form: Form, suffix: str) -> bool:
    """A status callback; Twilio sends them to the message webhook too, where somebody mixed up the two."""
    status = _status_word(form)
    if status in _INBOUND:
        return False
    return suffix == "status" or status in _STATUSES or status in _NOT_YET or form.text("MessageStatus") is not None


def parse_form(form: Form, kind: TwilioKind, *, own: str, media_host: str, status: bool) -> Parsed:
    """Never raises; `own` is our address, whose messages are echoes."""
    try:
        return _status(form) if status else _message(form, kind, own, media_host)
    except Exception:  # Twilio sends a message once: an answer other than 2xx would not bring it again.
        return Parsed(unused=("unreadable",))


def status_update(external_id: str, status: str, code: int | None) -> StatusUpdate | None:
    """None while there is nothing to tell."""
    news = _STATUSES.get(status)
    if news != "failed":
        return StatusUpdate(external_id, news) if news else None
    return StatusUpdate(external_id, "failed", kind_of_failure(status, code), str(code) if code else status)


def _status_word(form: Form) -> str:
    return (form.first("MessageStatus", "SmsStatus") or "").lower()


def _sid(form: Form) -> str | None:
    return form.first("MessageSid", "SmsMessageSid", "SmsSid")


def _status(form: Form) -> Parsed:
    sid, word = _sid(form), _status_word(form)
    if sid is None:
        return Parsed(unused=("status_without_id",))
    update = status_update(sid, word, _whole(form.text("ErrorCode")))
    if update:
        return Parsed(items=(update,))
    return Parsed(unused=(f"status_{word}" if word in _NOT_YET else "status_unknown",))


def _message(form: Form, kind: TwilioKind, own: str, media_host: str) -> Parsed:
    sid, sender = _sid(form), address_of(form.raw("From"), kind)
    if sid is None:
        return Parsed(unused=("call",) if "CallSid" in form else ("message_without_id",))
    external = address_of(form.raw("ExternalUserId"), kind)
    sender = sender or external or address_of(form.raw("WaId"), kind)
    if not sender:
        return Parsed(unused=("message_without_sender",))
    if sender == own:
        return Parsed(unused=("own_message",))
    inbound = Inbound(
        external_id=sid,
        address=sender,
        kind="unknown",
        reply_to=form.text("OriginalRepliedMessageSid"),
        opt=_OPT.get((form.text("OptOutType") or "").lower()),
        also_address=_other_address(form, kind, sender, external),
        extra=_circumstances(form),
    )
    return Parsed(items=(replace(inbound, **_content(form, kind, media_host)),))


def _other_address(form: Form, kind: TwilioKind, sender: str, external: str) -> str | None:
    """The business-scoped id of somebody who showed the number, or the number beside such an id."""
    if external and external != sender:
        return external
    number = address_of(form.raw("WaId"), kind)
    return number if number.startswith("+") and not sender.startswith("+") else None


def _content(form: Form, kind: TwilioKind, media_host: str) -> dict[str, Any]:
    """The fields of Inbound that say what the message is."""
    body = form.raw("Body")
    text = body if body.strip() else None
    message_type = (form.text("MessageType") or "").lower()
    if button := _button(form, message_type, text):
        return {"kind": "button", "text": button.label, "button": button}
    if message_type == "reaction":
        return {"kind": "reaction", "text": form.text("ReactionEmoji") or text or ""}
    if location := _location(form):
        return {"kind": "location", "text": text, "location": location}
    if media := _media(form, media_host):
        return {"kind": _media_kind(media[0].mime or "", message_type, kind), "text": text, "media": media}
    return {"kind": "text" if text else "unknown", "text": text}


def _button(form: Form, message_type: str, text: str | None) -> Button | None:
    """A quick reply, a button of a template, or a row of a list."""
    chosen = form.text("ListId") or form.text("ButtonPayload")
    label = form.text("ListTitle") or form.text("ButtonText")
    if chosen or label:
        return Button(chosen or label or "", label or text or chosen or "")
    return Button(text, text) if message_type == "button" and text else None


def _location(form: Form) -> Location | None:
    latitude, longitude = _number(form.text("Latitude")), _number(form.text("Longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    label = ", ".join(part for part in (form.text("Label"), form.text("Address")) if part)
    return Location(latitude, longitude, label or None)


def _media(form: Form, media_host: str) -> tuple[MediaRef, ...]:
    """By what is there, whatever `NumMedia` says."""
    found = []
    for number in range(_MAX_MEDIA):
        url = form.text(f"MediaUrl{number}")
        mime = (form.text(f"MediaContentType{number}") or "").split(";")[0].strip().lower()
        if url and mime not in _LAYOUT and (ref := media_ref(url, media_host)):
            found.append(MediaRef(ref, mime or None))
    return tuple(found)


def media_ref(url: str, media_host: str) -> str:
    """The path on Twilio's API, or elsewhere the URL without what could be a secret; '' for what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not parts.hostname or parts.hostname in ("api.twilio.com", media_host):
        return parts.path
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _media_kind(mime: str, message_type: str, kind: TwilioKind) -> Kind:
    family = mime.partition("/")[0]
    if mime in _VCARD or message_type == "contacts":
        return "contact"
    if message_type == "sticker" or (kind == "whatsapp" and mime == "image/webp"):
        return "sticker"
    if mime == "image/gif":
        return "animation"
    if family == "audio":
        return "voice" if mime == "audio/ogg" else "audio"
    if family == "image":
        return "photo"
    return "video" if family == "video" else "document"


def _circumstances(form: Form) -> dict[str, Any]:
    """Small leftovers worth keeping. The name that people gave themselves is not among them."""
    extra: dict[str, Any] = {}
    for name, key in (("Forwarded", "forwarded"), ("FrequentlyForwarded", "frequently_forwarded")):
        if (form.text(name) or "").lower() in ("true", "1"):
            extra[key] = True
    referral = {_snake(name[8:]): value[:_MAX_EXTRA] for name in form if (value := _referral(form, name))}
    if referral:
        extra["referral"] = referral
    if answers := form.text("InteractiveData"):
        extra["interactive"] = answers[:_MAX_EXTRA]
    return extra


def _referral(form: Form, name: str) -> str | None:
    """What an advertisement or a post carried that brought the person here."""
    ours = re.fullmatch(r"Referral[A-Za-z]{2,30}", name) and name != "ReferralNumMedia"  # which is 0 in every message
    return form.text(name) if ours else None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _whole(value: str | None) -> int | None:
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else None


def _number(value: str | None) -> float | None:
    return float(value) if value and re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{0,20})?", value) else None


def message_from_list(fields: Any, kind: TwilioKind, own: str, media: tuple[MediaRef, ...]) -> Inbound | None:
    """One record of Twilio's message list, which knows less than the webhook."""
    sender, sid = address_of(fields.from_ or "", kind), fields.sid
    if not sid or not sender or sender == own:
        return None
    body = clean_text(fields.body or "")
    text = body if body.strip() else None
    about: dict[str, Any] = {"kind": "text" if text else "unknown", "text": text}
    if media:
        about |= {"kind": _media_kind(media[0].mime or "", "", kind), "media": media}
    created = fields.date_created if isinstance(fields.date_created, datetime) else None
    return Inbound(external_id=sid, address=sender, provider_time=created, **about)
