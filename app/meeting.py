"""Who writes: the conversation of an address, a new contact at the first message, two ids that turn out to be one person."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.models import Address, AddressAlias, Case, Consent, Contact, Conversation, Cursor, Fact
from app.names import invent_name, mask
from app.registry import LiveChannel
from channels.base import Inbound


async def conversation_for(hub: Hub, session: AsyncSession, channel: LiveChannel, item: Inbound) -> int:
    """The conversation that a message belongs to, by its address or by the other id that it carries."""
    lookup = hub.vault.lookup(item.address)
    other = hub.vault.lookup(item.also_address) if item.also_address else None
    found = await _find(session, channel.id, lookup)
    if found is None or other is not None:
        # Two first messages at once must not make two people: the second waits here, then finds the first's rows.
        for key in sorted(_lock_key(channel.id, each) for each in (lookup, other) if each is not None):
            await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        found = await _find(session, channel.id, lookup)
    if other is not None:
        found = await _join(session, channel.id, found, lookup, other)
    if found is None:
        found = await _meet(hub, session, channel, item, lookup)
        if other is not None:
            await _join(session, channel.id, found, lookup, other)
    return found


def address_query(hub: Hub, channel_id: int, value: str) -> sa.Select[Address]:
    return sa.select(Address).where(Address.channel_id == channel_id, Address.lookup == hub.vault.lookup(value))


def _lock_key(channel_id: int, lookup: bytes) -> int:
    return int.from_bytes(lookup[:8], "big", signed=True) ^ channel_id


async def _find(session: AsyncSession, channel_id: int, lookup: bytes) -> int | None:
    by_address = (
        sa.select(Conversation.id)
        .join(Address, Conversation.address_id == Address.id)
        .where(Address.channel_id == channel_id, Address.lookup == lookup)
    )
    found = await session.scalar(by_address)
    if found is not None:
        return found
    by_alias = (
        sa.select(Conversation.id)
        .join(AddressAlias, Conversation.address_id == AddressAlias.address_id)
        .where(AddressAlias.channel_id == channel_id, AddressAlias.lookup == lookup)
    )
    return await session.scalar(by_alias)


async def _join(session: AsyncSession, channel_id: int, mine: int | None, lookup: bytes, other: bytes) -> int | None:
    """Both ids are the same person: the one that is new becomes an alias; two known ones become one contact."""
    theirs = await _find(session, channel_id, other)
    if mine is None and theirs is None:
        return None
    if mine is None or theirs is None:
        keep = mine or theirs
        assert keep is not None
        address_id = (await session.get_one(Conversation, keep)).address_id
        await session.execute(
            insert(AddressAlias)
            .values(channel_id=channel_id, address_id=address_id, lookup=other if mine is not None else lookup)
            .on_conflict_do_nothing()
        )
        return keep
    if mine != theirs:
        await _merge_contacts(session, mine, theirs)
    return mine


async def _merge_contacts(session: AsyncSession, mine: int, theirs: int) -> None:
    """Two conversations of one person: both stay, under one contact. Not where both have an open case: humans see it."""
    rows = await session.scalars(
        sa.select(Conversation).where(Conversation.id.in_((mine, theirs))).order_by(Conversation.id).with_for_update()
    )
    older, newer = rows.all()
    if older.contact_id == newer.contact_id:
        return
    open_cases = sa.select(sa.func.count()).where(
        Case.contact_id.in_((older.contact_id, newer.contact_id)), Case.status != "closed"
    )
    if (await session.scalar(open_cases) or 0) > 1:
        return
    gone = newer.contact_id
    known = sa.select(Fact.key).where(Fact.contact_id == older.contact_id)
    await session.execute(sa.delete(Fact).where(Fact.contact_id == gone, Fact.key.in_(known)))
    await _keep_block(session, older.contact_id, gone)
    for table in (Address, Conversation, Case, Consent, Fact):
        await session.execute(sa.update(table).where(table.contact_id == gone).values(contact_id=older.contact_id))
    await session.execute(sa.delete(Contact).where(Contact.id == gone))


async def _keep_block(session: AsyncSession, kept_id: int, gone_id: int) -> None:
    """Nobody gets around a block by writing with another id."""
    kept, gone = await session.get_one(Contact, kept_id), await session.get_one(Contact, gone_id)
    if gone.blocked_until and (kept.blocked_until is None or gone.blocked_until > kept.blocked_until):
        kept.blocked_until, kept.blocked_reason = gone.blocked_until, gone.blocked_reason
        await session.flush()


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
    known = {"language_hint": item.language_hint, "source": item.extra.get("referral")}
    state = {key: value for key, value in known.items() if value}
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
