"""Search over all cases that a colleague may see, and within one: words of messages and notes, invented names, tags.

Results are grouped by person, because a thread shows all of a person's conversations; the newest hit comes first.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app import audit
from app.cases import access_case
from app.errors import BadInput
from app.filters import Condition, Filters, matches, visible
from app.hub import Hub
from app.lists import CaseCard, case_cards
from app.models import Case, CaseEvent, Channel, Contact, Conversation, Message, Reading, User
from app.needle import Needle, Piece, read_needle
from app.own_words import GERMAN

PAGE = 20  # people
HITS_SHOWN = 3  # of one person; the rest is found within the thread
BATCH = 200  # hits looked at together
MOST_PEOPLE = 500  # beyond that, other words help more than pages
IN_THREAD = 200
AROUND = 20  # messages shown before one that was jumped to
OWN_PLAN = sa.text("set local plan_cache_mode = force_custom_plan")
"""How common the words are decides how best to look for them, so no plan is kept for all words."""

FEW = 2000
BY_WORDS = "select set_config('enable_seqscan', :on, true), set_config('enable_indexscan', :on, true)"
"""How rare the beginning of a word is, the planner only guesses; so the words' index is asked first."""

Kind = Literal["message", "note"]
_Query = sa.Select[*tuple[Any, ...]]
_Row = tuple[datetime, int, int]
"""A hit's time and id, and the contact."""


@dataclass(frozen=True, slots=True)
class Hit:
    kind: Kind
    id: int
    at: datetime
    author: str  # contact, bot, staff, system
    author_name: str | None
    pieces: tuple[Piece, ...]

    @property
    def anchor(self) -> str:
        """Its element in the thread."""
        return f"message-{self.id}" if self.kind == "message" else f"event-{self.id}"


