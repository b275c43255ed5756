"""The only place that makes and sends outbound messages: in order per conversation, within the channel's rate.

Before the provider is called the row is committed as `sending`. A crash or a timeout after that makes it `uncertain`:
no provider has an idempotency key, so it is shown to a human and never sent again blindly.
"""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from app import readings
from app.feed import publish
from app.hub import Hub
from app.intake import next_seq, readdress
from app.linking import LINK, link_by_sms, spoken, without_long_captions
from app.links import make_reference, media_url
from app.locks import lock_message
from app.models import Address, Conversation, Media, Message
from app.pace import LONGEST_PAUSE, pause_before
from app.registry import LiveChannel
from app.shaping import wake_shaping
from app.sms_costs import cost_of
from app.statuses import STATUS_RANK, back_to_window, learn_id, stop_contact
from app.window import hold, window_open
from channels.base import Button, MediaFile, Outbound, Receipt, SendError, SendErrorKind, Template
from channels.sms_text import for_sms

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)  # an answer that is a day late misleads more than it helps: a human decides
FIRST_BACK_OFF = 2.0  # seconds, doubled with every try
LONGEST_BACK_OFF = 300.0


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
    if author == "staff":
        # What the bot had asked is over: the person's next "yes" is meant for the colleague, and must not delete anything.
        conversation.state = {key: value for key, value in conversation.state.items() if key != "pending"}
    about = {**(payload or {}), "group": uuid.uuid4().hex}
    rows = [
        await _insert(hub, session, conversation, part, author, user_id, about | cost_of(channel, part.text))
        for part in parts_of(channel, conversation, messages)
    ]
    await hub.waker.send(session, conversation.channel_id, conversation.id)
    if author == "bot":
        await readings.wake(hub, session, conversation.id)
    await publish(session, "conversation", conversation.id)
    return rows


def parts_of(channel: LiveChannel | None, conversation: Conversation, messages: Sequence[Outbound]) -> list[Outbound]:
    """As many messages as the channel's limits need; by SMS in the letters that cost the person and us least."""
    if channel is None:
        return list(messages)
    if channel.by_sms:
        messages = [_by_sms(each, conversation) for message in messages for each in without_long_captions(message)]
    return [part for message in messages for part in channel.adapter.parts(message)]


def _by_sms(message: Outbound, conversation: Conversation) -> Outbound:
    """In the letters that cost least: one that GSM-7 lacks, in a label too, makes the whole message dearer."""
    language, script = spoken(conversation), conversation.script
    buttons = tuple(replace(button, label=for_sms(button.label, language, script)) for button in message.buttons)
    return replace(message, text=for_sms(message.text, language, script), buttons=buttons)


async def _insert(
    hub: Hub,
    session: AsyncSession,
    conversation: Conversation,
    part: Outbound,
    author: str,
    user_id: int | None,
    payload: dict[str, Any],
) -> Message:
    if part.buttons:
        payload |= {"buttons": [asdict(button) for button in part.buttons], "list_label": part.list_label}
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
        media = stored_media(message.id, part.media)
        session.add(media)
        await session.flush()
        await wake_shaping(hub, session, media)
        link_by_sms(hub, conversation, message, media)
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


async def drain(hub: Hub, conversation_id: int) -> None:
    """Send what waits in a conversation's outbox, in order, until it is empty or must wait."""
    rate_paid = False
    while True:
        step = await _claim(hub, conversation_id, rate_paid=rate_paid)
        match step:
            case "done":
                return
            case "settled":
                pass
            case float():
                await asyncio.sleep(step)
                rate_paid = True
            case Claim():
                rate_paid = False
                await _deliver(hub, step)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message marked `sending` by us, with what its provider call needs."""

    channel: LiveChannel
    message: Message
    address: str
    outbound: Outbound


async def _claim(hub: Hub, conversation_id: int, *, rate_paid: bool) -> Claim | float | Literal["settled", "done"]:
    """The next message to send; or seconds to wait; or 'settled' where the next can't leave; or 'done' for now."""
    async with hub.db.transaction() as session:
        conversation = await session.get(
            Conversation, conversation_id, with_for_update=True
        )  # in the order of app.locks
        if conversation is None:  # erased
            return "done"
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
            return "done"
        if message.status == "sending":
            return await _settle(hub, session, message, "uncertain", SendErrorKind.UNCERTAIN, "sender_died")
        channel = hub.registry.by_id(conversation.channel_id)
        if conversation.mode == "stopped":
            return await _settle(hub, session, message, "cancelled")
        if channel is None:
            return await _settle(hub, session, message, "failed", SendErrorKind.CREDENTIALS, "channel_removed")
        if "template" not in message.payload and not window_open(hub, channel, conversation):
            await hold(hub, session, channel, message)
            return "settled"
        if message.next_try_at and message.next_try_at > hub.now():
            await hub.waker.send_at(session, message.next_try_at, channel.id, conversation_id)
            return "done"
        if not rate_paid and (pause := await pause_before(session, channel, conversation.address_id)) > 0:
            if pause <= LONGEST_PAUSE:
                return pause
            await hub.waker.send_at(session, hub.now() + timedelta(seconds=pause), channel.id, conversation_id)
            return "done"
        message.status = "sending"
        message.attempts += 1
        address = await session.get_one(Address, conversation.address_id)
        return Claim(channel, message, hub.vault.decrypt(address.value), _outbound(hub, channel, message))


