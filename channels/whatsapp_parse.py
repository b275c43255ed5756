"""WhatsApp's webhooks -> neutral items.

One POST carries up to a thousand updates of several numbers. Whatever is refused comes back for a week with all the
others, so that each item stands alone: what can't be read is named, and the rest is kept.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from channels.base import AddressChange, DeliveryStatus, Inbound, Item, Kind, Parsed, StatusUpdate
from channels.telegram_fields import Fields, Unused, cleaned, read_json
from channels.whatsapp_errors import kind_of
from channels.whatsapp_fields import People, address_of, identifier, slug, time_of
from channels.whatsapp_message import Envelope, read_message

# `played` is a voice message that was listened to.
_STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_PREFERENCES: dict[str, Kind] = {"stop": "blocked", "resume": "unblocked"}

Read = Callable[[Fields], Iterable[Item]]


def parse_body(body: bytes) -> Parsed:
    """The body of one webhook request."""
    try:
        raw = read_json(body)
    except (ValueError, RecursionError):
        return Parsed(unused=("not_json",))
    if not isinstance(raw, dict):
        return Parsed(unused=("not_json",))
    if raw.get("object", "whatsapp_business_account") != "whatsapp_business_account":
        return Parsed(unused=("other_object",))
    items: list[Item] = []
    unused: list[str] = []
    for read, part in _parts(Fields(raw), unused):
        try:
            items += read(Fields(cleaned(part)))
        except Unused as reason:
            unused.append(reason.reason)
        except Exception:  # One bad item must not bring the others back for a week.
            unused.append("unreadable")
    if not items and not unused:
        unused.append("empty")
    items.sort(key=lambda item: isinstance(item, StatusUpdate))  # What people say comes first, each list in its order.
    return Parsed(tuple(items), tuple(unused))


def _parts(body: Fields, unused: list[str]) -> Iterator[tuple[Read, object]]:
    """Every single thing in the request, as sent, and how to read it."""
    for entry in _list(body, "entry"):
        for change in _list(Fields(entry), "changes"):
            yield from _change(Fields(change), unused)


def _change(change: Fields, unused: list[str]) -> Iterator[tuple[Read, object]]:
    value = change.child("value")
    field = change.text("field") or "messages"
    if field not in ("messages", "user_preferences", "user_id_update"):
        unused.append(slug(field, "unknown_field"))
        return
    metadata = value.child("metadata")
    account = identifier(metadata, "phone_number_id")
    people = People(value.children("contacts"))
    envelope = Envelope(account, people, address_of(_digits(metadata.text("display_phone_number"))))
    for message in _list(value, "messages"):
        yield lambda fields: read_message(fields, envelope), message
    for preference in _list(value, "user_preferences"):
        yield lambda fields: [_preference(fields, people, account)], preference
    for update in _list(value, "user_id_update"):
        yield lambda fields: [_new_scoped_id(fields, account)], update
    for status in _list(value, "statuses"):
        yield lambda fields: [_status(fields, account)], status
    unused += [f"error_{_code(Fields(error)) or 'unknown'}" for error in _list(value, "errors")]


def _list(fields: Fields, name: str) -> list[object]:
    value = fields.raw.get(name)
    return value if isinstance(value, list) else []


def _digits(display: str | None) -> str:
    """Our own number, which Meta shows with or without spaces."""
    return "".join(char for char in display or "" if char in "0123456789")


def _status(status: Fields, account: str | None) -> StatusUpdate:
    """Price and conversation are left aside; groups send one status for each reader."""
    external_id, word = identifier(status, "id"), status.text("status")
    if external_id is None or word is None:
        raise Unused("damaged_status")
    if word not in _STATUSES:
        raise Unused(f"status_{slug(word, 'unknown')}")
    reference = identifier(status, "biz_opaque_callback_data")
    if word != "failed":
        return StatusUpdate(external_id, _STATUSES[word], account=account, reference=reference)
    code = next((code for error in status.children("errors") if (code := _code(error))), None)
    kind = kind_of(code) if code else None
    return StatusUpdate(external_id, "failed", kind, str(code) if code else None, account, reference)


def _code(error: Fields) -> int | None:
    code = identifier(error, "code")
    return int(code) if code and code.isascii() and code.isdecimal() and len(code) < 10 else None


def _preference(preference: Fields, people: People, account: str | None) -> Inbound:
    """Somebody told WhatsApp to stop (or resume) marketing messages of ours: honoured for all messages."""
    who = people.who(identifier(preference, "wa_id"), identifier(preference, "user_id"))
    word, when = preference.text("value"), time_of(preference)
    if who is None or word not in _PREFERENCES:
        raise Unused("damaged_user_preference")
    return Inbound(
        external_id=f"preference:{who.address}:{int(when.timestamp()) if when else 0}:{word}",
        address=who.address,
        kind=_PREFERENCES[word],
        provider_time=when or datetime.now(UTC),
        also_address=who.also,
        account=account,
        extra={"category": slug(preference.text("category"), "unknown")},
    )


def _new_scoped_id(update: Fields, account: str | None) -> AddressChange:
    ids = update.child("user_id")
    old, new = identifier(ids, "previous"), identifier(ids, "current")
    if old is None or new is None:
        raise Unused("damaged_user_id_update")
    return AddressChange(old, new, account)
