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
RETRY_SECONDS = 30.0
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
    """This process's ear: reconnects for ever, wakes everybody after a gap so that nothing is missed.

    Handlers run beside the listening: to read new content takes seconds, and open pages must not wait for it.
    """

    def __init__(self, conninfo: str, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._conninfo = conninfo
        self._retry_seconds = retry_seconds
        self._waiting: set[asyncio.Event] = set()
        self._handlers: dict[str, list[Handler]] = {}
        self._news: dict[str, asyncio.Event] = {}
        self.connected = asyncio.Event()

    def on(self, topic: str, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)
        self._news.setdefault(topic, asyncio.Event())

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
        async with asyncio.TaskGroup() as beside:
            for topic in self._handlers:
                beside.create_task(self._handle_for_ever(topic))
            await self._listen_for_ever()

    async def _listen_for_ever(self) -> None:
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
            for news in self._news.values():  # something may have changed while nobody listened
                news.set()
            self._wake()
            while True:
                async for note in connection.notifies(timeout=IDLE_CHECK_SECONDS):
                    self._dispatch(note.payload)
                await connection.execute("select 1")  # notices a dead connection that TCP has not reported

    def _dispatch(self, payload: str) -> None:
        topic = str(json.loads(payload).get("topic"))
        if topic == "feed":
            self._wake()
        if topic in self._news:
            self._news[topic].set()

    async def _handle_for_ever(self, topic: str) -> None:
        """Several news at once are one. What failed is tried again: a process must not go on with old content for good."""
        news = self._news[topic]
        while True:
            await news.wait()
            news.clear()
            for handler in self._handlers[topic]:
                try:
                    await handler()
                except Exception:
                    log.exception("live events: handling %s failed, trying again", topic)
                    asyncio.get_running_loop().call_later(self._retry_seconds, news.set)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()