@dataclass(frozen=True, slots=True)
class Group:
    card: CaseCard
    hits: tuple[Hit, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    named: tuple[CaseCard, ...] = ()  # whose name or tags fit; on the first page only
    groups: tuple[Group, ...] = ()
    next: str | None = None
    cut: bool = False  # there is more than is ever shown


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the next page goes on, and who was shown already."""

    message: int = 2**62
    note: int = 2**62
    shown: tuple[int, ...] = ()

    def write(self) -> str:
        return json.dumps([self.message, self.note, *self.shown])


@dataclass(slots=True)
class _Walk:
    """One page in the making: people in the order of their newest hits."""

    mark: Mark
    people: list[int] = field(default_factory=list)
    ended: bool = False


async def search(
    hub: Hub, session: AsyncSession, user: User, words: str, *, filters: Filters | None = None, before: str = ""
) -> Found:
    needle, mark = read_needle(words), _read_mark(before)
    where = [visible(user), *matches(hub, filters or Filters())]
    await session.execute(OWN_PLAN)
    named = () if before else await _named(session, user, needle, where)
    walk = await _walk(session, needle, where, mark)
    groups = await _groups(session, user, needle, where, walk.people)
    shown = [group.card.case.id for group in groups] + [card.case.id for card in named]
    await audit.note(session, user, "searched", cases=shown)
    cut = not walk.ended and len(walk.mark.shown) >= MOST_PEOPLE
    return Found(named, groups, None if walk.ended or cut else walk.mark.write(), cut)


async def search_thread(session: AsyncSession, user: User, case_id: int, words: str) -> tuple[tuple[Hit, ...], bool]:
    """The newest hits of one thread, and whether there are more."""
    case = await access_case(session, user, case_id)
    await audit.note_reading(session, user, case)
    hits = await _hits(session, read_needle(words), visible(user), [case.contact_id], IN_THREAD + 1)
    found = hits.get(case.contact_id, [])
    return tuple(found[:IN_THREAD]), len(found) > IN_THREAD


async def reach(session: AsyncSession, user: User, case_id: int, anchor: str) -> int:
    """How many messages a thread must show so that this message or event is among them; 0 where there is none such."""
    kind, _, number = anchor.partition("-")
    if kind not in ("message", "event") or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return 0
    case = await access_case(session, user, case_id)
    ours = sa.select(Conversation.id).where(Conversation.contact_id == case.contact_id)
    at = (
        sa.select(Message.created_at).where(Message.id == int(number), Message.conversation_id.in_(ours))
        if kind == "message"
        else sa.select(CaseEvent.created_at)
        .join(Case, CaseEvent.case_id == Case.id)
        .where(CaseEvent.id == int(number), Case.contact_id == case.contact_id)
    )
    moment = await session.scalar(at)
    if moment is None:
        return 0
    newer = sa.select(sa.func.count()).where(Message.conversation_id.in_(ours), Message.created_at >= moment)
    return (await session.scalar(newer) or 0) + AROUND


def _read_mark(before: str) -> Mark:
    if not before:
        return Mark()
    try:
        message, note, *shown = (int(value) for value in json.loads(before))
        if len(shown) > MOST_PEOPLE or not all(0 <= each <= 2**62 for each in (message, note, *shown)):
            raise ValueError
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput("This page mark is not valid.") from error
    return Mark(message, note, tuple(shown))


def _fits(column: Any, needle: Needle) -> Condition:
    fits: Condition = column.op("@@", is_comparison=True)(sa.cast(sa.literal(needle.query, sa.Text), TSQUERY))
    return fits


def _cases(columns: _Query, where: Sequence[Condition]) -> _Query:
    """Cases that are seen and fit the filters."""
    return (
        columns.select_from(Case)
        .join(Conversation, Case.conversation_id == Conversation.id)
        .join(Channel, Conversation.channel_id == Channel.id)
        .where(*where)
    )


async def _walk(session: AsyncSession, needle: Needle, where: Sequence[Condition], mark: Mark) -> _Walk:
    """The next people by their newest hit. Every round leaves out who was met, so one long talk holds nobody up."""
    walk, few = _Walk(mark), await _few(session, needle)
    while len(walk.people) < PAGE and not walk.ended and len(walk.mark.shown) < MOST_PEOPLE:
        messages = await _round(session, _messages(needle, where, walk.mark, few))
        notes = await _round(session, _notes(needle, where, walk.mark))
        _take(walk, messages, notes)
    return walk


async def _round(session: AsyncSession, query: _Query) -> list[_Row]:
    return [(at, id_, contact) for at, id_, contact in await session.execute(query)]


def _take(walk: _Walk, messages: list[_Row], notes: list[_Row]) -> None:
    """Both streams merged by time, as far as both are known."""
    both = sorted([(*row, "message") for row in messages] + [(*row, "note") for row in notes], reverse=True)
    known_since = max((stream[-1][0] for stream in (messages, notes) if len(stream) == BATCH), default=None)
    taken = 0
    for at, _, contact, _ in both:
        is_new = contact not in walk.people
        if (known_since is not None and at < known_since) or (is_new and len(walk.people) == PAGE):
            break
        if is_new:
            walk.people.append(contact)
        taken += 1
    walk.ended = known_since is None and taken == len(both)
    shown = tuple(dict.fromkeys((*walk.mark.shown, *walk.people)))
    # Ids and times may differ in order where two wrote at once: what was not taken lies below the mark in any case.
    rest = {kind: [id_ + 1 for _, id_, _, its in both[taken:] if its == kind] for kind in ("message", "note")}
    done = {kind: [id_ for _, id_, _, its in both if its == kind] for kind in ("message", "note")}
    walk.mark = Mark(
        max(rest["message"], default=min(done["message"], default=walk.mark.message)),
        max(rest["note"], default=min(done["note"], default=walk.mark.note)),
        shown,
    )


async def _few(session: AsyncSession, needle: Needle) -> Sequence[int] | None:
    """The messages that fit, where they are few."""
    await session.execute(sa.text(BY_WORDS), {"on": "off"})
    ids = (await session.scalars(sa.select(Message.id).where(_fits(Message.words, needle)).limit(FEW + 1))).all()
    await session.execute(sa.text(BY_WORDS), {"on": "on"})
    return ids if len(ids) <= FEW else None


def _messages(needle: Needle, where: Sequence[Condition], mark: Mark, few: Sequence[int] | None) -> _Query:
    message, talk = aliased(Message), aliased(Conversation)
    fits = _fits(message.words, needle) if few is None else message.id.in_(few)
    return (
        sa.select(message.created_at, message.id, talk.contact_id)
        .join(talk, message.conversation_id == talk.id)
        .where(fits, message.id < mark.message, _unseen(talk.contact_id, mark))
        .where(_may(Case.contact_id == talk.contact_id, where, talk))
        .order_by(message.id.desc())
        .limit(BATCH)
    )


def _notes(needle: Needle, where: Sequence[Condition], mark: Mark) -> _Query:
    event, own = aliased(CaseEvent), aliased(Case)
    return (
        sa.select(event.created_at, event.id, own.contact_id)
        .join(own, event.case_id == own.id)
        .where(_fits(event.words, needle), event.id < mark.note, _unseen(own.contact_id, mark))
        .where(_may(Case.id == own.id, where, own))
        .order_by(event.id.desc())
        .limit(BATCH)
    )


def _may(its_case: Condition, where: Sequence[Condition], outer: Any) -> Condition:
    """A scalar, not an `exists`: that would be joined to all cases, and the rights be looked up for every one of them."""
    mine = _cases(sa.select(Case.id), [its_case, *where]).correlate(outer).limit(1)
    return mine.scalar_subquery().is_not(None)


def _unseen(contact_id: Any, mark: Mark) -> Condition:
    return sa.not_(contact_id.in_(mark.shown)) if mark.shown else sa.true()


async def _named(session: AsyncSession, user: User, needle: Needle, where: Sequence[Condition]) -> tuple[CaseCard, ...]:
    """The newest cases whose person's invented name, or whose tags, fit."""
    person = aliased(Contact)
    named = sa.select(person.id).where(_fits(person.words, needle), _may(Case.contact_id == person.id, where, person))
    people = (await session.scalars(named.order_by(person.id.desc()).limit(PAGE))).all()
    tagged = _cases(sa.select(Case.id), [*where, _fits(Case.words, needle)]).order_by(Case.id.desc()).limit(PAGE)
    ids = {*(await _newest(session, where, people)).values(), *await session.scalars(tagged)}
    newest = sorted(ids, reverse=True)[:PAGE]
    if not newest:
        return ()
    cards = await case_cards(session, user, newest)
    return tuple(cards[id_] for id_ in newest)


async def _newest(session: AsyncSession, where: Sequence[Condition], people: Sequence[int]) -> dict[int, int]:
    """Each person's newest case."""
    query = _cases(sa.select(Case.contact_id, sa.func.max(Case.id)), [*where, Case.contact_id.in_(people)])
    return {row[0]: row[1] for row in await session.execute(query.group_by(Case.contact_id))}


async def _groups(
    session: AsyncSession, user: User, needle: Needle, where: Sequence[Condition], people: Sequence[int]
) -> tuple[Group, ...]:
    """Each person with their newest case and newest hits."""
    if not people:
        return ()
    case_of = await _newest(session, where, people)
    cards = await case_cards(session, user, list(case_of.values()))
    hits = await _hits(session, needle, where[0], people, HITS_SHOWN + 1)
    return tuple(
        Group(cards[case_of[each]], tuple(hits.get(each, ())[:HITS_SHOWN]), len(hits.get(each, ())) > HITS_SHOWN)
        for each in people
        if each in case_of
    )


async def _hits(
    session: AsyncSession, needle: Needle, may: Condition, people: Collection[int], most: int
) -> dict[int, list[Hit]]:
    """Per person the newest, messages and notes together."""
    shown = (Message.id, Message.created_at, Message.author, User.name, Message.text, Reading.text.label("german"))
    said = (
        sa.select(*shown, Conversation.contact_id, _rank(Conversation.contact_id, Message.id))
        .join(Conversation, Message.conversation_id == Conversation.id)
        .outerjoin(Reading, sa.and_(Reading.message_id == Message.id, Reading.language == GERMAN))
        .outerjoin(User, Message.user_id == User.id)
        .where(Conversation.contact_id.in_(people), _fits(Message.words, needle))
    )
    author = sa.literal("staff")
    noted_by = (CaseEvent.id, CaseEvent.created_at, author, User.name, CaseEvent.text, sa.null().label("german"))
    noted = (
        sa.select(*noted_by, Case.contact_id, _rank(Case.contact_id, CaseEvent.id))
        .join(Case, CaseEvent.case_id == Case.id)
        .outerjoin(User, CaseEvent.user_id == User.id)
        .where(Case.contact_id.in_(people), may, _fits(CaseEvent.words, needle))
    )
    found: dict[int, list[Hit]] = {}
    streams: tuple[tuple[Kind, _Query], ...] = (("message", said), ("note", noted))
    for kind, query in streams:
        ranked = query.subquery()
        for id_, at, who, name, text, german, contact, _ in await session.execute(
            sa.select(ranked).where(ranked.c.rank <= most)
        ):
            shows = german if german and needle.holds(german) and not needle.holds(text or "") else text
            found.setdefault(contact, []).append(Hit(kind, id_, at, who, name, needle.marked(shows or "")))
    for hits in found.values():
        hits.sort(key=lambda hit: (hit.at, hit.id), reverse=True)
    return {contact: hits[:most] for contact, hits in found.items()}


def _rank(contact_id: Any, id_: Any) -> sa.ColumnElement[int]:
    return sa.func.row_number().over(partition_by=contact_id, order_by=id_.desc()).label("rank")
