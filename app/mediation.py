"""Asking a language mediator: a colleague's reply to check before it goes out, or the reading of what a person wrote.

This is the asker's side; the mediator's is `app.mediating`. The row keeps all words until they are sent or given back as a
draft, so nothing can be lost. Locks as everybody: the case first.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.cases import access_case, checked_words, take
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.feed import publish
from app.giving_back import give_back
from app.history import add_event
from app.hub import Hub
from app.models import Case, Conversation, Mediation, Message, Reading, User
from app.replying import REPLY_CHARS, ready, reply
from app.rights import ALL_PLACES
from app.written import GERMAN, Written
from flows.model import UNDERSTOOD_LANGUAGES

LANGUAGES = tuple(code for code in UNDERSTOOD_LANGUAGES if code != GERMAN)


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for a mediator, or came back from one, as the case shows it."""

    row: Mediation
    asker: str
    mediator: str | None  # who has it right now, or decided
    before: int  # others in the same language that are served first
    words: str  # what is checked


async def ask(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    german: str,
    draft: str,
    language: str,
    seen_seq: int,
) -> Mediation:
    """Have a reply checked. `draft` may be empty: the mediator then translates. The case is its writer's from now on."""
    case = await access_case(session, user, case_id, lock=True)
    conversation = await ready(session, case, conversation_id, seen_seq)
    check_language(language)
    words = checked_words(german, REPLY_CHARS)
    made = checked_words(draft, REPLY_CHARS) if draft.strip() else ""
    if case.assignee_id is None:
        case = await take(hub, session, user, case_id)
    row = Mediation(
        case_id=case.id,
        conversation_id=conversation.id,
        user_id=user.id,
        kind="reply",
        language=language,
        original=words,
        draft=made,
        seen_seq=conversation.last_seq,
        created_at=hub.now(),
    )
    session.add(row)
    await add_event(session, case, "check_asked", user, data={"language": language})
    await publish(session, "case", case.id)
    return row


async def ask_reading(hub: Hub, session: AsyncSession, user: User, case_id: int, message_id: int) -> Mediation:
    """Have the German of what a person wrote checked. Asking twice is asking once."""
    case = await access_case(session, user, case_id, lock=True)
    message = await session.get(Message, message_id)
    conversation = await session.get(Conversation, message.conversation_id) if message else None
    if message is None or conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such message.")
    if message.direction != "in" or not (message.text or "").strip():
        raise BadInput("Only words that a person wrote can be checked.")
    again = await session.scalar(
        sa.select(Mediation).where(
            Mediation.message_id == message.id, Mediation.kind == "reading", Mediation.status == "waiting"
        )
    )
    if again is not None:
        return again
    reading = await session.scalar(
        sa.select(Reading).where(Reading.message_id == message.id, Reading.language == GERMAN)
    )
    language = (reading.route[0] if reading and reading.route else None) or conversation.language
    check_language(language)
    row = Mediation(
        case_id=case.id,
        conversation_id=conversation.id,
        user_id=user.id,
        kind="reading",
        language=language,
        original=None,
        draft=(reading.text if reading else None) or "",
        seen_seq=message.seq,
        message_id=message.id,
        created_at=hub.now(),
    )
    session.add(row)
    await add_event(session, case, "check_asked", user, data={"language": language})
    await publish(session, "case", case.id)
    return row


async def withdraw(hub: Hub, session: AsyncSession, user: User, case_id: int, mediation_id: int) -> None:
    """Not needed any more, or read after it came back: a reply's German is a draft again."""
    case, row = await _access_open(session, user, case_id, mediation_id)
    await _withdraw(hub, session, case, row, user)
    await publish(session, "case", case.id)


async def send_anyway(
    hub: Hub, session: AsyncSession, user: User, case_id: int, mediation_id: int, *, seen_seq: int
) -> Message:
    """A checked reply that came back because the person had written: who has read that now may send it as it is."""
    case, row = await _access_open(session, user, case_id, mediation_id)
    if row.kind != "reply" or row.status != "returned" or not row.final:
        raise Conflict("This reply has not been checked yet.")
    message = await reply(
        hub, session, user, case.id,
        conversation_id=row.conversation_id, text=row.final, seen_seq=seen_seq, written=written_of(row),
    )  # fmt: skip
    row.status, row.decided_at, row.message_id = "done", hub.now(), message.id
    return message


async def return_all(hub: Hub, session: AsyncSession, case: Case, user: User) -> None:
    """A case that is closed says nothing more. The caller holds the case's lock."""
    query = sa.select(Mediation).where(Mediation.case_id == case.id, Mediation.status.in_(("waiting", "returned")))
    for row in await session.scalars(query.with_for_update()):
        await _withdraw(hub, session, case, row, user)


async def of_case(session: AsyncSession, case_id: int) -> tuple[Asked, ...]:
    """What waits or came back, the oldest first. The caller has authorised."""
    asker, mediator = aliased(User), aliased(User)
    query = (
        sa.select(Mediation, asker.name, mediator.name, Message.text)
        .join(asker, Mediation.user_id == asker.id)
        .outerjoin(mediator, Mediation.mediator_id == mediator.id)
        .outerjoin(Message, Mediation.message_id == Message.id)
        .where(Mediation.case_id == case_id, Mediation.status.in_(("waiting", "returned")))
        .order_by(Mediation.id)
    )
    rows = (await session.execute(query)).all()
    return tuple(
        [
            Asked(row, name, other, await _before(session, row), row.original or text or "")
            for row, name, other, text in rows
        ]
    )


async def _before(session: AsyncSession, row: Mediation) -> int:
    """Urgent ones are served first, else the oldest."""
    if row.status != "waiting":
        return 0
    mine = sa.select(Case.urgency == "urgent").where(Case.id == row.case_id).scalar_subquery()
    urgent = Case.urgency == "urgent"
    query = (
        sa.select(sa.func.count())
        .select_from(Mediation)
        .join(Case, Mediation.case_id == Case.id)
        .where(Mediation.status == "waiting", Mediation.language == row.language, Mediation.id != row.id)
        .where(sa.or_(sa.and_(urgent, ~mine), sa.and_(urgent == mine, Mediation.id < row.id)))
    )
    return await session.scalar(query) or 0


def check_language(language: str | None) -> None:
    if language not in LANGUAGES:
        raise BadInput("It is not known in which language this is.")


def written_of(row: Mediation) -> Written:
    """The German behind a reply that a mediator has checked."""
    changed = row.draft if row.final != row.draft else None
    return Written(row.original or "", row.language, machine=changed, checked=True)


async def _withdraw(hub: Hub, session: AsyncSession, case: Case, row: Mediation, user: User) -> None:
    row.status, row.decided_at = "withdrawn", hub.now()
    if row.kind == "reply" and row.original:
        await give_back(session, case, row.user_id, row.original)
    await add_event(session, case, "check_withdrawn", user)


async def _access_open(session: AsyncSession, user: User, case_id: int, mediation_id: int) -> tuple[Case, Mediation]:
    """For who asked, who has the case now, and who looks after all."""
    case = await access_case(session, user, case_id, lock=True)
    row = await session.get(Mediation, mediation_id, with_for_update=True, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound("Nothing here waits for a mediator.")
    if user.id not in (row.user_id, case.assignee_id) and user.role not in ALL_PLACES:
        raise NotAllowed("Only who asked for this, or has the case, may do this.")
    if row.status not in ("waiting", "returned"):
        raise Conflict("A mediator has just finished this.")
    return case, row
