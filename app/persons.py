"""The person behind a case, for the panel beside the thread: addresses, earlier cases, notes, what the bot said. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import access_case
from app.facts import facts_of
from app.hub import Hub
from app.models import Address, Case, CaseEvent, Channel, Consent, Contact, Conversation, Message, User
from app.rights import visible_cases
from app.window import window_end

NOTES = 5
ANSWERS = 12
ANSWERED_LATELY = 60  # messages of the bot that are looked through for answers
EARLIER = 20


class Way(NamedTuple):
    """One address of the person, masked, and whether it can be written to."""

    address_id: int
    conversation: Conversation
    channel_kind: str
    channel_name: str
    masked: str
    window_end: datetime | None


class Note(NamedTuple):
    case_id: int
    text: str | None
    at: datetime
    author_name: str | None


class BotAnswer(NamedTuple):
    topic: str
    version: int
    language: str
    at: datetime


class Source(NamedTuple):
    """Where the deadline comes from: a colleague, or a fact that a dialogue learnt; neither: the person's words."""

    user_name: str | None = None
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    case: Case
    contact: Contact
    ways: tuple[Way, ...]
    facts: dict[str, Any]
    earlier: Sequence[Case]
    notes: tuple[Note, ...]
    answers: tuple[BotAnswer, ...]
    consents: Sequence[Consent]
    deadline_source: Source | None

    @property
    def talk(self) -> Conversation:
        """The conversation that the case is answered in."""
        return self.way(self.case.conversation_id).conversation

    def way(self, conversation_id: int) -> Way:
        return next(way for way in self.ways if way.conversation.id == conversation_id)

    @property
    def place(self) -> str:
        return self.case.place or self.talk.place

    @property
    def language(self) -> str | None:
        """Which language they are answered in, as far as known."""
        chosen: str | None = self.talk.state.get("language_chosen")
        return chosen or self.talk.language

    def blocked(self, now: datetime) -> bool:
        return self.contact.blocked_until is not None and self.contact.blocked_until > now


async def person_of(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Person:
    case = await access_case(session, user, case_id)
    facts = await facts_of(session, case.contact_id)
    return Person(
        case,
        case.contact,
        await _ways(hub, session, case.contact_id),
        facts,
        await _earlier(session, user, case),
        await _notes(session, user, case.contact_id),
        await _answers(session, case.contact_id),
        (await session.scalars(sa.select(Consent).where(Consent.contact_id == case.contact_id))).all(),
        await _deadline_source(session, case, facts),
    )


async def _ways(hub: Hub, session: AsyncSession, contact_id: int) -> tuple[Way, ...]:
    rows = await session.execute(
        sa.select(Conversation, Channel.id, Channel.kind, Channel.name, Address.id, Address.masked)
        .join(Channel, Conversation.channel_id == Channel.id)
        .join(Address, Conversation.address_id == Address.id)
        .where(Conversation.contact_id == contact_id)
        .order_by(Conversation.id)
    )
    made = []
    for talk, channel_id, kind, name, address_id, masked in rows:
        channel = hub.registry.by_id(channel_id)
        end = window_end(channel, talk.heard_at) if channel else None
        made.append(Way(address_id, talk, kind, name, masked, end))
    return tuple(made)


async def _earlier(session: AsyncSession, user: User, case: Case) -> Sequence[Case]:
    """The person's other cases that this user may see, the newest first."""
    query = sa.select(Case).where(Case.contact_id == case.contact_id, Case.id != case.id, visible_cases(user))
    return (await session.scalars(query.order_by(Case.id.desc()).limit(EARLIER))).all()


async def _notes(session: AsyncSession, user: User, contact_id: int) -> tuple[Note, ...]:
    """The newest internal notes of all the person's cases."""
    rows = await session.execute(
        sa.select(CaseEvent.case_id, CaseEvent.text, CaseEvent.created_at, User.name)
        .join(Case, CaseEvent.case_id == Case.id)
        .outerjoin(User, CaseEvent.user_id == User.id)
        .where(Case.contact_id == contact_id, CaseEvent.kind == "note", visible_cases(user))
        .order_by(CaseEvent.id.desc())
        .limit(NOTES)
    )
    return tuple(Note(*row) for row in rows)


async def _answers(session: AsyncSession, contact_id: int) -> tuple[BotAnswer, ...]:
    """What the bot answered last; the parts of one answer count once."""
    rows = await session.execute(
        sa.select(Message.payload["answers"], Message.created_at)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(Conversation.contact_id == contact_id, Message.author == "bot", Message.payload.has_key("answers"))
        .order_by(Message.id.desc())
        .limit(ANSWERED_LATELY)
    )
    found: dict[tuple[str, int, str], BotAnswer] = {}
    for answers, at in rows:
        for each in answers:
            answer = BotAnswer(each["topic"], each["version"], each["language"], at)
            found.setdefault(answer[:3], answer)
    return tuple(found.values())[:ANSWERS]


async def _deadline_source(session: AsyncSession, case: Case, facts: dict[str, Any]) -> Source | None:
    if case.deadline is None:
        return None
    day = case.deadline.isoformat()
    setter = await session.execute(
        sa.select(User.name, CaseEvent.data["date"].astext)
        .join(User, CaseEvent.user_id == User.id)
        .where(CaseEvent.case_id == case.id, CaseEvent.kind == "deadline_set")
        .order_by(CaseEvent.id.desc())
        .limit(1)
    )
    row = setter.first()
    if row is not None and row[1] == day:
        return Source(user_name=row[0])
    return Source(fact=next((key for key, value in facts.items() if value == day), None))


def days_left(deadline: date, today: date) -> int:
    return (deadline - today).days
