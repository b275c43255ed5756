"""What language mediators do: their queue, one text at a time, released corrected or sent back with a note.

They see a text, its translation, and two messages before it: no name, no address, nothing else of the person. What they
release is remembered (`app.memory`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app import audit, memory, news, second_reader
from app.cases import NOTE_CHARS, checked_words
from app.errors import Conflict, HubError, NotAllowed, NotFound
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.mediation import written_of
from app.models import Case, Mediation, Message, User
from app.readings import Words, put
from app.rendering import Offer, offers
from app.replying import REPLY_CHARS, reply
from app.rights import ALL_PLACES
from app.risky import rule_now
from app.written import GERMAN, names_in

ROLES = frozenset({"mediator", "coordinator", "admin"})
LASTS = timedelta(minutes=15)
AROUND = 2  # messages before, which a translator needs to know what "it" is
LISTED = 200


@dataclass(frozen=True, slots=True)
class Queued:
    row: Mediation
    asker: str
    mediator: str | None  # who has it right now
    urgent: bool
    words: str
    mine: bool  # the reader asked for it, so somebody else has to check it


@dataclass(frozen=True, slots=True)
class Work:
    """All that a mediator sees of one text. `source` and `target` are the languages of `original` and of what they write."""

    row: Mediation
    asker: str
    original: str
    source: str
    target: str
    before: tuple[Message, ...]
    edits: int  # how often the person has changed the message
    moved: bool  # the person has written since: the reply will go back to its writer
    offers: tuple[Offer, ...]


def check_mediates(user: User) -> None:
    if user.role not in ROLES:
        raise NotAllowed("Only language mediators may do this.")


async def queue(hub: Hub, session: AsyncSession, user: User) -> tuple[Queued, ...]:
    """What waits in this user's languages, urgent ones first, then the oldest."""
    asker, mediator = aliased(User), aliased(User)
    now = hub.now()
    query = (
        sa.select(Mediation, asker.name, mediator.name, Case.urgency, Message.text)
        .join(Case, Mediation.case_id == Case.id)
        .join(asker, Mediation.user_id == asker.id)
        .outerjoin(mediator, sa.and_(Mediation.mediator_id == mediator.id, Mediation.taken_until > now))
        .outerjoin(Message, Mediation.message_id == Message.id)
        .where(Mediation.status == "waiting", _for(user))
        .order_by(Case.urgency != "urgent", Mediation.id)
        .limit(LISTED)
    )
    return tuple(
        Queued(row, name, other, urgency == "urgent", row.original or text or "", row.user_id == user.id)
        for row, name, other, urgency, text in await session.execute(query)
    )


async def take(hub: Hub, session: AsyncSession, user: User, mediation_id: int) -> Mediation:
    """Mine for a quarter of an hour. Raises Conflict where a colleague has it."""
    _, row = await _access(session, user, mediation_id)
    await _check_free(hub, session, user, row)
    if row.mediator_id != user.id:
        row.taken_at = hub.now()
    row.mediator_id, row.taken_until = user.id, hub.now() + LASTS
    await publish(session, "case", row.case_id)
    return row


async def put_back(session: AsyncSession, user: User, mediation_id: int) -> None:
    """For somebody else."""
    _, row = await _access(session, user, mediation_id)
    if row.mediator_id == user.id:
        row.mediator_id = row.taken_at = row.taken_until = None
        await publish(session, "case", row.case_id)


async def work(hub: Hub, session: AsyncSession, user: User, mediation_id: int) -> Work:
    """The text of somebody who has taken it."""
    case, row = await _access(session, user, mediation_id)
    if row.mediator_id != user.id:
        raise Conflict("Please take this first, so that no two people check it.")
    message = await session.get_one(Message, row.message_id) if row.message_id and row.kind == "reading" else None
    source, target = _direction(row)
    original = (message.text if message else row.original) or ""
    await audit.note(session, user, "read", case, mediation=row.id)
    return Work(
        row,
        await session.scalar(sa.select(User.name).where(User.id == row.user_id)) or "",
        original,
        source,
        target,
        tuple(await _before(session, row)),
        len(message.edits) if message else 0,
        row.kind == "reply" and await _has_written(session, row),
        await offers(session, original, source, target, await _names(session, row)),
    )


async def release(
    hub: Hub, session: AsyncSession, user: User, mediation_id: int, *, text: str, seen_edits: int = 0
) -> Mediation:
    """As the mediator left it: a reply goes out in its writer's name, a reading is marked as checked.

    Where the person has written meanwhile, or wants no messages any more, the checked reply goes back to its writer
    (`status` 'returned').
    """
    case, row = await _access(session, user, mediation_id)
    await _check_free(hub, session, user, row)
    words = checked_words(text, REPLY_CHARS)
    row.mediator_id, row.final, row.decided_at = user.id, words, hub.now()
    if row.kind == "reading":
        message_id: int | None = await _mark_checked(session, user, row, seen_edits)
        original = (await session.get_one(Message, row.message_id)).text or ""
    else:
        await _send(hub, session, case, row)
        message_id, original = row.message_id or await _anchor(session, row), row.original or ""
    source, target = _direction(row)
    if message_id is not None:
        await memory.learn(
            session, source=source, target=target, original=original, draft=row.draft, final=words,
            origin="mediation", user=user, message_id=message_id, names=await _names(session, row),
        )  # fmt: skip
    kind = (
        "check_came_back" if row.status == "returned" else "check_changed" if words != row.draft else "check_released"
    )
    await add_event(session, case, kind, user)
    if row.status == "returned":
        await news.tell(hub, session, case, [row.user_id])
    await publish(session, "case", case.id)
    return row


