"""Live events: rows for catching up, NOTIFY for speed, one listening connection per process.

`publish` writes ids only, in the transaction of the change. Listeners hear of feed rows ('feed'), of changed channels
('channels') and of changed content ('content').
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import FeedEvent

log = logging.getLogger(__name__)

NOTIFY_CHANNEL = "hub"
RECONNECT_SECONDS = 1.0
IDLE_CHECK_SECONDS = 30.0

Handler = Callable[[], Awaitable[None]]


async def publish(session: AsyncSession, kind: str, ref: int) -> None:
    """Tell open pages that a case or conversation changed."""
    event = FeedEvent(kind=kind, ref=ref)
    session.add(event)
    await session.flush()
    await notify(session, "feed", id=event.id, kind=kind, ref=ref)


async def notify(session: AsyncSession, topic: str, **data: int | str) -> None:
    payload = json.dumps({"topic": topic, **data})
    await session.execute(sa.select(sa.func.pg_notify(NOTIFY_CHANNEL, payload)))


class Feed:
    """This process's ear: reconnects for ever, wakes everybody after a gap so that nothing is missed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._waiting: set[asyncio.Event] = set()
        self._handlers: dict[str, list[Handler]] = {}
        self.connected = asyncio.Event()

    def on(self, topic: str, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    @contextlib.asynccontextmanager
    async def subscription(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something may have changed; the subscriber clears it and reads the table."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            yield changed
        finally:
            self._waiting.discard(changed)

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error:
                log.warning("live events: connection lost, trying again")
            self.connected.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            await connection.execute(f"listen {NOTIFY_CHANNEL}")
            self.connected.set()
            for topic in self._handlers:  # something may have changed while nobody listened
                await self._handle(topic)
            self._wake()
            while True:
                async for note in connection.notifies(timeout=IDLE_CHECK_SECONDS):
                    await self._dispatch(note.payload)
                await connection.execute("select 1")  # notices a dead connection that TCP has not reported

    async def _dispatch(self, payload: str) -> None:
        topic = str(json.loads(payload).get("topic"))
        if topic == "feed":
            self._wake()
        await self._handle(topic)

    async def _handle(self, topic: str) -> None:
        for handler in self._handlers.get(topic, ()):
            try:
                await handler()
            except Exception:
                log.exception("live events: handling %s failed", topic)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()
