"""Stores what came in, once, and wakes the conversation. Used by webhooks, polling, the web chat and the spool."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app import readings
from app.db import is_away
from app.feed import publish
from app.hub import Hub
from app.meeting import address_query, conversation_for
from app.models import AddressAlias, Conversation, Media, Message
from app.models.words import search_words
from app.names import mask
from app.registry import LiveChannel
from app.statuses import apply_status
from app.wake import NORMAL, URGENT
from channels.base import AddressChange, Inbound, InboundEdit, Item, Parsed, StatusUpdate

log = logging.getLogger(__name__)

STORED_NEVER = (DBAPIError, UnicodeError)
"""What PostgreSQL or its driver says to an item that it can't hold, if the database is not simply away."""


async def take_in(hub: Hub, channel: LiveChannel, parsed: Parsed) -> int:
    """Store a webhook's items; how many were new. Raises what `is_away` knows while the database is away.

    All items go into one transaction, sorted by address so that two batches never lock crosswise. Where one of them
    can't be stored, each is tried alone: one bad item never spoils the others.
    """
    items = sorted(parsed.items, key=_address_of)
    try:
        async with hub.db.transaction() as session:
            return sum([await _store(hub, session, channel, item) for item in items])
    except STORED_NEVER as error:
        if is_away(error):
            raise
        log.error("channel %s: a batch of %d could not be stored (%s)", channel.name, len(items), _code(error))
        return await _one_by_one(hub, channel, items)


async def _one_by_one(hub: Hub, channel: LiveChannel, items: Iterable[Item]) -> int:
    stored = 0
    for item in items:
        try:
            async with hub.db.transaction() as session:
                stored += await _store(hub, session, channel, item)
        except STORED_NEVER as error:
            if is_away(error):
                raise
            log.error("channel %s: an item could not be stored (%s)", channel.name, _code(error))
    return stored


async def _store(hub: Hub, session: AsyncSession, channel: LiveChannel, item: Item) -> bool:
    match item:
        case Inbound():
            return await _store_message(hub, session, channel, item)
        case InboundEdit():
            return await _store_edit(hub, session, channel, item)
        case AddressChange():
            return await readdress(hub, session, channel.id, item.old, item.new)
        case StatusUpdate():
            return await apply_status(hub, session, channel.id, item)


async def _store_message(hub: Hub, session: AsyncSession, channel: LiveChannel, item: Inbound) -> bool:
    if await _stored_id(session, channel.id, item.external_id) is not None:
        return False
    conversation_id = await conversation_for(hub, session, channel, item)
    seq = await next_seq(session, conversation_id)
    message_id = await session.scalar(
        insert(Message)
        .values(
            conversation_id=conversation_id,
            channel_id=channel.id,
            seq=seq,
            direction="in",
            author="contact",
            status="received",
            kind=item.kind,
            text=item.text,
            external_id=item.external_id,
            reply_to=item.reply_to,
            sender=item.sender,
            payload=_payload(item),
            provider_time=item.provider_time,
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    )
    if message_id is None:  # the same message arrived twice at once, and the index judged
        return False
    for ref in item.media:
        media = Media(message_id=message_id, ref=ref.ref, status="wanted", mime=ref.mime, name=ref.name, size=ref.size)
        session.add(media)
        await session.flush()
        await hub.waker.fetch_media(session, media.id)
    if item.acknowledge:
        await hub.waker.acknowledge(session, channel.id, item.acknowledge)
    await _heard(hub, session, conversation_id, item)
    priority = URGENT if item.text and hub.shelf.understander.sounds_urgent(item.text) else NORMAL
    await hub.waker.route(session, conversation_id, priority=priority)
    if item.text:
        await readings.wake(hub, session, conversation_id)
    await publish(session, "conversation", conversation_id)
    return True


async def _heard(hub: Hub, session: AsyncSession, conversation_id: int, item: Inbound) -> None:
    """The person's words open WhatsApp's window; closing or reopening the chat is no word."""
    if item.kind in ("blocked", "unblocked"):
        return
    await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(heard_at=sa.func.greatest(Conversation.heard_at, item.provider_time or hub.now()))
        .execution_options(synchronize_session=False)
    )


