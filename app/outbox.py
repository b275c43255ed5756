"""The only place that makes and sends outbound messages: in order per conversation, within the channel's rate.

Before the provider is called the row is committed as `sending`. A crash or a timeout after that makes it `uncertain`:
no provider has an idempotency key, so it is shown to a human and never sent again blindly.
"""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from app.feed import publish
from app.hub import Hub
from app.intake import STATUS_RANK, next_seq, readdress
from app.models import Address, Conversation, Media, Message
from app.pace import LONGEST_PAUSE, pause_before
from app.registry import LiveChannel
from channels.base import Button, MediaFile, Outbound, Receipt, SendError, SendErrorKind

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)  # an answer that is a day late misleads more than it helps: a human decides
FIRST_BACK_OFF = 2.0  # seconds, doubled with every try
LONGEST_BACK_OFF = 300.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message, for whoever must act on a failure."""

    message_id: int
    status: str  # sent, queued (again), failed, uncertain, cancelled
    error: SendErrorKind | None = None


async def queue(
    hub: Hub,
    session: AsyncSession,
    conversation: Conversation,
    messages: Sequence[Outbound],
    *,
    author: str,
    user_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> list[Message]:
    """Put messages into the conversation's outbox, in the caller's transaction, and wake it.

    What is queued in one call belongs together: when one part fails, those after it are not sent.
    """
    channel = hub.registry.by_id(conversation.channel_id)
    parts = [part for message in messages for part in (channel.adapter.parts(message) if channel else [message])]
    group = uuid.uuid4().hex
    rows = [
        await _insert(session, conversation, part, author, user_id, {**(payload or {}), "group": group})
        for part in parts
    ]
    await hub.waker.send(session, conversation.channel_id, conversation.id)
    await publish(session, "conversation", conversation.id)
    return rows


async def _insert(
    session: AsyncSession,
    conversation: Conversation,
    part: Outbound,
    author: str,
    user_id: int | None,
    payload: dict[str, Any],
) -> Message:
    if part.buttons:
        payload["buttons"] = [asdict(button) for button in part.buttons]
    message = Message(
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        seq=await next_seq(session, conversation.id),
        direction="out",
        author=author,
        user_id=user_id,
        status="queued",
        kind=media_kind(part.media.mime) if part.media else "text",
        text=part.text or None,
        reply_to=part.reply_to,
        payload=payload,
    )
    session.add(message)
    await session.flush()
    if part.media:
        session.add(stored_media(message.id, part.media))
        await session.flush()
    return message


def stored_media(message_id: int, file: MediaFile) -> Media:
    return Media(
        message_id=message_id,
        status="stored",
        mime=file.mime,
        name=file.name,
        size=len(file.content),
        sha256=sha256(file.content).hexdigest(),
        content=file.content,
    )


def media_kind(mime: str) -> str:
    family = mime.partition("/")[0]
    return {"image": "photo", "audio": "audio", "video": "video"}.get(family, "document")


async def cancel_queued(session: AsyncSession, conversation_id: int) -> None:
    """Nothing more leaves: the person stopped us. What a provider is being told right now can't be called back."""
    await session.execute(
        sa.update(Message)
        .where(Message.conversation_id == conversation_id, Message.direction == "out", Message.status == "queued")
        .values(status="cancelled")
    )


async def drain(hub: Hub, conversation_id: int) -> list[Sent]:
    """Send what waits in a conversation's outbox, in order, until it is empty or must wait."""
    done: list[Sent] = []
    rate_paid = False
    while True:
        step = await _claim(hub, conversation_id, rate_paid=rate_paid)
        match step:
            case None:
                return done
            case float():
                await asyncio.sleep(step)
                rate_paid = True
            case Sent():
                done.append(step)
            case Claim():
                rate_paid = False
                done.append(await _deliver(hub, step))


@dataclass(frozen=True, slots=True)
class Claim:
    """A message marked `sending` by us, with what its provider call needs."""

    channel: LiveChannel
    message: Message
    address: str
    outbound: Outbound


