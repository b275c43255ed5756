"""Erasing a person: everything the hub stored about them, on all channels, in one transaction.

What was erased is remembered as keyed hashes in a file outside the database, so that restoring an older backup does
not bring the person back.
"""

import asyncio
import json
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.db import Database
from app.feed import publish
from app.hub import Hub
from app.locks import hold_conversations
from app.models import Address, Case, Contact, RateLimit
from app.pace import rate_key
from channels.base import Outbound, SendError
from translations.phrases import phrase

log = logging.getLogger(__name__)

ERASURES = "erasures.jsonl"
TRIES = 5
PAUSE = 0.5  # seconds


async def erase(hub: Hub, contact_id: int, language: str) -> None:
    """Erase a contact, then tell them once at each address. A crash in between costs the goodbye, not the erasure."""
    for attempt in range(TRIES):
        try:
            goodbyes = await _erase_rows(hub, contact_id)
            break
        except sa.exc.OperationalError:  # a deadlock with whoever works on the conversation right now
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(PAUSE)
    for channel_id, address in goodbyes:
        await _say_goodbye(hub, channel_id, address, phrase("delete.done", language))


async def _erase_rows(hub: Hub, contact_id: int) -> list[tuple[int, str]]:
    """(channel, address) of all that is gone."""
    async with hub.db.transaction() as session:
        await hold_conversations(session, contact_id)
        contact = await session.get(Contact, contact_id, with_for_update=True)
        if contact is None:
            return []
        addresses = (await session.scalars(sa.select(Address).where(Address.contact_id == contact_id))).all()
        for case_id in await session.scalars(sa.select(Case.id).where(Case.contact_id == contact_id)):
            await publish(session, "case", case_id)
        goodbyes = [(address.channel_id, hub.vault.decrypt(address.value)) for address in addresses]
        await _forget_pace(session, [address.id for address in addresses])
        _write_down(hub.settings.data_dir, [(a.channel_id, a.lookup) for a in addresses], hub.now())
        await audit.forget_words(session, [contact_id])
        await session.delete(contact)  # the database cascades to everything of theirs
        return goodbyes


async def _forget_pace(session: AsyncSession, address_ids: Iterable[int]) -> None:
    """Its rows name the address without a foreign key."""
    await session.execute(sa.delete(RateLimit).where(RateLimit.key.in_([rate_key(id_) for id_ in address_ids])))


async def _say_goodbye(hub: Hub, channel_id: int, address: str, text: str) -> None:
    channel = hub.registry.by_id(channel_id)
    if channel is None:
        return
    try:
        await channel.adapter.send(address, Outbound(text=text))
    except SendError as error:
        log.warning("channel %s: the erasure's last word did not leave (%s)", channel.name, error.kind.code)


def _write_down(data_dir: Path, erased: list[tuple[int, bytes]], at: datetime) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / ERASURES).open("a") as file:
        for channel_id, lookup in erased:
            file.write(json.dumps({"channel": channel_id, "lookup": lookup.hex(), "at": at.isoformat()}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_erasures(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []


async def replay_erasures(db: Database, erasures: Iterable[Mapping[str, Any]]) -> int:
    """After a restore: erase again who was erased since the backup; how many contacts that were.

    Who wrote again after being erased is a new contact, made later than the erasure, and stays.
    """
    erased = 0
    async with db.transaction() as session:
        for line in erasures:
            theirs = sa.select(Address.contact_id).where(
                Address.channel_id == line["channel"], Address.lookup == bytes.fromhex(line["lookup"])
            )
            long_known = Contact.created_at <= datetime.fromisoformat(line["at"])
            ids = (await session.scalars(sa.select(Contact.id).where(Contact.id.in_(theirs), long_known))).all()
            addresses = await session.scalars(sa.select(Address.id).where(Address.contact_id.in_(ids)))
            await _forget_pace(session, addresses.all())
            await session.execute(sa.delete(Contact).where(Contact.id.in_(ids)))
            await audit.forget_words(session, ids)
            erased += len(ids)
    return erased
