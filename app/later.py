"""Replies for later: kept until their time, sent by a job, or given back as a draft where the person has written since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import keeping
from app.cases import access_case, checked_words
from app.errors import BadInput, Conflict, HubError, NotFound
from app.feed import publish
from app.giving_back import give_back, leave_to_team
from app.history import add_event
from app.hub import Hub
from app.locks import lock_case
from app.models import Case, Conversation, KeptFile, Message, ScheduledReply, User
from app.piecework import each_alone
from app.replying import REPLY_CHARS, reply
from app.risky import check_may_send_alone
from app.written import Written, read_kept
from channels.base import MediaFile

LATEST = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Waiting:
    reply: ScheduledReply
    author: str
    files: Sequence[KeptFile] = ()

    @property
    def written(self) -> Written | None:
        return read_kept(self.reply.written)


async def schedule(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    text: str,
    seen_seq: int,
    send_at: datetime,
    files: Sequence[MediaFile] = (),
    written: Written | None = None,
) -> ScheduledReply:
    """Keep a reply until `send_at`. Raises Conflict (detail: `last_seq`) where the person has written unseen."""
    case = await access_case(session, user, case_id, lock=True)
    if case.status == "closed":
        raise Conflict("This case is closed.")
    await check_may_send_alone(session, case)
    words = checked_words(text, REPLY_CHARS, may_be_empty=bool(files))
    if not hub.now() < send_at < hub.now() + LATEST:
        raise BadInput("This moment must lie ahead, and within three months.")
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    if conversation.mode == "stopped":
        raise Conflict("This person does not want messages here any more.")
    if newest := await _wrote_since(session, conversation_id, seen_seq):
        raise Conflict("The conversation went on while you wrote.", last_seq=newest)
    row = ScheduledReply(
        case_id=case.id,
        conversation_id=conversation_id,
        user_id=user.id,
        text=words,
        written=written.kept() if written else None,
        seen_seq=max(seen_seq, conversation.last_seq),
        send_at=send_at,
    )
    session.add(row)
    await session.flush()
    await keeping.keep(session, row, files)
    await publish(session, "case", case.id)
    return row


async def cancel(hub: Hub, session: AsyncSession, user: User, case_id: int, reply_id: int) -> None:
    """It is not sent; its writer gets the words back."""
    case = await access_case(session, user, case_id, lock=True)
    row = await _lock(session, reply_id)
    if row is None or row.case_id != case.id:
        raise NotFound("There is no such reply.")
    if row.status != "waiting":
        raise Conflict("This reply no longer waits.")
    await _return(session, case, row, "cancelled", user)


async def return_all(session: AsyncSession, case: Case, user: User) -> None:
    """A case that is closed says nothing more. The caller holds the case's lock."""
    query = sa.select(ScheduledReply).where(ScheduledReply.case_id == case.id, ScheduledReply.status == "waiting")
    for row in await session.scalars(query.with_for_update()):
        await _return(session, case, row, "cancelled", user)


async def waiting(session: AsyncSession, case_id: int) -> tuple[Waiting, ...]:
    rows = (
        await session.execute(
            sa.select(ScheduledReply, User.name)
            .join(User, ScheduledReply.user_id == User.id)
            .where(ScheduledReply.case_id == case_id, ScheduledReply.status == "waiting")
            .order_by(ScheduledReply.send_at, ScheduledReply.id)
        )
    ).all()
    files = await keeping.of_replies(session, ScheduledReply, [row.id for row, _ in rows])
    return tuple(Waiting(row, name, files[row.id]) for row, name in rows)


async def send_due(hub: Hub) -> int:
    """Send what is due; how many were sent or given back."""
    async with hub.db.transaction() as session:
        query = sa.select(ScheduledReply.case_id, ScheduledReply.id).where(
            ScheduledReply.status == "waiting", ScheduledReply.send_at <= hub.now()
        )
        rows = await session.execute(query.order_by(ScheduledReply.send_at, ScheduledReply.id))
        due = [(case_id, reply_id) for case_id, reply_id in rows]
    return await each_alone(hub.db, "reply for later", due, lambda session, ids: _send(hub, session, *ids))


async def _send(hub: Hub, session: AsyncSession, case_id: int, reply_id: int) -> bool:
    """What can't be sent goes back to its writer."""
    case = await lock_case(session, case_id)
    row = await _lock(session, reply_id)
    if case is None or row is None or row.status != "waiting":  # erased, cancelled, or sent by a twin
        return False
    conversation = await session.get_one(Conversation, row.conversation_id, populate_existing=True)
    user = await session.get_one(User, row.user_id)
    if user.disabled_at is not None or await _wrote_since(session, conversation.id, row.seen_seq):
        await _return(session, case, row, "returned")
        await leave_to_team(hub, session, case, row.user_id)
        return True
    try:
        async with session.begin_nested():
            message = await reply(
                hub,
                session,
                user,
                case_id,
                conversation_id=conversation.id,
                text=row.text,
                seen_seq=conversation.last_seq,
                files=await keeping.take_out(session, row),
                written=read_kept(row.written),
            )
    except HubError:  # closed, for a second reader first, or the person wants no messages any more
        await session.refresh(case)  # what the try had changed is undone
        await _return(session, case, row, "returned")
    else:
        row.status, row.message_id = "sent", message.id
    return True


async def _return(
    session: AsyncSession, case: Case, row: ScheduledReply, status: str, user: User | None = None
) -> None:
    row.status = status
    await give_back(session, case, row.user_id, row.text, read_kept(row.written))
    await add_event(session, case, f"later_{status}", user)
    await publish(session, "case", case.id)


async def _lock(session: AsyncSession, reply_id: int) -> ScheduledReply | None:
    return await session.get(ScheduledReply, reply_id, with_for_update=True)


async def _wrote_since(session: AsyncSession, conversation_id: int, seq: int) -> int | None:
    """The person's newest message after this one. What colleagues say meanwhile stops no reply."""
    return await session.scalar(
        sa.select(sa.func.max(Message.seq)).where(
            Message.conversation_id == conversation_id,
            Message.direction == "in",
            Message.seq > seq,
            Message.kind != "reaction",
        )
    )