async def _store_edit(hub: Hub, session: AsyncSession, channel: LiveChannel, edit: InboundEdit) -> bool:
    """Keep the new wording with the original; danger in it still reaches a human, but it is no new turn."""
    message_id = await _stored_id(session, channel.id, edit.message.external_id)
    if message_id is None:  # the original never reached us, so this is what the person said
        return False if edit.revoked else await _store_message(hub, session, channel, edit.message)
    message = await session.get_one(Message, message_id, with_for_update=True)
    at = edit.edited_at.isoformat()
    if message.edits and message.edits[-1]["until"] > at:  # late; two edits within one second both count
        return False
    new_payload = message.payload | {key: value for key, value in _payload(edit.message).items() if key == "location"}
    if edit.revoked:
        new_payload["revoked"] = True
    if message.text == edit.message.text and new_payload == message.payload:
        return False
    message.edits = [*message.edits, {"text": message.text, "until": at}]
    message.text = edit.message.text
    message.words = search_words(message.text)
    message.payload = new_payload
    await readings.words_changed(hub, session, message)
    if message.text and hub.shelf.understander.sounds_urgent(message.text):
        await hub.waker.check_edit(session, message.id)
    await publish(session, "conversation", message.conversation_id)
    return True


async def readdress(hub: Hub, session: AsyncSession, channel_id: int, old: str, new: str) -> bool:
    """The provider moved a conversation to a new address. Where both exist already, both stay as they are."""
    address = await session.scalar(address_query(hub, channel_id, old).with_for_update())
    if address is None:
        return await _rename_alias(hub, session, channel_id, old, new)
    if await session.scalar(address_query(hub, channel_id, new)) is not None:
        return False
    address.value = hub.vault.encrypt(new)
    address.lookup = hub.vault.lookup(new)
    address.masked = mask(new)
    return True


async def _rename_alias(hub: Hub, session: AsyncSession, channel_id: int, old: str, new: str) -> bool:
    """The id beside a person's address changed."""
    found = sa.select(AddressAlias).where(AddressAlias.channel_id == channel_id)
    alias = await session.scalar(found.where(AddressAlias.lookup == hub.vault.lookup(old)).with_for_update())
    if alias is None or await session.scalar(found.where(AddressAlias.lookup == hub.vault.lookup(new))) is not None:
        return False
    alias.lookup = hub.vault.lookup(new)
    return True


async def next_seq(session: AsyncSession, conversation_id: int) -> int:
    """The next place in the conversation's order; the row's lock is held until the transaction ends."""
    bumped = (
        sa.update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq + 1, active_at=sa.func.now())
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session="fetch")
    )
    return (await session.execute(bumped)).scalar_one()


def _payload(item: Inbound) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for key in ("location", "contact", "button"):
        part = getattr(item, key)
        if part is not None:
            payload[key] = asdict(part)
    for key in ("album", "start_payload"):
        if getattr(item, key):
            payload[key] = getattr(item, key)
    if item.opt:
        payload["opt"] = item.opt
    if item.extra:
        payload["extra"] = dict(item.extra)
    return payload


def _address_of(item: Item) -> str:
    match item:
        case Inbound():
            return item.address
        case InboundEdit():
            return item.message.address
        case AddressChange():
            return item.old
        case StatusUpdate():
            return item.external_id


async def _stored_id(session: AsyncSession, channel_id: int, external_id: str) -> int | None:
    return await session.scalar(
        sa.select(Message.id).where(
            Message.channel_id == channel_id, Message.direction == "in", Message.external_id == external_id
        )
    )


def _code(error: Exception) -> str:
    """The database's error code: its message could quote what a person wrote."""
    cause = getattr(error, "orig", error)
    return str(getattr(cause, "sqlstate", None) or type(cause).__name__)
