"""Readings: what people write, and what the bot said to them, in German for staff. Jobs make them, nothing waits for them.

Whatever makes a message due wakes `read` for its conversation; the sweep finds what a crash or a missing package left behind.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app import memory, rendering
from app.feed import publish
from app.hub import Hub
from app.models import Case, Conversation, Message, Reading
from app.models.words import search_words
from app.own_words import GERMAN, own_words
from flows.understand import Context
from translations.machine import NoRoute, TooSlow

log = logging.getLogger(__name__)

BEFORE = 50  # messages of the time before the case, in each of the contact's conversations
BATCH = 20  # then other conversations have their turn
TOLD_EVERY = 2.0  # seconds; open pages are fetched anew each time
AGAIN_AFTER, AGAIN_FOR = timedelta(minutes=10), timedelta(days=1)  # where the machine was too slow or broke off
SWEPT_AT_ONCE = 100  # conversations
BY_PEOPLE = ("checked", "written")
_Query = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """A reading as it is stored; without a `text` and without a `problem` the message needs none: it is German already.

    `route`: the languages passed through; where there are no packages, the two that should be connected.
    """

    origin: str
    text: str | None = None
    route: tuple[str, ...] = ()
    untouched: int = 0
    likeness: float | None = None
    problem: str | None = None


NEEDS_NONE = Words("none", route=(GERMAN,))


@dataclass(frozen=True, slots=True)
class Due:
    """A message to read, as it stood when it was looked at."""

    id: int
    text: str
    edits: int
    author: str
    payload: dict[str, Any]
    on: date
    language: str | None  # of the conversation
    place: str


async def wake(hub: Hub, session: AsyncSession, conversation_id: int) -> None:
    """Something was said in a conversation; read while the contact has an open case."""
    case = (
        sa.select(Case.id)
        .join(Conversation, Conversation.contact_id == Case.contact_id)
        .where(Conversation.id == conversation_id, Case.status != "closed")
    )
    if await session.scalar(case):
        await hub.waker.read(session, conversation_id)


async def wake_all(hub: Hub, session: AsyncSession, contact_id: int) -> None:
    """A case was opened: what its colleague will see of the time before is read as well."""
    for conversation_id in await session.scalars(
        sa.select(Conversation.id).where(Conversation.contact_id == contact_id)
    ):
        await hub.waker.read(session, conversation_id)


async def words_changed(hub: Hub, session: AsyncSession, message: Message) -> None:
    """An edited or deleted message: its reading says what nobody wrote any more. The caller holds the row's lock."""
    await session.execute(sa.delete(Reading).where(Reading.message_id == message.id))
    await wake(hub, session, message.conversation_id)


async def wake_unread(hub: Hub, session: AsyncSession, has_job: sa.ColumnElement[bool]) -> None:
    """`has_job` speaks of Conversation.id."""
    query = _due(sa.select(Conversation.id), _packages_changed(hub)).where(~has_job).distinct()
    for conversation_id in await session.scalars(query.limit(SWEPT_AT_ONCE)):
        await hub.waker.read(session, conversation_id)


async def read(hub: Hub, conversation_id: int) -> None:
    """The newest messages first. No transaction is open while the machine works."""
    async with hub.db.transaction() as session:
        due = await _due_in(hub, session, conversation_id)
    done: list[tuple[Due, Words]] = []
    told = time.monotonic()
    for each in due[:BATCH]:
        done.append((each, await _german_of(hub, each)))
        if time.monotonic() - told > TOLD_EVERY:
            await _store(conversation_id, hub, done)
            done, told = [], time.monotonic()
    await _store(conversation_id, hub, done)
    if len(due) > BATCH:
        async with hub.db.transaction() as session:
            await hub.waker.read(session, conversation_id)


async def put(session: AsyncSession, message: Message, words: Words, *, user_id: int | None = None) -> bool:
    """Store a reading, findable; what a person checked or wrote gives way to a person only.

    The caller has locked the message, and knows that its wording is the one that was read.
    """
    values = {
        "text": words.text,
        "origin": words.origin,
        "route": list(words.route),
        "untouched": words.untouched,
        "likeness": words.likeness,
        "problem": words.problem,
        "edits": len(message.edits),
        "user_id": user_id,
        "created_at": sa.func.now(),
    }
    statement = insert(Reading).values(message_id=message.id, language=GERMAN, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["message_id", "language"],
        set_=values,
        where=sa.or_(sa.literal(words.origin in BY_PEOPLE), Reading.origin.not_in(BY_PEOPLE)),
    )
    if await session.scalar(statement.returning(Reading.id)) is None:
        return False
    message.words = search_words(f"{message.text or ''} {words.text or ''}")
    return True


