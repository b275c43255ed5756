"""Telegram's updates -> neutral items.

The raw JSON is read, not `telegram.Update.de_json`: that one raises on the first odd value (a missing `until_date`,
a date out of range), and a message would be lost, or come back for a day and block its chat for as long.
"""

import re
from datetime import UTC, datetime

from channels.base import AddressChange, Button, Inbound, InboundEdit, Item, Parsed
from channels.telegram_fields import Fields, Unused, cleaned, is_group, language, read_json, sender
from channels.telegram_message import read_message

# Kinds of updates that are asked for; all others are named in `unused`.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")


def parse_body(body: bytes, *, own_id: int | None = None) -> Parsed:
    """The body of one webhook request: one update."""
    try:
        raw = read_json(body)
    except (ValueError, RecursionError):
        return Parsed(unused=("not_json",))
    return parse_update(raw, own_id=own_id)


def parse_update(raw: object, *, own_id: int | None = None) -> Parsed:
    """One update, from a webhook or from polling; `own_id` is the bot's, to leave out its own messages."""
    if not isinstance(raw, dict):
        return Parsed(unused=("not_json",))
    try:
        return Parsed(items=(_item(Fields(cleaned(raw)), own_id),))
    except Unused as unused:
        return Parsed(unused=(unused.reason,))
    except RecursionError:
        return Parsed(unused=("not_json",))
    except Exception:  # An update that is refused comes back for a day and blocks its chat for as long.
        return Parsed(unused=("unreadable",))


def _item(update: Fields, own_id: int | None) -> Item:
    if "message" in update:
        return read_message(update.child("message"), own_id)
    if "edited_message" in update:
        return _edit(update.child("edited_message"), own_id)
    if "callback_query" in update:
        return _button(update.child("callback_query"))
    if "message_reaction" in update:
        return _reaction(update.child("message_reaction"))
    if "my_chat_member" in update:
        return _membership(update.child("my_chat_member"))
    kind = next((name for name in update.raw if name != "update_id"), "")
    raise Unused(kind if re.fullmatch(r"[a-z_]{1,40}", kind) else "unknown_update")


def _edit(message: Fields, own_id: int | None) -> InboundEdit | AddressChange:
    """A new wording, or the next position of a live location."""
    item = read_message(message, own_id)
    if isinstance(item, AddressChange):
        return item
    edited_at = message.time("edit_date") or item.provider_time or datetime.now(UTC)
    return InboundEdit(item, edited_at)


def _button(query: Fields) -> Inbound:
    """A press. Its message may be gone (`date` 0) or absent; a private chat has its person's id."""
    query_id, data = query.text("id"), query.text("data")
    person, message = query.child("from"), query.child("message")
    chat_id = message.child("chat").whole("id")
    address = chat_id if chat_id is not None else person.whole("id")
    if query_id is None or data is None or address is None:
        raise Unused("callback_game" if "game_short_name" in query else "damaged_callback_query")
    group = is_group(message.child("chat"), address)
    message_id = message.whole("message_id")
    label = _label(message, data)
    return Inbound(
        external_id=f"callback:{query_id}",
        address=str(address),
        kind="button",
        sender=sender(query) if group else None,
        text=label,
        button=Button(data, label),
        reply_to=f"{chat_id}:{message_id}" if chat_id is not None and message_id is not None else None,
        language_hint=language(person),
        group=group,
        acknowledge=query_id,
    )


def _label(message: Fields, data: str) -> str:
    rows = message.child("reply_markup").raw.get("inline_keyboard")
    for row in rows if isinstance(rows, list) else []:
        for button in Fields({"row": row}).children("row"):
            if button.text("callback_data") == data:
                return button.text("text") or data
    return data


def _reaction(reaction: Fields) -> Inbound:
    chat = reaction.child("chat")
    chat_id, message_id = chat.whole("id"), reaction.whole("message_id")
    if chat_id is None or message_id is None:
        raise Unused("damaged_message_reaction")
    actor = reaction.child("user").whole("id") or reaction.child("actor_chat").whole("id") or chat_id
    old, new = reaction.children("old_reaction"), reaction.children("new_reaction")
    change = f"{''.join(map(_reaction_name, old))}>{''.join(map(_reaction_name, new))}"
    group = is_group(chat, chat_id)
    emojis = "".join(item.text("emoji") or "" for item in new)
    special = [_reaction_name(item) for item in new if not item.text("emoji")]
    return Inbound(
        external_id=f"reaction:{chat_id}:{message_id}:{actor}:{reaction.whole('date') or 0}:{change}",
        address=str(chat_id),
        kind="reaction",
        sender=str(actor) if group else None,
        text=None if special and not emojis else emojis,  # '' says that a reaction was taken back
        reply_to=f"{chat_id}:{message_id}",
        provider_time=reaction.time("date"),
        language_hint=language(reaction.child("user")),
        group=group,
        extra={"reactions": special} if special else {},
    )


def _reaction_name(reaction: Fields) -> str:
    """An emoji, or a placeholder for pictures that only Telegram can show."""
    return reaction.text("emoji") or f"[{reaction.text('custom_emoji_id') or reaction.text('type') or 'unknown'}]"


def _membership(change: Fields) -> Inbound:
    """In a private chat, `kicked` means that the person blocked the bot."""
    chat = change.child("chat")
    chat_id, status = chat.whole("id"), change.child("new_chat_member").text("status")
    if chat_id is None or status is None:
        raise Unused("damaged_my_chat_member")
    if is_group(chat, chat_id) or status not in ("kicked", "member"):
        raise Unused("my_chat_member")
    return Inbound(
        external_id=f"member:{chat_id}:{change.whole('date') or 0}:{status}",
        address=str(chat_id),
        kind="blocked" if status == "kicked" else "unblocked",
        provider_time=change.time("date"),
        language_hint=language(change.child("from")),
    )
