"""WhatsApp's messages of all kinds -> neutral messages."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from channels.base import AddressChange, Button, ContactCard, Inbound, InboundEdit, Item, Kind, Location
from channels.telegram_fields import Fields, Unused
from channels.whatsapp_fields import People, Who, address_of, identifier, slug, time_of
from channels.whatsapp_things import contact_card, form, media_of, order, referral

# Kinds with a file; `voice` is how the older API called a voice message.
_FILES: dict[str, Kind] = {
    "image": "photo",
    "video": "video",
    "audio": "audio",
    "voice": "voice",
    "document": "document",
    "sticker": "sticker",
}
_CHANGED_FROM_TO = re.compile(r"changed from (\S+) to (\S+?)\.?$")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the messages of one change."""

    account: str | None
    people: People
    own_address: str | None  # our number: what comes from it is an echo, and never answered


def read_message(message: Fields, around: Envelope) -> list[Item]:
    """Mostly one item; a person who moves to another number may change two addresses at once."""
    kind = message.text("type") or _guessed_type(message)
    if kind == "system":
        return list(_moves(message, around))
    if kind == "request_welcome":
        raise Unused("request_welcome")  # The chat was opened, and nothing said.
    inbound = _envelope(message, around)
    if kind in ("edit", "revoke"):
        return [_changed(inbound, kind, message.child(kind))]
    return [_with_content(inbound, kind, message)]


def _guessed_type(message: Fields) -> str:
    """Without a type, by the content that is there."""
    return next((name for name in ("text", *_FILES, *_READERS) if name in message), "unknown")


def _envelope(message: Fields, around: Envelope) -> Inbound:
    external_id = identifier(message, "id")
    who = _sender(message, around)
    if external_id is None or who is None:
        raise Unused("damaged_message")
    if who.address == around.own_address:
        raise Unused("own_message")
    group = identifier(message, "group_id")
    return Inbound(
        external_id=external_id,
        address=group or who.address,
        kind="unknown",
        sender=who.address if group else None,
        reply_to=identifier(message.child("context"), "id"),
        provider_time=time_of(message),
        group=group is not None,
        also_address=None if group else who.also,
        account=around.account,
        extra=_circumstances(message),
    )


def _sender(message: Fields, around: Envelope) -> Who | None:
    scoped = identifier(message, "from_user_id") or identifier(message, "from_parent_user_id")
    return around.people.who(identifier(message, "from"), scoped)


def _circumstances(message: Fields) -> dict[str, Any]:
    context = message.child("context")
    extra: dict[str, Any] = {}
    if context.raw.get("forwarded") is True or context.raw.get("frequently_forwarded") is True:
        extra["forwarded"] = True
    if source := referral(message.child("referral")):
        extra["referral"] = source
    return extra


# Kinds


def _with_content(inbound: Inbound, kind: str, message: Fields) -> Inbound:
    content = message.child(kind)
    if kind == "text" and (body := content.text("body")):
        return replace(inbound, kind="text", text=body)
    if kind in _FILES and (file := media_of(content, kind)):
        is_voice = kind == "audio" and content.raw.get("voice") is True
        found: Kind = "voice" if is_voice else _FILES[kind]
        return replace(inbound, kind=found, text=content.text("caption"), media=(file,))
    if reader := _READERS.get(kind):
        return reader(inbound, message) or _unknown(inbound, kind, message)
    return _unknown(inbound, kind, message)