async def _store(conversation_id: int, hub: Hub, done: Sequence[tuple[Due, Words]]) -> None:
    """What was edited, deleted or erased meanwhile is left out: whoever changed it woke another job."""
    if not done:
        return
    async with hub.db.transaction() as session:
        seen = False
        for due, words in sorted(done, key=lambda each: each[0].id):
            message = await session.get(Message, due.id, with_for_update=True)
            if message is None or len(message.edits) != due.edits:
                continue
            seen |= await put(session, message, words) and words != NEEDS_NONE
        if seen:
            await publish(session, "conversation", conversation_id)


async def _german_of(hub: Hub, due: Due) -> Words:
    """From the bot's own content, else remembered or by machine."""
    if due.author != "contact":
        async with hub.db.transaction() as session:
            ours = await own_words(hub, session, due.text, due.payload, due.place, due.on)
        if ours is not None:
            return Words("written", ours, (GERMAN,)) if ours != due.text else NEEDS_NONE
    source = await asyncio.to_thread(_language, hub, due)
    if source == GERMAN or not any(char.isalpha() for char in due.text):
        return NEEDS_NONE
    return await _rendered(hub, due, source)


async def _rendered(hub: Hub, due: Due, source: str) -> Words:
    async with hub.db.transaction() as session:
        recalled = await rendering.recall(session, due.text, source, GERMAN)
        await memory.count_uses(session, recalled.used)
    try:
        said = await rendering.complete(hub, recalled)
    except NoRoute:
        return Words("none", route=(source, GERMAN), problem="no_route")
    except TooSlow:
        return Words("none", route=(source, GERMAN), problem="too_slow")
    except Exception as error:  # whatever a broken model raises: staff still have the original
        log.warning("message %d could not be read (%s)", due.id, type(error).__name__)
        return Words("none", route=(source, GERMAN), problem="damaged")
    return Words(said.origin, said.text, said.route, len(said.untouched), said.likeness)


def _language(hub: Hub, due: Due) -> str:
    """Of this message; a short or doubtful one has the conversation's."""
    answers = due.payload.get("answers") or [{}]
    known = answers[0].get("language") or due.language
    return hub.shelf.understander.understand(due.text, Context(language=known)).language


async def _due_in(hub: Hub, session: AsyncSession, conversation_id: int) -> list[Due]:
    columns = sa.select(
        Message.id,
        Message.text,
        sa.func.jsonb_array_length(Message.edits),
        Message.author,
        Message.payload,
        sa.cast(Message.created_at, sa.Date),
        Conversation.language,
        Conversation.place,
    )
    query = _due(columns, _packages_changed(hub)).where(Conversation.id == conversation_id)
    rows = await session.execute(query.order_by(Message.seq.desc()).limit(BATCH + 1))
    return [Due(*row) for row in rows]


def _due(query: _Query, changed: datetime | None) -> _Query:
    """Messages in conversations of contacts with an open case, without a reading, or with a problem that may be over."""
    older = aliased(Message)
    first = (
        sa.select(older.seq)
        .where(older.conversation_id == Conversation.id, older.created_at < Case.created_at)
        .order_by(older.seq.desc())
        .offset(BEFORE - 1)
        .limit(1)
        .lateral("first")
    )
    now = sa.func.now()
    again = sa.and_(
        Reading.problem.in_(("too_slow", "damaged")),
        Reading.created_at < now - AGAIN_AFTER,
        Message.created_at > now - AGAIN_FOR,
    )
    if changed is not None:
        again = sa.or_(again, sa.and_(Reading.problem.is_not(None), Reading.created_at < changed))
    return (
        query.select_from(Case)
        .join(Conversation, Conversation.contact_id == Case.contact_id)
        .outerjoin(first, sa.true())
        .join(Message, Message.conversation_id == Conversation.id)
        .outerjoin(Reading, sa.and_(Reading.message_id == Message.id, Reading.language == GERMAN))
        .where(
            Case.status != "closed",
            Message.seq >= sa.func.coalesce(first.c.seq, 0),
            Message.author.in_(("contact", "bot", "system")),
            Message.kind != "reaction",
            Message.text != "",
            ~Message.payload.has_key("revoked"),
            sa.or_(Reading.id.is_(None), again),
        )
    )


def _packages_changed(hub: Hub) -> datetime | None:
    """When packages were last put in or taken out. None where that lies ahead: a clock that is wrong must not keep us busy."""
    try:
        changed = datetime.fromtimestamp(hub.settings.packages_dir.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    return changed if changed <= datetime.now(UTC) else None
