"""The list of cases: a page of cards, the counters of its tabs, and what a colleague has read. The thread is `app.inbox`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.cases import access_case
from app.filters import Filters, Order, Sort, View, in_view, matches, order_of, visible, write_mark
from app.hub import Hub
from app.models import Case, CaseEvent, CaseRead, Channel, Contact, Conversation, Mention, Message, Reading, User
from app.own_words import GERMAN
from app.presence import Colleague, colleagues
from app.window import window_end

PAGE = 50
COUNTED_TO = 1000  # "999+": nobody reads on, and a town's closed cases grow for ever
Query = sa.Select[*tuple[Any, ...]]
VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One line of the list. `window_end` is set where free words may be sent for a limited time only."""

    case: Case
    name: str
    channel_id: int
    channel_kind: str
    channel_name: str
    language: str | None
    place: str
    heard_at: datetime | None
    last_text: str | None
    last_kind: str | None
    last_author: str | None
    last_at: datetime | None
    assignee_name: str | None
    unread: bool = False
    window_end: datetime | None = None
    here: tuple[Colleague, ...] = ()
    blocked_until: datetime | None = None
    last_german: str | None = None  # the last words as staff read them

    @property
    def waiting_since(self) -> datetime | None:
        return self.case.waiting_since

    @property
    def unanswered(self) -> bool:
        return self.case.waiting_since is not None


@dataclass(frozen=True, slots=True)
class CasePage:
    items: tuple[CaseCard, ...]
    next: str | None  # hand back as `before` for the next page
    counts: dict[str, int]


async def list_cases(
    hub: Hub,
    session: AsyncSession,
    user: User,
    *,
    view: View,
    sort: Sort = "urgency",
    filters: Filters | None = None,
    before: str = "",
    limit: int = PAGE,
) -> CasePage:
    """First which cases, by index, then what their cards show: nothing is looked up for cases of other pages."""
    wanted = filters or Filters()
    where = [visible(user), *matches(hub, wanted)]
    ids, mark = await _page(session, order_of(hub, view, sort), [*where, in_view(view, user)], before, limit)
    cards = await case_cards(session, user, ids)
    present = await colleagues(hub, session, user, ids)
    items = (replace(cards[id_], here=present.get(id_, ()), window_end=_window(hub, cards[id_])) for id_ in ids)
    return CasePage(tuple(items), mark, await _counts(session, user, where if wanted.on else where[:1]))


async def case_card(session: AsyncSession, user: User, case_id: int) -> CaseCard:
    await access_case(session, user, case_id)
    return (await case_cards(session, user, [case_id]))[case_id]


async def mark_read(session: AsyncSession, user: User, case_id: int, until: datetime) -> bool:
    """The user has had everything up to this moment before their eyes. False where that was known."""
    await access_case(session, user, case_id)
    read = await session.execute(
        sa.update(Mention)
        .where(
            Mention.case_id == case_id,
            Mention.user_id == user.id,
            Mention.seen_at.is_(None),
            Mention.event_id.in_(
                sa.select(CaseEvent.id).where(CaseEvent.case_id == case_id, CaseEvent.created_at <= until)
            ),
        )
        .values(seen_at=until)
        .returning(Mention.id)
    )
    statement = insert(CaseRead).values(user_id=user.id, case_id=case_id, seen_at=until)
    statement = statement.on_conflict_do_update(
        index_elements=["user_id", "case_id"], set_={"seen_at": until}, where=CaseRead.seen_at < until
    )
    moved = (await session.execute(statement.returning(CaseRead.case_id))).first() is not None
    return read.first() is not None or moved


async def seen_until(session: AsyncSession, user: User, case_id: int) -> datetime | None:
    """How far the user has read; None where they never looked. The caller has authorised."""
    return await session.scalar(
        sa.select(CaseRead.seen_at).where(CaseRead.user_id == user.id, CaseRead.case_id == case_id)
    )