async def send_back(hub: Hub, session: AsyncSession, user: User, mediation_id: int, *, note: str) -> None:
    """It can't be said like this: the writer reads why."""
    case, row = await _access(session, user, mediation_id)
    await _check_free(hub, session, user, row)
    row.note = checked_words(note, NOTE_CHARS)
    row.status, row.mediator_id, row.decided_at = "returned", user.id, hub.now()
    await add_event(session, case, "check_returned", user, text=row.note)
    await news.tell(hub, session, case, [row.user_id])
    await publish(session, "case", case.id)


async def _send(hub: Hub, session: AsyncSession, case: Case, row: Mediation) -> None:
    """Past the same guards as if its writer had pressed Send; a second reader comes after the mediator."""
    asker = await session.get_one(User, row.user_id)
    words, to, seen = row.final or "", row.conversation_id, row.seen_seq
    row.status = "done"
    try:
        async with session.begin_nested():
            if asker.disabled_at is not None:
                raise NotAllowed("This account is switched off.")
            if (await rule_now(session)).asks_for_reader(case):
                await second_reader.submit(
                    hub, session, asker, case.id,
                    conversation_id=to, text=words, seen_seq=seen, written=written_of(row),
                )  # fmt: skip
            else:
                message = await reply(
                    hub, session, asker, case.id,
                    conversation_id=to, text=words, seen_seq=seen, written=written_of(row),
                )  # fmt: skip
                row.message_id = message.id
    except HubError as error:
        await session.refresh(case)
        await session.refresh(row)
        row.status, row.problem = "returned", "moved" if "last_seq" in error.detail else "refused"


async def _mark_checked(session: AsyncSession, user: User, row: Mediation, seen_edits: int) -> int:
    message = await session.get_one(Message, row.message_id, with_for_update=True, populate_existing=True)
    if len(message.edits) != seen_edits:
        raise Conflict("The person has changed this message meanwhile. Please look at it again.")
    row.status = "done"
    await put(session, message, Words("checked", row.final, _direction(row)), user_id=user.id)
    return message.id


async def _access(session: AsyncSession, user: User, mediation_id: int) -> tuple[Case, Mediation]:
    """A waiting text in one of the user's languages, locked after its case. Raises NotAllowed, NotFound, Conflict."""
    check_mediates(user)
    case_id = await session.scalar(sa.select(Mediation.case_id).where(Mediation.id == mediation_id, _for(user)))
    case = await session.get(Case, case_id, with_for_update=True) if case_id else None
    row = await session.get(Mediation, mediation_id, with_for_update=True, populate_existing=True) if case else None
    if case is None or row is None:
        raise NotFound("There is no such text to check.")
    if row.status != "waiting":
        raise Conflict("This no longer waits: a colleague was faster, or it was taken back.")
    if row.user_id == user.id:
        raise NotAllowed("Somebody else has to check this, not who wrote it.")
    return case, row


async def _check_free(hub: Hub, session: AsyncSession, user: User, row: Mediation) -> None:
    if row.mediator_id in (None, user.id) or row.taken_until is None or row.taken_until <= hub.now():
        return
    colleague = await session.get_one(User, row.mediator_id)
    raise Conflict("{name} is checking this right now.", name=colleague.name)


def _for(user: User) -> sa.ColumnElement[bool]:
    """Coordinators see all, and so does a mediator whose languages nobody has entered."""
    if user.role in ALL_PLACES or (user.role in ROLES and not user.speaks):
        return sa.true()
    return Mediation.language.in_(user.speaks) if user.role in ROLES else sa.false()


def _direction(row: Mediation) -> tuple[str, str]:
    return (GERMAN, row.language) if row.kind == "reply" else (row.language, GERMAN)


async def _before(session: AsyncSession, row: Mediation) -> Sequence[Message]:
    """The two messages before, the oldest first; for a reply the newest that its writer had seen."""
    last = row.seen_seq if row.kind == "reply" else row.seen_seq - 1
    query = (
        sa.select(Message)
        .where(Message.conversation_id == row.conversation_id, Message.seq <= last, Message.kind != "reaction")
        .order_by(Message.seq.desc())
        .limit(AROUND)
    )
    return list(reversed((await session.scalars(query)).all()))


async def _has_written(session: AsyncSession, row: Mediation) -> bool:
    query = sa.select(Message.id).where(Message.conversation_id == row.conversation_id, Message.seq > row.seen_seq)
    return bool(await session.scalar(sa.select(query.where(Message.direction == "in").exists())))


async def _names(session: AsyncSession, row: Mediation) -> tuple[str, ...]:
    """As they are asked for when somebody writes the same again."""
    return names_in(await session.get_one(User, row.user_id), row.original or "") if row.kind == "reply" else ()


async def _anchor(session: AsyncSession, row: Mediation) -> int | None:
    """The message with which the memory of a reply that was not sent goes."""
    query = sa.select(sa.func.max(Message.id)).where(Message.conversation_id == row.conversation_id)
    return await session.scalar(query)
