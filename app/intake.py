"""Stores what came in, once, and wakes the conversation. Used by webhooks, polling, the web chat and the spool."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.feed import publish
from app.hub import Hub
from app.models import Address, Contact, Conversation, Cursor, Media, Message
from app.names import invent_name, mask
from app.registry import LiveChannel
from app.wake import NORMAL, URGENT
from channels.base import AddressChange, Inbound, InboundEdit, Item, Parsed, StatusUpdate
from flows.understand import screen_danger

log = logging.getLogger(__name__)

STATUS_RANK = {"queued": 0, "sending": 1, "uncertain": 2, "sent": 3, "delivered": 4, "read": 5}
"""Delivery news may only move a message up; `failed` ends it unless it was already delivered."""


async def take_in(hub: Hub, channel: LiveChannel, parsed: Parsed) -> int:
    """Store a webhook's items; how many were new. Raises OperationalError while the database is away.

    All items go into one transaction, sorted by address so that two batches never lock crosswise. Where one of them
    can't be stored, each is tried alone: one bad item never spoils the others.
    """
    items = sorted(parsed.items, key=_address_of)
    try:
        async with hub.db.transaction() as session:
            return sum([await _store(hub, session, channel, item) for item in items])
    except OperationalError:
        raise
    except DBAPIError as error:
        log.error("channel %s: a batch of %d could not be stored (%s)", channel.name, len(items), _code(error))
        return await _one_by_one(hub, channel, items)


async def _one_by_one(hub: Hub, channel: LiveChannel, items: Iterable[Item]) -> int:
    stored = 0
    for item in items:
        try:
            async with hub.db.transaction() as session:
                stored += await _store(hub, session, channel, item)
        except OperationalError:
            raise
        except DBAPIError as error:
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
            return await apply_status(session, channel.id, item)


async def _store_message(hub: Hub, session: AsyncSession, channel: LiveChannel, item: Inbound) -> bool:
    if await _stored_id(session, channel.id, item.external_id) is not None:
        return False
    conversation_id = await _conversation_for(hub, session, channel, item)
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
    priority = URGENT if item.text and screen_danger(item.text) else NORMAL
    await hub.waker.route(session, conversation_id, priority=priority)
    await publish(session, "conversation", conversation_id)
    return True


async def _store_edit(hub: Hub, session: AsyncSession, channel: LiveChannel, edit: InboundEdit) -> bool:
    """Keep the new wording with the original; danger in it still reaches a human, but it is no new turn."""
    message_id = await _stored_id(session, channel.id, edit.message.external_id)
    if message_id is None:  # the original never reached us, so this is what the person said
        return await _store_message(hub, session, channel, edit.message)
    message = await session.get_one(Message, message_id, with_for_update=True)
    at = edit.edited_at.isoformat()
    if message.edits and message.edits[-1]["until"] >= at:
        return False
    new_payload = message.payload | {key: value for key, value in _payload(edit.message).items() if key == "location"}
    if message.text == edit.message.text and new_payload == message.payload:
        return False
    message.edits = [*message.edits, {"text": message.text, "until": at}]
    message.text = edit.message.text
    message.payload = new_payload
    if message.text and screen_danger(message.text):
        await hub.waker.check_edit(session, message.id)
    await publish(session, "conversation", message.conversation_id)
    return True


async def readdress(hub: Hub, session: AsyncSession, channel_id: int, old: str, new: str) -> bool:
    """The provider moved a conversation to a new address. Where both exist already, both stay as they are."""
    address = await session.scalar(_address_query(hub, channel_id, old).with_for_update())
    if address is None or await session.scalar(_address_query(hub, channel_id, new)) is not None:
        return False
    address.value = hub.vault.encrypt(new)
    address.lookup = hub.vault.lookup(new)
    address.masked = mask(new)
    return True


async def apply_status(session: AsyncSession, channel_id: int, update: StatusUpdate) -> bool:
    """Delivery news by rank: late, repeated and disordered callbacks change nothing that is already better."""
    message = await session.scalar(
        sa.select(Message)
        .where(Message.channel_id == channel_id, Message.direction == "out", Message.external_id == update.external_id)
        .with_for_update()
    )
    if message is None:
        return False
    if update.status == "failed":
        if message.status in ("delivered", "read", "failed"):
            return False
        message.error = update.error.code if update.error else None
        message.error_detail = update.provider_code
    elif STATUS_RANK[update.status] <= STATUS_RANK.get(message.status, len(STATUS_RANK)):
        return False
    message.status = update.status
    await publish(session, "conversation", message.conversation_id)
    return True


async def next_seq(session: AsyncSession, conversation_id: int) -> int:
    """The next place in the conversation's order; the row's lock is held until the transaction ends."""
    bumped = (
        sa.update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq + 1)
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session="fetch")
    )
    return (await session.execute(bumped)).scalar_one()


async def _conversation_for(hub: Hub, session: AsyncSession, channel: LiveChannel, item: Inbound) -> int:
    lookup = hub.vault.lookup(item.address)
    find = (
        sa.select(Conversation.id)
        .join(Address, Conversation.address_id == Address.id)
        .where(Address.channel_id == channel.id, Address.lookup == lookup)
    )
    found = await session.scalar(find)
    if found is not None:
        return found
    # Two first messages at once must not make two people: the second waits here and then finds the first's rows.
    lock = int.from_bytes(lookup[:8], "big", signed=True) ^ channel.id
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
    found = await session.scalar(find)
    return found if found is not None else await _meet(hub, session, channel, item, lookup)


async def _meet(hub: Hub, session: AsyncSession, channel: LiveChannel, item: Inbound, lookup: bytes) -> int:
    """A new contact with its address and conversation."""
    contact = Contact(name=invent_name())
    session.add(contact)
    await session.flush()
    address = Address(
        channel_id=channel.id,
        contact_id=contact.id,
        value=hub.vault.encrypt(item.address),
        lookup=lookup,
        masked=mask(item.address),
        is_group=item.group,
    )
    session.add(address)
    await session.flush()
    state = {"language_hint": item.language_hint} if item.language_hint else {}
    conversation = Conversation(
        address_id=address.id,
        contact_id=contact.id,
        channel_id=channel.id,
        place=channel.place or hub.settings.default_place,
        state=state,
    )
    session.add(conversation)
    await session.flush()
    session.add(Cursor(conversation_id=conversation.id))
    await session.flush()
    return conversation.id


def _payload(item: Inbound) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for key in ("location", "contact", "button"):
        part = getattr(item, key)
        if part is not None:
            payload[key] = asdict(part)
    for key in ("album", "start_payload"):
        if getattr(item, key):
            payload[key] = getattr(item, key)
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
            return ""


def _address_query(hub: Hub, channel_id: int, value: str) -> sa.Select[Address]:
    return sa.select(Address).where(Address.channel_id == channel_id, Address.lookup == hub.vault.lookup(value))


async def _stored_id(session: AsyncSession, channel_id: int, external_id: str) -> int | None:
    return await session.scalar(
        sa.select(Message.id).where(
            Message.channel_id == channel_id, Message.direction == "in", Message.external_id == external_id
        )
    )


def _code(error: DBAPIError) -> str:
    """The database's error code: its message could quote what a person wrote."""
    return str(getattr(error.orig, "sqlstate", None) or type(error.orig).__name__)
