"""Replies on risky topics wait until a second person has read them: released, changed, sent back, or sent alone with a reason.

The reply is a row of its own until then, so that it can't be lost; its words come back to their writer as a draft
wherever it is not sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app import keeping
from app.cases import NOTE_CHARS, access_case, checked_words, take
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.feed import publish
from app.filters import visible
from app.giving_back import give_back, leave_to_team
from app.history import add_event
from app.hub import Hub
from app.models import Case, Contact, KeptFile, Message, PendingReply, User
from app.replying import REPLY_CHARS, quoted, ready, say
from app.risky import is_danger_now, rule_now
from app.written import Written, read_kept
from channels.base import MediaFile

LISTED = 200


@dataclass(frozen=True, slots=True)
class Pending:
    """A waiting reply with its people; `news` is what the person wrote since its writer looked."""

    reply: PendingReply
    writer: str
    name: str  # the person's
    place: str
    urgent: bool
    news: tuple[Message, ...] = ()
    files: Sequence[KeptFile] = ()
    quoted: str = ""  # the words that it answers

    @property
    def written(self) -> Written | None:
        return read_kept(self.reply.written)


@dataclass(frozen=True, slots=True)
class Read:
    """A sent reply that somebody else read before; `written` is set where they changed it."""

    reader: str
    written: str | None
    sent: str


async def submit(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    text: str,
    seen_seq: int,
    files: Sequence[MediaFile] = (),
    quotes: int | None = None,
    written: Written | None = None,
) -> PendingReply:
    """Keep the reply for a second reader. The case is its writer's from now on, as if it had been sent."""
    case = await access_case(session, user, case_id, lock=True)
    conversation = await ready(session, case, conversation_id, seen_seq)
    words = checked_words(text, REPLY_CHARS, may_be_empty=bool(files))
    await quoted(session, conversation, quotes)
    if case.assignee_id is None:
        case = await take(hub, session, user, case_id)
    row = PendingReply(
        case_id=case.id,
        conversation_id=conversation.id,
        user_id=user.id,
        text=words,
        written=written.kept() if written else None,
        quotes=quotes,
        seen_seq=conversation.last_seq,
        decide_by=hub.now() + (await rule_now(session)).patience,
    )
    session.add(row)
    await session.flush()
    await keeping.keep(session, row, files)
    await add_event(session, case, "read_asked", user)
    await publish(session, "case", case.id)
    return row


async def release(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    reply_id: int,
    *,
    text: str,
    seen_seq: int,
    despite: bool = False,
) -> Message:
    """Send it in its writer's name, with the reader's changes.

    `despite`: although the person has written since it was written, which the reader must then have decided.
    """
    case, row = await _access_waiting(session, user, case_id, reply_id)
    if row.user_id == user.id:
        raise NotAllowed("Somebody else has to read this, not who wrote it.")
    conversation = await ready(session, case, row.conversation_id, seen_seq)
    if not despite and await _news(session, row):
        raise Conflict("The person has written since this was written. Read that first, then decide.")
    files = await keeping.take_out(session, row)
    words = checked_words(text, REPLY_CHARS, may_be_empty=bool(files))
    writer = await session.get_one(User, row.user_id)
    row.sent_text = words if words != row.text else None
    written = read_kept(row.written)
    if written and row.sent_text:
        written = replace(written, machine=row.text if written.machine is None else written.machine)
    message = await say(hub, session, case, writer, conversation, words, files, row.quotes, written)
    _decide(hub, row, "sent", user, message)
    await add_event(session, case, "read_changed" if row.sent_text else "read_released", user)
    return message


async def send_back(hub: Hub, session: AsyncSession, user: User, case_id: int, reply_id: int, *, note: str) -> None:
    """Not like this: its writer gets the words back, and the reason, which only the team reads."""
    case, row = await _access_waiting(session, user, case_id, reply_id)
    if row.user_id == user.id:
        raise NotAllowed("Somebody else has to read this, not who wrote it.")
    words = checked_words(note, NOTE_CHARS)
    _decide(hub, row, "returned", user)
    await give_back(session, case, row.user_id, row.text, read_kept(row.written), row.quotes)
    await add_event(session, case, "read_returned", user, text=words)
    await leave_to_team(hub, session, case, row.user_id)
    await publish(session, "case", case.id)


async def withdraw(hub: Hub, session: AsyncSession, user: User, case_id: int, reply_id: int) -> None:
    """Its writer wants to change it: a draft again."""
    case, row = await _access_waiting(session, user, case_id, reply_id)
    if row.user_id != user.id:
        raise NotAllowed("Only who wrote this may take it back.")
    _decide(hub, row, "withdrawn", user)
    await give_back(session, case, row.user_id, row.text, read_kept(row.written), row.quotes)
    await add_event(session, case, "read_withdrawn", user)
    await publish(session, "case", case.id)


