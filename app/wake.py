"""The job engine as wake-up, mutual exclusion and clock: jobs are deferred by task name, inside the data's transaction.

Task bodies live in `app.jobs`; this room knows only their names, so that every lower room may wake them.
"""

from datetime import datetime

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import raw_connection

IN_QUEUE = "in"
SYSTEM_QUEUE = "sys"
MEDIA_QUEUE = "media"  # of its own: slow downloads never hold up an alert
READ_QUEUE = "read"  # a thousand messages to translate delay nothing but each other
SHAPE_QUEUE = "shape"  # files are opened here, few at once: that costs memory and computing

URGENT = 10  # a danger word was seen: before everything else
NORMAL = 0


def out_queue(channel_id: int) -> str:
    """A queue of its own per channel, so that one channel's rate limit never slows another."""
    return f"out:{channel_id}"


def make_app(conninfo: str) -> procrastinate.App:
    connector = procrastinate.PsycopgConnector(
        conninfo=conninfo, min_size=1, max_size=12, pool_factory=AsyncConnectionPool
    )
    return procrastinate.App(connector=connector)


class Waker:
    """Defers the hub's jobs. Each wake-up is coalesced: while one is waiting to start, another changes nothing."""

    def __init__(self, jobs: procrastinate.App) -> None:
        self.jobs = jobs

    async def route(self, session: AsyncSession, conversation_id: int, *, priority: int = NORMAL) -> None:
        key = f"in:{conversation_id}"
        # A waiting wake-up of normal priority would swallow the urgent one, so it waits under a name of its own.
        waiting = f"{key}:urgent" if priority > NORMAL else key
        await self._defer(
            session, "route", IN_QUEUE, lock=key, waiting=waiting, priority=priority, conversation_id=conversation_id
        )

    async def send(self, session: AsyncSession, channel_id: int, conversation_id: int) -> None:
        key = f"out:{conversation_id}"
        await self._defer(
            session, "send", out_queue(channel_id), lock=key, waiting=key, conversation_id=conversation_id
        )

    async def send_at(self, session: AsyncSession, at: datetime, channel_id: int, conversation_id: int) -> None:
        """Wake the outbox later. A job of its own: one scheduled ahead under the conversation's lock would hold it."""
        await self._defer(
            session,
            "wake_send",
            SYSTEM_QUEUE,
            lock=None,
            waiting=f"out:{conversation_id}:later",
            at=at,
            channel_id=channel_id,
            conversation_id=conversation_id,
        )

    async def fetch_media(self, session: AsyncSession, media_id: int, *, at: datetime | None = None) -> None:
        key = f"media:{media_id}"
        await self._defer(session, "fetch_media", MEDIA_QUEUE, lock=None, waiting=key, at=at, media_id=media_id)

    async def shape_media(self, session: AsyncSession, media_id: int) -> None:
        key = f"shape:{media_id}"
        await self._defer(session, "shape_media", SHAPE_QUEUE, lock=None, waiting=key, media_id=media_id)

    async def read(self, session: AsyncSession, conversation_id: int) -> None:
        """Put what was said into German, for staff."""
        key = f"read:{conversation_id}"
        await self._defer(session, "read", READ_QUEUE, lock=key, waiting=key, conversation_id=conversation_id)

    async def tell_staff(self, session: AsyncSession, message_id: int) -> None:
        """An answer did not arrive, or may not have: a human must know."""
        key = f"undelivered:{message_id}"
        await self._defer(session, "tell_staff", IN_QUEUE, lock=None, waiting=key, message_id=message_id)

    async def check_edit(self, session: AsyncSession, message_id: int) -> None:
        """Look at a changed wording that may tell of danger."""
        await self._defer(
            session,
            "check_edit",
            IN_QUEUE,
            lock=None,
            waiting=f"edit:{message_id}",
            priority=URGENT,
            message_id=message_id,
        )

    async def seen(self, session: AsyncSession, channel_id: int, external_id: str) -> None:
        await self._defer(
            session,
            "seen",
            SYSTEM_QUEUE,
            lock=None,
            waiting=f"seen:{channel_id}:{external_id}",
            channel_id=channel_id,
            external_id=external_id,
        )

    async def erase(self, session: AsyncSession, contact_id: int, language: str) -> None:
        await self._defer(
            session,
            "erase",
            SYSTEM_QUEUE,
            lock=None,
            waiting=f"erase:{contact_id}",
            contact_id=contact_id,
            language=language,
        )

    async def alert(self, session: AsyncSession, alert_id: int, *, at: datetime | None = None) -> None:
        key = f"alert:{alert_id}"
        await self._defer(
            session, "alert", SYSTEM_QUEUE, lock=None, waiting=key, at=at, priority=URGENT, alert_id=alert_id
        )

    async def push(self, session: AsyncSession, push_id: int, *, at: datetime | None = None) -> None:
        key = f"push:{push_id}"
        await self._defer(session, "push", SYSTEM_QUEUE, lock=None, waiting=key, at=at, push_id=push_id)

    async def acknowledge(self, session: AsyncSession, channel_id: int, token: str) -> None:
        """Tell the provider that a button press arrived; short-lived, so never repeated."""
        await self._defer(
            session,
            "acknowledge",
            SYSTEM_QUEUE,
            lock=None,
            waiting=f"ack:{channel_id}:{token}",
            priority=URGENT,
            channel_id=channel_id,
            token=token,
        )

    async def _defer(
        self,
        session: AsyncSession,
        task: str,
        queue: str,
        *,
        lock: str | None,
        waiting: str,
        at: datetime | None = None,
        priority: int = NORMAL,
        **arguments: int | str,
    ) -> None:
        connection = await raw_connection(session)
        deferrer = self.jobs.configure_task(
            task,
            queue=queue,
            lock=lock,
            queueing_lock=waiting,
            schedule_at=at,
            priority=priority,
            connection=connection,
        )
        try:
            # A refused twin aborts the surrounding transaction unless it happens in a savepoint.
            async with connection.transaction():
                await deferrer.defer_async(**arguments)
        except AlreadyEnqueued:
            pass
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.OperationalError):  # callers must see that the database is away
                raise OperationalError(f"defer {task}", None, error.__cause__) from None
            raise
