"""Telegram without a public address: fetch updates by long polling, through the same intake as webhooks.

Only one process polls a channel at a time: an advisory lock held on a connection of its own decides which.
"""

import asyncio
import logging

import psycopg
import sqlalchemy as sa

from app.hub import Hub
from app.intake import take_in
from app.models import Channel
from app.registry import LiveChannel
from channels.base import Finding, SendError
from channels.telegram import Telegram

log = logging.getLogger(__name__)

LOCK_SPACE = 7_301_478  # any constant: the first half of the advisory locks' key, the channel is the second
LONG_POLL = 25  # seconds
PAUSE = 3.0
LOOK_AROUND = 2.0


async def run(hub: Hub) -> None:
    """Keep one polling task per channel in polling mode, following changes of the configuration."""
    running: dict[int, asyncio.Task[None]] = {}
    try:
        while True:
            wanted = {channel.id for channel in hub.registry.all() if is_polled(channel)}
            for channel_id in wanted - running.keys():
                running[channel_id] = asyncio.create_task(_poll_for_ever(hub, channel_id))
            for channel_id in running.keys() - wanted:
                running.pop(channel_id).cancel()
            await asyncio.sleep(LOOK_AROUND)
    finally:
        for task in running.values():
            task.cancel()


async def _poll_for_ever(hub: Hub, channel_id: int) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(hub.db.conninfo, autocommit=True) as connection:
                cursor = await connection.execute("select pg_try_advisory_lock(%s, %s)", (LOCK_SPACE, channel_id))
                row = await cursor.fetchone()
                if row is not None and row[0]:
                    await _poll_while_connected(hub, channel_id, connection)
        except (psycopg.Error, sa.exc.SQLAlchemyError, OSError) as error:
            log.warning("polling: the database is away (%s)", type(error).__name__)
        except SendError as error:
            log.warning("polling: the provider did not answer (%s)", error.kind.code)
        except Exception as error:
            log.error("polling: failed (%s), trying again", type(error).__name__)
        await asyncio.sleep(PAUSE)


async def _poll_while_connected(
    hub: Hub, channel_id: int, connection: psycopg.AsyncConnection[tuple[object, ...]]
) -> None:
    while (channel := hub.registry.by_id(channel_id)) is not None and is_polled(channel):
        await connection.execute("select 1")  # the lock lives as long as this connection
        await poll_once(hub, channel)


async def poll_once(hub: Hub, channel: LiveChannel, *, wait: int = LONG_POLL) -> int:
    """Fetch and store what is new; the offset moves in the end, so that a crash repeats updates and loses none."""
    adapter = channel.adapter
    assert isinstance(adapter, Telegram)
    async with hub.db.transaction() as session:
        offset = (await session.get_one(Channel, channel.id)).update_offset
    updates = await adapter.updates(offset, wait)
    for update in updates:
        await take_in(hub, channel, adapter.parse_update(update))
    if updates:
        async with hub.db.transaction() as session:
            row = await session.get_one(Channel, channel.id)
            row.update_offset = max(int(update["update_id"]) for update in updates) + 1
    return len(updates)


def is_polled(channel: LiveChannel) -> bool:
    return channel.options.get("mode") == "polling"


def webhook_url(hub: Hub, channel: LiveChannel) -> str:
    """Where the provider delivers; empty for a channel that is polled."""
    return "" if is_polled(channel) else f"{hub.settings.base_url}/webhooks/{channel.name}"


async def stop_webhook(channel: LiveChannel) -> Finding:
    """Telegram delivers nothing to pollers while a webhook is set; what waits there is kept."""
    assert isinstance(channel.adapter, Telegram)
    try:
        await channel.adapter.disconnect()
    except SendError as error:
        return Finding("webhook_removed", False, error.kind.code)
    return Finding("webhook_removed", True)