async def send_alone(
    hub: Hub, session: AsyncSession, user: User, case_id: int, reply_id: int, *, reason: str, seen_seq: int
) -> Message:
    """Nobody has read it in time: its writer sends it, and says why. That is logged and shown."""
    case, row = await _access_waiting(session, user, case_id, reply_id)
    if row.user_id != user.id:
        raise NotAllowed("Only who wrote this may send it alone.")
    if hub.now() < row.decide_by and not is_danger_now(case):
        raise Conflict("There is still time for a second person to read this.")
    if not reason.strip():
        raise BadInput("Please say why it can't wait.")
    words = checked_words(reason, NOTE_CHARS)
    conversation = await ready(session, case, row.conversation_id, seen_seq)
    files = await keeping.take_out(session, row)
    message = await say(
        hub, session, case, user, conversation, row.text, files, row.quotes, written=read_kept(row.written)
    )
    _decide(hub, row, "sent", None, message)
    await add_event(session, case, "read_skipped", user, text=words)
    return message


async def return_all(hub: Hub, session: AsyncSession, case: Case, user: User) -> None:
    """A case that is closed says nothing more. The caller holds the case's lock."""
    query = sa.select(PendingReply).where(PendingReply.case_id == case.id, PendingReply.status == "waiting")
    for row in await session.scalars(query.with_for_update()):
        _decide(hub, row, "withdrawn", user)
        await give_back(session, case, row.user_id, row.text, read_kept(row.written), row.quotes)
        await add_event(session, case, "read_withdrawn", user)


async def pending_of(session: AsyncSession, user: User, case_id: int) -> tuple[Pending, ...]:
    """Those of one case, the oldest first."""
    await access_case(session, user, case_id)
    return await _pending(session, _waiting(user).where(PendingReply.case_id == case_id))


async def to_read(session: AsyncSession, user: User) -> tuple[Pending, ...]:
    """What waits in all cases that this user sees: for them as reader, or because they wrote it. The most urgent first."""
    return await _pending(session, _waiting(user).limit(LISTED))


async def count_to_read(session: AsyncSession, user: User) -> int:
    """What others wrote and this user could read."""
    found = _waiting(user).where(PendingReply.user_id != user.id).order_by(None).subquery()
    return await session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


async def reads_of(session: AsyncSession, case_id: int) -> dict[int, Read]:
    """Message -> who read it before it was sent. The caller has authorised."""
    rows = await session.execute(
        sa.select(PendingReply, User.name)
        .join(User, PendingReply.reader_id == User.id)
        .where(PendingReply.case_id == case_id, PendingReply.message_id.is_not(None))
    )
    return {
        row.message_id: Read(name, row.text if row.sent_text else None, row.sent_text or row.text)
        for row, name in rows
        if row.message_id is not None
    }


def _waiting(user: User) -> sa.Select[PendingReply, str, str, str, str]:
    writer = aliased(User)
    return (
        sa.select(PendingReply, writer.name, Contact.name, Case.place, Case.urgency)
        .join(Case, PendingReply.case_id == Case.id)
        .join(Contact, Case.contact_id == Contact.id)
        .join(writer, PendingReply.user_id == writer.id)
        .where(PendingReply.status == "waiting", visible(user))
        .order_by(Case.urgency != "urgent", PendingReply.decide_by, PendingReply.id)
    )


async def _pending(session: AsyncSession, query: sa.Select[PendingReply, str, str, str, str]) -> tuple[Pending, ...]:
    rows = (await session.execute(query)).all()
    files = await keeping.of_replies(session, PendingReply, [row.id for row, *_ in rows])
    return tuple(
        [
            Pending(
                row, writer, name, place, urgency == "urgent", tuple(await _news(session, row)), files[row.id],
                await _quoted_words(session, row),
            )
            for row, writer, name, place, urgency in rows
        ]
    )  # fmt: skip


async def _quoted_words(session: AsyncSession, row: PendingReply) -> str:
    message = await session.get(Message, row.quotes) if row.quotes else None
    return (message.text or "") if message else ""


async def _news(session: AsyncSession, row: PendingReply) -> Sequence[Message]:
    """What the person wrote since."""
    query = sa.select(Message).where(Message.conversation_id == row.conversation_id, Message.seq > row.seen_seq)
    query = query.where(Message.direction == "in", Message.kind != "reaction")
    return (await session.scalars(query.order_by(Message.seq))).all()


async def _access_waiting(session: AsyncSession, user: User, case_id: int, reply_id: int) -> tuple[Case, PendingReply]:
    case = await access_case(session, user, case_id, lock=True)
    row = await session.get(PendingReply, reply_id, with_for_update=True, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound("There is no such reply.")
    if row.status != "waiting":
        raise Conflict("This reply no longer waits.")
    return case, row


def _decide(hub: Hub, row: PendingReply, status: str, reader: User | None, message: Message | None = None) -> None:
    row.status = status
    row.reader_id = reader.id if reader else None
    row.decided_at = hub.now()
    row.message_id = message.id if message else None
