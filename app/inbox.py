"""What staff see of cases: the list with its counters, and one case's thread. Reads only, but notes who read."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from app import audit
from app.cases import access_case
from app.errors import BadInput, NotAllowed
from app.facts import facts_of
from app.models import Address, Case, CaseEvent, Channel, Contact, Conversation, Message, User
from app.rights import ANSWERING_ROLES, visible_cases

View = Literal["mine", "unassigned", "all", "closed"]
PAGE = 50
THREAD_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One line of the list."""

    case: Case
    name: str
    channel_kind: str
    channel_name: str
    language: str | None
    place: str
    last_text: str | None
    last_kind: str | None
    last_author: str | None
    last_at: datetime | None
    assignee_name: str | None

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


@dataclass(frozen=True, slots=True)
class ConversationView:
    id: int
    channel_kind: str
    channel_name: str
    masked_address: str
    mode: str
    language: str | None
    place: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class ThreadItem:
    kind: Literal["message", "event", "note"]
    at: datetime
    message: Message | None = None
    event: CaseEvent | None = None
    author_name: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    case: Case
    card: CaseCard
    conversations: tuple[ConversationView, ...]
    items: tuple[ThreadItem, ...]
    earlier: bool  # there are older messages than these
    facts: dict[str, Any]  # what flows learned about the contact


def _in_view(view: View, user: User) -> sa.ColumnElement[bool]:
    match view:
        case "mine":
            return sa.and_(Case.status != "closed", Case.assignee_id == user.id)
        case "unassigned":
            return sa.and_(Case.status != "closed", Case.assignee_id.is_(None))
        case "closed":
            return Case.status == "closed"
        case "all":
            return Case.status != "closed"


# Urgent first, then who waits longest, then the newest; closed ones by when they were closed.
RANK = sa.case((Case.urgency == "urgent", 0), else_=1)
SINCE = sa.func.coalesce(sa.func.extract("epoch", Case.waiting_since), 10_000_000_000)
CLOSED = -sa.func.coalesce(sa.func.extract("epoch", Case.closed_at), 0)


def _sort_key(view: View) -> tuple[sa.ColumnElement[object], ...]:
    return (CLOSED, -Case.id) if view == "closed" else (RANK, SINCE, -Case.id)  # type: ignore[return-value]


async def list_cases(
    session: AsyncSession, user: User, *, view: View, before: str | None = None, limit: int = PAGE
) -> CasePage:
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    key = _sort_key(view)
    query = _cards(*key).where(_in_view(view, user), visible_cases(user)).order_by(*key).limit(limit + 1)
    if before:
        query = query.where(sa.tuple_(*key) > sa.tuple_(*_read_mark(before, len(key))))
    rows = (await session.execute(query)).all()
    mark = _write_mark([float(value) for value in rows[limit - 1][-len(key) :]]) if len(rows) > limit else None
    return CasePage(tuple(_card(row) for row in rows[:limit]), mark, await _counts(session, user))


async def case_card(session: AsyncSession, user: User, case_id: int) -> CaseCard:
    await access_case(session, user, case_id)
    row = (await session.execute(_cards().where(Case.id == case_id))).one()
    return _card(row)


async def thread(session: AsyncSession, user: User, case_id: int, *, limit: int = THREAD_MESSAGES) -> Thread:
    """The newest messages of all the contact's conversations, with the case's events between them."""
    case = await access_case(session, user, case_id)
    await audit.note_reading(session, user, case)
    views = await _conversations(session, case.contact_id)
    author = aliased(User)
    newest = (
        await session.execute(
            sa.select(Message, author.name)
            .outerjoin(author, Message.user_id == author.id)
            .where(Message.conversation_id.in_([view.id for view in views]))
            .order_by(Message.created_at.desc(), Message.seq.desc())
            .limit(limit + 1)
            .options(selectinload(Message.media))
        )
    ).all()
    items = [ThreadItem("message", m.created_at, message=m, author_name=name) for m, name in newest[:limit]]
    since = items[-1].at if len(newest) > limit else None
    items += await _events(session, user, case, since)
    items.sort(key=lambda item: (item.at, item.message.seq if item.message else 0))
    card = await case_card(session, user, case_id)
    facts = await facts_of(session, case.contact_id)
    return Thread(case, card, views, tuple(items), len(newest) > limit, facts)


async def _events(session: AsyncSession, user: User, case: Case, since: datetime | None) -> list[ThreadItem]:
    """Of all the contact's cases that this user may see, so that a returning person's history is seen."""
    author = aliased(User)
    query = (
        sa.select(CaseEvent, author.name)
        .join(Case, CaseEvent.case_id == Case.id)
        .outerjoin(author, CaseEvent.user_id == author.id)
        .where(Case.contact_id == case.contact_id, visible_cases(user))
    )
    if since is not None:
        query = query.where(CaseEvent.created_at >= since)
    rows = (await session.execute(query)).all()
    return [
        ThreadItem("note" if event.kind == "note" else "event", event.created_at, event=event, author_name=name)
        for event, name in rows
    ]


async def _conversations(session: AsyncSession, contact_id: int) -> tuple[ConversationView, ...]:
    rows = await session.execute(
        sa.select(Conversation, Channel.kind, Channel.name, Address.masked)
        .join(Channel, Conversation.channel_id == Channel.id)
        .join(Address, Conversation.address_id == Address.id)
        .where(Conversation.contact_id == contact_id)
        .order_by(Conversation.id)
    )
    return tuple(
        ConversationView(c.id, kind, name, masked, c.mode, c.language, c.place, c.last_seq)
        for c, kind, name, masked in rows
    )


def _cards(*extra: sa.ColumnElement[object]) -> sa.Select[Any]:
    last = (
        sa.select(Message.text, Message.kind, Message.author, Message.created_at)
        .where(Message.conversation_id == Case.conversation_id, Message.author.in_(("contact", "staff")))
        .order_by(Message.seq.desc())
        .limit(1)
        .lateral("last")
    )
    assignee = aliased(User)
    return (
        sa.select(
            Case,
            Contact.name,
            Channel.kind,
            Channel.name,
            Conversation.language,
            Conversation.place,
            last.c.text,
            last.c.kind,
            last.c.author,
            last.c.created_at,
            assignee.name,
            *(column.label(f"key_{number}") for number, column in enumerate(extra)),
        )
        .join(Contact, Case.contact_id == Contact.id)
        .join(Conversation, Case.conversation_id == Conversation.id)
        .join(Channel, Conversation.channel_id == Channel.id)
        .outerjoin(assignee, Case.assignee_id == assignee.id)
        .outerjoin(last, sa.true())
    )


def _card(row: sa.Row[Any]) -> CaseCard:
    return CaseCard(*tuple(row)[:11])


async def _counts(session: AsyncSession, user: User) -> dict[str, int]:
    views: tuple[View, ...] = ("mine", "unassigned", "all", "closed")
    row = (
        await session.execute(
            sa.select(*(sa.func.count().filter(_in_view(v, user)) for v in views))
            .select_from(Case)
            .where(visible_cases(user))
        )
    ).one()
    return dict(zip(views, row, strict=True))


def _write_mark(values: list[float]) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode()


def _read_mark(mark: str, length: int) -> list[float]:
    try:
        values = [float(value) for value in json.loads(urlsafe_b64decode(mark))]
    except (ValueError, TypeError):
        values = []
    if len(values) != length:
        raise BadInput("This page mark is not valid.")
    return values
