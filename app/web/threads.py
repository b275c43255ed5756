"""A case's thread as its page shows it: days, reactions on what they react to, quotes, and what is new to a writer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.inbox import ConversationView, Thread, ThreadItem
from app.models import Message
from app.web.i18n import local_day

QUOTE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the thread. `new_day` holds its date where a day begins with it."""

    item: ThreadItem
    new_day: date | None = None
    conversation: ConversationView | None = None
    reactions: tuple[str, ...] = ()
    quoted: str | None = None
    first_new: bool = False  # where the reader's last look ended
    told_below: bool = False  # a later line says already that this language has no way into German


Key = tuple[int, str | None]
"""A message as others refer to it: conversation and the provider's id."""


def rows_since(thread: Thread, reader_id: int, since: datetime | None) -> list[Row]:
    """With a line before the first that others said or wrote down since the reader looked."""
    made = rows(thread)
    if since is None:
        return made
    at = next((at for at, row in enumerate(made) if row.item.at > since and _is_news(row.item, reader_id)), None)
    if at is not None and at > 0:
        made[at] = replace(made[at], first_new=True)
    return made


def _is_news(item: ThreadItem, reader_id: int) -> bool:
    if item.message is not None:
        return item.message.author in ("contact", "staff") and item.message.user_id != reader_id
    return item.event is not None and item.kind == "note" and item.event.user_id != reader_id


def rows(thread: Thread) -> list[Row]:
    """Reactions are shown on their message; one whose message is not among these stays a line of its own."""
    conversations = {view.id: view for view in thread.conversations}
    by_external: dict[Key, Message] = {
        (item.message.conversation_id, item.message.external_id): item.message
        for item in thread.items
        if item.message and item.message.external_id
    }
    reactions = _reactions(thread.items, set(by_external))
    made: list[Row] = []
    for item in thread.items:
        row = Row(item)
        if item.message is not None:
            if _is_shown_elsewhere(item.message, by_external):
                continue
            key = (item.message.conversation_id, item.message.external_id)
            row = Row(
                item,
                conversation=conversations[item.message.conversation_id],
                reactions=tuple(reactions[key].values()),
                quoted=_quote(item.message, by_external),
            )
        day = local_day(item.at)
        if not made or day != local_day(made[-1].item.at):
            row = replace(row, new_day=day)
        made.append(row)
    return _told_once(made)


def _told_once(made: list[Row]) -> list[Row]:
    """A missing translation package is said under the newest message only: under each, nobody would read it any more."""
    told: set[str] = set()
    for at in reversed(range(len(made))):
        reading = made[at].item.reading
        if reading is None or reading.problem != "no_route" or not reading.route:
            continue
        made[at] = replace(made[at], told_below=reading.route[0] in told)
        told.add(reading.route[0])
    return made


def may_write(thread: Thread) -> bool:
    """Whether anything may be sent to this person now."""
    return thread.case.status != "closed" and any(each.mode != "stopped" for each in thread.conversations)


def newer_than(thread: Thread, conversation_id: int, seen_seq: int) -> list[Row]:
    """What came into a conversation since its reader looked."""
    return [
        row
        for row in rows(thread)
        if row.item.message is not None
        and row.item.message.conversation_id == conversation_id
        and row.item.message.seq > seen_seq
    ]


def _reactions(items: Sequence[ThreadItem], known: set[Key]) -> dict[Key, dict[str | None, str]]:
    """Per message the last reaction of each sender; an empty one takes it back."""
    found: dict[Key, dict[str | None, str]] = defaultdict(dict)
    for item in items:
        message = item.message
        if message is None or message.kind != "reaction":
            continue
        key = (message.conversation_id, message.reply_to)
        if key in known and message.text:
            found[key][message.sender] = message.text
        elif key in known:
            found[key].pop(message.sender, None)
    return found


def _is_shown_elsewhere(message: Message, by_external: Mapping[Key, Message]) -> bool:
    return message.kind == "reaction" and (message.conversation_id, message.reply_to) in by_external


def words_of(found: Thread, message_id: int | None) -> str:
    """Of a message that is to be answered."""
    return next((item.message.text or "" for item in found.items if item.message and item.message.id == message_id), "")


def _quote(message: Message, by_external: Mapping[Key, Message]) -> str | None:
    if message.kind in ("reaction", "button") or not message.reply_to:
        return None
    quoted = by_external.get((message.conversation_id, message.reply_to))
    if quoted is None or not quoted.text:
        return None
    return quoted.text if len(quoted.text) <= QUOTE_CHARS else quoted.text[:QUOTE_CHARS] + "…"