def _outbound(hub: Hub, channel: LiveChannel, message: Message) -> Outbound:
    media = message.media[0] if message.media and LINK not in message.payload else None
    template = message.payload.get("template")
    return Outbound(
        text=message.text or "",
        buttons=tuple(Button(**button) for button in message.payload.get("buttons", ())),
        media=MediaFile(media.content or b"", media.mime or "", media.name) if media else None,
        media_url=media_url(hub, media.id) if media and channel.adapter.limits.needs_media_url else None,
        reply_to=message.reply_to,
        template=Template(template["name"], template["language"]) if template else None,
        reference=make_reference(hub.vault, message.id),
        list_label=message.payload.get("list_label", "…"),
    )


async def _deliver(hub: Hub, claim: Claim) -> None:
    """The provider call, outside any transaction, and what became of it."""
    try:
        receipt = await claim.channel.adapter.send(claim.address, claim.outbound)
    except SendError as error:
        await _failed(hub, claim, error)
    except Exception as error:
        log.error("channel %s: sending failed unexpectedly (%s)", claim.channel.name, type(error).__name__)
        await _failed(hub, claim, SendError(SendErrorKind.UNCERTAIN, type(error).__name__))
    else:
        await _sent(hub, claim, receipt)


async def _sent(hub: Hub, claim: Claim, receipt: Receipt) -> None:
    async with hub.db.transaction() as session:
        message = await lock_message(session, claim.message.id)
        if message is None or message.status in ("queued", "held", "failed"):  # erased, or the news overtook the answer
            return
        message.sent_at = hub.now()
        message.error = message.error_detail = None
        if STATUS_RANK.get(message.status, 0) < STATUS_RANK["sent"]:
            message.status = "sent"
        await learn_id(hub, session, message, receipt.external_id)
        await publish(session, "conversation", message.conversation_id)


async def _failed(hub: Hub, claim: Claim, error: SendError) -> None:
    async with hub.db.transaction() as session:
        message = await lock_message(session, claim.message.id)
        if message is None or message.status != "sending":  # erased, or we were taken for dead and somebody settled it
            return
        if error.new_address and await readdress(hub, session, claim.channel.id, claim.address, error.new_address):
            await _again(session, message, error, hub.now())
        elif error.kind.retry and hub.now() - message.created_at < GIVE_UP_AFTER:
            pause = error.retry_after or min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (message.attempts - 1))
            await _again(session, message, error, hub.now() + timedelta(seconds=pause))
        elif error.kind is SendErrorKind.UNCERTAIN:
            await _settle(hub, session, message, "uncertain", error.kind, error.detail)
        elif error.kind is SendErrorKind.WINDOW_CLOSED and "template" not in message.payload:
            await back_to_window(session, message)
        else:
            if error.kind.stops_contact:
                await stop_contact(session, message.conversation_id, error.kind.code)
            await _settle(hub, session, message, "failed", error.kind, error.detail)


async def _again(session: AsyncSession, message: Message, error: SendError, at: datetime) -> None:
    message.status = "queued"
    message.error = error.kind.code
    message.error_detail = error.detail
    message.next_try_at = at
    await publish(session, "conversation", message.conversation_id)


async def _settle(
    hub: Hub, session: AsyncSession, message: Message, status: str, kind: SendErrorKind | None = None, detail: str = ""
) -> Literal["settled"]:
    """The end of a message that did not leave (or may not have), and of the parts that were to follow it.

    Staff are told by a job of this transaction: a crash right after it would otherwise leave the failure to nobody.
    """
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
    if kind is not None:
        await hub.waker.tell_staff(session, message.id)
    await publish(session, "conversation", message.conversation_id)
    return "settled"
