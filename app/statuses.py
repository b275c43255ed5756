"""What becomes of outbound messages: delivery news by rank, and the end of all sending to a person who stopped us."""

from hashlib import blake2b

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.feed import publish
from app.hub import Hub
from app.links import read_reference
from app.locks import lock_message
from app.models import Conversation, EarlyStatus, Message
from channels.base import SendErrorKind, StatusUpdate

STATUS_RANK = {"queued": 0, "sending": 1, "uncertain": 2, "sent": 3, "delivered": 4, "read": 5}
"""Delivery news may only move a message up; `failed` ends it unless it was already delivered."""


async def apply_status(hub: Hub, session: AsyncSession, channel_id: int, update: StatusUpdate) -> bool:
    """Move a message up; late, repeated and disordered news changes nothing that is already better.

    News about a message that we do not know yet waits until its send call has returned.
    """
    message = await _by_id(session, channel_id, update.external_id)
    if message is None:
        message = await _by_reference(hub, session, channel_id, update)
    if message is None:
        await _wait_for_id(session, channel_id, update.external_id)
        message = await _by_id(session, channel_id, update.external_id)
    if message is None:
        await _keep_for_later(session, channel_id, update)
        return False
    if not _move(message, update):
        return False
    await _heed_failure(hub, session, message, update.error)
    await publish(session, "conversation", message.conversation_id)
    return True


async def learn_id(hub: Hub, session: AsyncSession, message: Message, external_id: str) -> None:
    """The provider's id is known now, and with it what was said about the message before."""
    await _wait_for_id(session, message.channel_id, external_id)
    message.external_id = external_id
    await session.flush()
    await _apply_early(hub, session, message)


async def _wait_for_id(session: AsyncSession, channel_id: int, external_id: str) -> None:
    """News that are kept, and the send call that looks for such news, must not miss each other."""
    key = int.from_bytes(blake2b(f"{channel_id}:{external_id}".encode(), digest_size=8).digest(), "big", signed=True)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def _by_id(session: AsyncSession, channel_id: int, external_id: str) -> Message | None:
    return await _locked(
        session, Message.channel_id == channel_id, Message.direction == "out", Message.external_id == external_id
    )


async def _locked(session: AsyncSession, *wanted: sa.ColumnElement[bool]) -> Message | None:
    """Looked for before the lock, and once more under it: its conversation, which is only then known, is locked first."""
    message_id = await session.scalar(sa.select(Message.id).where(*wanted))
    if message_id is None:
        return None
    message = await lock_message(session, message_id)
    return message if await session.scalar(sa.select(Message.id).where(Message.id == message_id, *wanted)) else None


async def _by_reference(hub: Hub, session: AsyncSession, channel_id: int, update: StatusUpdate) -> Message | None:
    """The message whose sending broke off before the provider's id came back; now it has one."""
    message_id = read_reference(hub.vault, update.reference) if update.reference else None
    if message_id is None:
        return None
    message = await _locked(
        session,
        Message.id == message_id,
        Message.channel_id == channel_id,
        Message.direction == "out",
        Message.status.in_(("sending", "uncertain")),
        Message.external_id.is_(None),
    )
    if message is not None:
        message.external_id = update.external_id
        message.error = message.error_detail = None
    return message


async def _apply_early(hub: Hub, session: AsyncSession, message: Message) -> None:
    """What was said about this message before we knew its id."""
    rows = await session.scalars(
        sa.delete(EarlyStatus)
        .where(EarlyStatus.channel_id == message.channel_id, EarlyStatus.external_id == message.external_id)
        .returning(EarlyStatus)
    )
    for row in rows:
        error = next((kind for kind in SendErrorKind if kind.code == row.error), None)
        if _move(message, StatusUpdate(row.external_id, row.status, error, row.provider_code)):  # type: ignore[arg-type]
            await _heed_failure(hub, session, message, error)


async def stop_contact(session: AsyncSession, conversation_id: int, why: str) -> None:
    """The person does not want messages here (any more): `why` is a send error's code, or 'asked'."""
    conversation = await session.get_one(Conversation, conversation_id, with_for_update=True)
    conversation.mode = "stopped"
    conversation.state = conversation.state | {"stopped_by": why}
    await cancel_queued(session, conversation.id)


async def cancel_queued(session: AsyncSession, conversation_id: int) -> None:
    """Nothing more leaves. What a provider is being told right now can't be called back."""
    await session.execute(
        sa.update(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == "out",
            Message.status.in_(("queued", "held")),
        )
        .values(status="cancelled")
    )


async def _heed_failure(hub: Hub, session: AsyncSession, message: Message, error: SendErrorKind | None) -> None:
    if message.status != "failed":
        return
    if error is SendErrorKind.WINDOW_CLOSED and "template" not in message.payload:
        await back_to_window(session, message)
        await hub.waker.send(session, message.channel_id, message.conversation_id)
        return
    if error is not None and error.stops_contact:
        await stop_contact(session, message.conversation_id, error.code)
    await hub.waker.tell_staff(session, message.id)


async def back_to_window(session: AsyncSession, message: Message) -> None:
    """Proven: it was not delivered. Back in the outbox it is held until the person writes, unless they just have."""
    message.status, message.external_id = "queued", None
    conversation = await session.get_one(Conversation, message.conversation_id, with_for_update=True)
    wrote_since = conversation.heard_at and message.sent_at and conversation.heard_at > message.sent_at
    if not wrote_since or message.attempts > 1:  # a provider that refuses again is right, whatever we have heard
        conversation.heard_at = None


def _move(message: Message, update: StatusUpdate) -> bool:
    if update.status == "failed":
        if message.status in ("delivered", "read", "failed"):
            return False
        message.error = update.error.code if update.error else None
        message.error_detail = update.provider_code
    elif STATUS_RANK[update.status] <= STATUS_RANK.get(message.status, len(STATUS_RANK)):
        return False
    message.status = update.status
    return True


async def _keep_for_later(session: AsyncSession, channel_id: int, update: StatusUpdate) -> None:
    statement = insert(EarlyStatus).values(
        channel_id=channel_id,
        external_id=update.external_id,
        status=update.status,
        error=update.error.code if update.error else None,
        provider_code=update.provider_code,
    )
    await session.execute(statement.on_conflict_do_nothing())