def _location(inbound: Inbound, message: Fields) -> Inbound | None:
    place = message.child("location")
    latitude, longitude = place.number("latitude"), place.number("longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    label = ", ".join(part for part in (place.text("name"), place.text("address")) if part)
    return replace(inbound, kind="location", location=Location(latitude, longitude, label or None))


def _contacts(inbound: Inbound, message: Fields) -> Inbound | None:
    """The first card is the message's; the others are kept beside it."""
    cards = [card for contact in message.children("contacts") if (card := contact_card(contact))]
    if not cards:
        return None
    others = [{"name": card.name, "phones": list(card.phones)} for card in cards[1:10]]
    extra = {**inbound.extra, "contacts": others} if others else inbound.extra
    first: ContactCard = cards[0]
    return replace(inbound, kind="contact", contact=first, extra=extra)


def _interactive(inbound: Inbound, message: Fields) -> Inbound | None:
    answer = message.child("interactive")
    for name in ("button_reply", "list_reply"):
        chosen = answer.child(name)
        if button_id := chosen.text("id") or chosen.text("title"):
            return _pressed(inbound, button_id, chosen.text("title") or button_id)
    if "nfm_reply" in answer:
        return replace(inbound, extra={**inbound.extra, **form(answer.child("nfm_reply"))})
    return None


def _template_button(inbound: Inbound, message: Fields) -> Inbound | None:
    """A quick reply of a template; `payload` is what we gave it, or else its words."""
    button = message.child("button")
    label = button.text("text") or button.text("payload")
    return _pressed(inbound, button.text("payload") or label, label) if label else None


def _pressed(inbound: Inbound, button_id: str, label: str) -> Inbound:
    return replace(inbound, kind="button", text=label, button=Button(button_id, label))


def _reaction(inbound: Inbound, message: Fields) -> Inbound | None:
    """Without an emoji the reaction was taken back."""
    reaction = message.child("reaction")
    target = identifier(reaction, "message_id")
    return replace(inbound, kind="reaction", text=reaction.text("emoji") or "", reply_to=target) if target else None


def _order(inbound: Inbound, message: Fields) -> Inbound | None:
    bought = message.child("order")
    return replace(inbound, text=bought.text("text"), extra={**inbound.extra, **order(bought)})


def _unknown(inbound: Inbound, kind: str, message: Fields) -> Inbound:
    """A person said something that WhatsApp or we can't show: kept, with what is known of it."""
    extra = {**inbound.extra, "type": slug(kind, "unknown")}
    if what := message.child("unsupported").text("type"):
        extra["unsupported"] = slug(what, "unknown")
    codes = [code for error in message.children("errors") if (code := error.whole("code")) is not None]
    if codes:
        extra["code"] = codes[0]
    return replace(inbound, kind="unknown", extra=extra)


_READERS: dict[str, Callable[[Inbound, Fields], Inbound | None]] = {
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _template_button,
    "reaction": _reaction,
    "order": _order,
}


# What happens to earlier messages, and to addresses


def _changed(inbound: Inbound, kind: str, change: Fields) -> InboundEdit:
    original = identifier(change, "original_message_id")
    if original is None:
        raise Unused(f"damaged_{kind}")
    at = inbound.provider_time or datetime.now(UTC)
    inbound = replace(inbound, external_id=original)
    if kind == "revoke":
        return InboundEdit(replace(inbound, extra={**inbound.extra, "revoked": True}), at, revoked=True)
    fresh = change.child("message")
    return InboundEdit(_with_content(inbound, fresh.text("type") or _guessed_type(fresh), fresh), at)


def _moves(message: Fields, around: Envelope) -> list[AddressChange]:
    """A new phone number, a new scoped id, or both; older versions of the API have other names for the same."""
    system = message.child("system")
    told = _CHANGED_FROM_TO.search(system.text("body") or "")
    phones = (
        identifier(message, "from") or identifier(system, "customer"),
        identifier(system, "wa_id") or identifier(system, "new_wa_id"),
    )
    scoped = (
        identifier(system, "previous_user_id") or identifier(message, "from_user_id") or (told[1] if told else None),
        identifier(system, "user_id"),
    )
    what = slug(system.text("type"), "system")
    if "changed" not in what or "identity" in what:
        raise Unused(what)
    pairs = [(address_of(old), address_of(new)) for old, new in (phones, scoped)]
    moves = [AddressChange(old, new, around.account) for old, new in pairs if old and new and old != new]
    if not moves:
        raise Unused(what)
    return moves
