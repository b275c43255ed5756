"""One case's thread, as staff see it. Reads only, but notes who read; the list of cases is in `app.lists`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from app import audit
from app.cases import access_case
from app.facts import facts_of
from app.lists import CaseCard, case_card
from app.models import Address, Case, CaseEvent, Channel, Conversation, Message, Reading, User
from app.own_words import GERMAN
from app.rights import visible_cases

THREAD_MESSAGES = 200


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
    reading: Reading | None = None  # the message in German


@dataclass(frozen=True, slots=True)
class Thread:
    case: Case
    card: CaseCard
    conversations: tuple[ConversationView, ...]
    items: tuple[ThreadItem, ...]
    earlier: bool  # there are older messages than these
    facts: dict[str, Any]  # what flows learned about the contact


async def thread(session: AsyncSession, user: User, case_id: int, *, limit: int = THREAD_MESSAGES) -> Thread:
    """The newest messages of all the contact's conversations, with the case's events between them."""
    case = await access_case(session, user, case_id)
    await audit.note_reading(session, user, case)
    views = await _conversations(session, case.contact_id)
    author = aliased(User)
    newest = (
        await session.execute(
            sa.select(Message, author.name, Reading)
            .outerjoin(author, Message.user_id == author.id)
            .outerjoin(Reading, sa.and_(Reading.message_id == Message.id, Reading.language == GERMAN))
            .where(Message.conversation_id.in_([view.id for view in views]))
            .order_by(Message.created_at.desc(), Message.seq.desc())
            .limit(limit + 1)
            .options(selectinload(Message.media))
        )
    ).all()
    items = [ThreadItem("message", m.created_at, m, author_name=name, reading=read) for m, name, read in newest[:limit]]
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