async def _page(
    session: AsyncSession, order: Order, where: Sequence[sa.ColumnElement[bool]], before: str, limit: int
) -> tuple[list[int], str | None]:
    query = _joined(sa.select(Case.id, *order.said)).where(*where).order_by(*order.by).limit(limit + 1)
    if before:
        query = query.where(order.after(before))
    rows = (await session.execute(query)).all()
    mark = write_mark(rows[limit - 1][1:]) if len(rows) > limit else None
    return [row[0] for row in rows[:limit]], mark


def _joined(query: Query) -> Query:
    return (
        query.select_from(Case)
        .join(Conversation, Case.conversation_id == Conversation.id)
        .join(Channel, Conversation.channel_id == Channel.id)
    )


async def case_cards(session: AsyncSession, user: User, ids: Sequence[int]) -> dict[int, CaseCard]:
    last = (
        sa.select(
            Message.text,
            Message.kind,
            Message.author,
            Message.created_at,
            Message.user_id,
            Reading.text.label("german"),
        )
        .outerjoin(Reading, sa.and_(Reading.message_id == Message.id, Reading.language == GERMAN))
        .where(Message.conversation_id == Case.conversation_id, Message.author.in_(("contact", "staff")))
        .order_by(Message.seq.desc())
        .limit(1)
        .lateral("last")
    )
    noted = (
        sa.select(sa.func.max(CaseEvent.created_at).label("at"))
        .where(CaseEvent.case_id == Case.id, CaseEvent.kind == "note", CaseEvent.user_id != user.id)
        .lateral("noted")
    )
    assignee = aliased(User)
    columns = (
        Case,
        Contact.name,
        Channel.id,
        Channel.kind,
        Channel.name,
        Conversation.language,
        sa.func.coalesce(sa.func.nullif(Case.place, ""), Conversation.place),
        Conversation.heard_at,
        *(last.c.text, last.c.kind, last.c.author, last.c.created_at),
        assignee.name,
        *(last.c.user_id, noted.c.at, CaseRead.seen_at, Contact.blocked_until, last.c.german),
    )
    query = (
        _joined(sa.select(*columns))
        .join(Contact, Case.contact_id == Contact.id)
        .outerjoin(assignee, Case.assignee_id == assignee.id)
        .outerjoin(CaseRead, sa.and_(CaseRead.case_id == Case.id, CaseRead.user_id == user.id))
        .outerjoin(last, sa.true())
        .outerjoin(noted, sa.true())
        .where(Case.id.in_(ids))
    )
    return {row[0].id: _card(user, row) for row in await session.execute(query)}


def _card(user: User, row: sa.Row[Any]) -> CaseCard:
    *shown, writer_id, noted_at, seen_at, blocked_until, german = tuple(row)
    card = CaseCard(*shown)
    said_at = card.last_at if writer_id != user.id else None
    news = max(filter(None, (said_at, noted_at)), default=None)
    unread = card.case.status != "closed" and news is not None and (seen_at is None or news > seen_at)
    return replace(card, unread=unread, blocked_until=blocked_until, last_german=german)


def _window(hub: Hub, card: CaseCard) -> datetime | None:
    channel = hub.registry.by_id(card.channel_id)
    return window_end(channel, card.heard_at) if channel else None


async def count_cases(
    session: AsyncSession, user: User, view: View, where: Sequence[sa.ColumnElement[bool]], most: int
) -> int:
    """How many cases a list has, counted no further than `most`."""
    return await session.scalar(sa.select(_count(user, view, where, most))) or 0


async def _counts(session: AsyncSession, user: User, where: Sequence[sa.ColumnElement[bool]]) -> dict[str, int]:
    """One small query per tab, so that each finds its own index."""
    parts = [_count(user, view, where, COUNTED_TO).label(view) for view in VIEWS]
    return dict(zip(VIEWS, (await session.execute(sa.select(*parts))).one(), strict=True))


def _count(user: User, view: View, where: Sequence[sa.ColumnElement[bool]], most: int) -> sa.ScalarSelect[int]:
    """Joined only where a filter needs it: `where` begins with the rights."""
    base: Query = sa.select(Case.id)
    base = _joined(base) if len(where) > 1 else base.select_from(Case)
    some = base.where(*where, in_view(view, user)).limit(most).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()