async def _claim(hub: Hub, conversation_id: int, *, rate_paid: bool) -> Claim | Sent | float | None:
    """The next message to send; or seconds to wait; or one that a dead sender left; or None when there is no more."""
    async with hub.db.transaction() as session:
        message = await session.scalar(
            sa.select(Message)
            .where(
                Message.conversation_id == conversation_id,
                Message.direction == "out",
                Message.status.in_(("queued", "sending")),
            )
            .order_by(Message.seq)
            .limit(1)
            .with_for_update()
            .options(selectinload(Message.media).options(undefer(Media.content)))
        )
        if message is None:
            return None
        if message.status == "sending":
            return await _settle(session, message, "uncertain", SendErrorKind.UNCERTAIN, "sender_died")
        conversation = await session.get_one(Conversation, conversation_id)
        channel = hub.registry.by_id(conversation.channel_id)
        if conversation.mode == "stopped":
            return await _settle(session, message, "cancelled")
        if channel is None:
            return await _settle(session, message, "failed", SendErrorKind.CREDENTIALS, "channel_removed")
        if message.next_try_at and message.next_try_at > hub.now():
            await hub.waker.send_at(session, message.next_try_at, channel.id, conversation_id)
            return None
        if not rate_paid and (pause := await pause_before(session, channel, conversation.address_id)) > 0:
            if pause <= LONGEST_PAUSE:
                return pause
            await hub.waker.send_at(session, hub.now() + timedelta(seconds=pause), channel.id, conversation_id)
            return None
        message.status = "sending"
        message.attempts += 1
        address = await session.get_one(Address, conversation.address_id)
        return Claim(channel, message, hub.vault.decrypt(address.value), _outbound(message))


def _outbound(message: Message) -> Outbound:
    media = message.media[0] if message.media else None
    return Outbound(
        text=message.text or "",
        buttons=tuple(Button(**button) for button in message.payload.get("buttons", ())),
        media=MediaFile(media.content or b"", media.mime or "", media.name) if media else None,
        reply_to=message.reply_to,
    )


async def _deliver(hub: Hub, claim: Claim) -> Sent:
    """The provider call, outside any transaction, and what became of it."""
    try:
        receipt = await claim.channel.adapter.send(claim.address, claim.outbound)
    except SendError as error:
        return await _failed(hub, claim, error)
    except Exception as error:
        log.error("channel %s: sending failed unexpectedly (%s)", claim.channel.name, type(error).__name__)
        return await _failed(hub, claim, SendError(SendErrorKind.UNCERTAIN, type(error).__name__))
    return await _sent(hub, claim, receipt)


async def _sent(hub: Hub, claim: Claim, receipt: Receipt) -> Sent:
    async with hub.db.transaction() as session:
        message = await session.get_one(Message, claim.message.id, with_for_update=True)
        message.external_id = receipt.external_id
        message.sent_at = hub.now()
        message.error = message.error_detail = None
        if STATUS_RANK.get(message.status, 0) < STATUS_RANK["sent"]:
            message.status = "sent"
        await publish(session, "conversation", message.conversation_id)
    return Sent(claim.message.id, "sent")


async def _failed(hub: Hub, claim: Claim, error: SendError) -> Sent:
    async with hub.db.transaction() as session:
        message = await session.get_one(Message, claim.message.id, with_for_update=True)
        if message.status != "sending":  # we were taken for dead meanwhile, and somebody else settled it
            return Sent(message.id, message.status, error.kind)
        if error.new_address:
            await readdress(hub, session, claim.channel.id, claim.address, error.new_address)
            return await _again(hub, session, message, error, 0)
        if error.kind.retry and hub.now() - message.created_at < GIVE_UP_AFTER:
            pause = error.retry_after or min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (message.attempts - 1))
            return await _again(hub, session, message, error, pause)
        if error.kind is SendErrorKind.UNCERTAIN:
            return await _settle(session, message, "uncertain", error.kind, error.detail)
        if error.kind.stops_contact:
            conversation = await session.get_one(Conversation, message.conversation_id, with_for_update=True)
            conversation.mode = "stopped"
            conversation.state = conversation.state | {"stopped_by": error.kind.code}
            await cancel_queued(session, conversation.id)
        return await _settle(session, message, "failed", error.kind, error.detail)


async def _again(hub: Hub, session: AsyncSession, message: Message, error: SendError, pause: float) -> Sent:
    message.status = "queued"
    message.error = error.kind.code
    message.error_detail = error.detail
    message.next_try_at = hub.now() + timedelta(seconds=pause)
    await publish(session, "conversation", message.conversation_id)
    return Sent(message.id, "queued", error.kind)


async def _settle(
    session: AsyncSession, message: Message, status: str, kind: SendErrorKind | None = None, detail: str = ""
) -> Sent:
    """The end of a message that did not leave (or may not have), and of the parts that were to follow it."""
    message.status = status
    if kind is not None:
        message.error, message.error_detail = kind.code, detail
    if status == "failed":
        await session.execute(
            sa.update(Message)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.status == "queued",
                Message.seq > message.seq,
                Message.payload["group"].astext == message.payload.get("group"),
            )
            .values(status="cancelled")
        )
    await publish(session, "conversation", message.conversation_id)
    return Sent(message.id, status, kind)
