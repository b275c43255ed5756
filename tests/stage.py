"""Journeys without waiting: a hub on a real database, the double of Telegram, and workers that run until nothing is left.

Updates are fetched as in polling mode and all jobs run in real workers, so `await stage.run()` returns when everything
that happened so far has been dealt with. Nothing is timed, so nothing is flaky.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import procrastinate
import sqlalchemy as sa

from app.channels_admin import add_channel
from app.hub import Hub
from app.jobs import register
from app.models import Case, Conversation, Message, User
from app.polling import poll_once
from app.registry import LiveChannel
from app.wake import make_app
from tests.live import open_test_hub
from tests.providers.telegram.people import Person
from tests.providers.telegram.server import TelegramServer
from tests.providers.telegram.state import Delivery, Sent

READY = sa.text(
    "select count(*) from procrastinate_jobs where status = 'todo' and coalesce(scheduled_at, now()) <= now()"
)


async def forget_rates(hub: Hub) -> None:
    """No turn is ever taken, so nobody waits a second between two messages; rates have tests of their own."""
    function = "create function no_turn() returns trigger language plpgsql as 'begin return null; end'"
    trigger = "create trigger no_turn before insert on rate_limits for each row execute function no_turn()"
    async with hub.db.transaction() as session:
        await session.execute(sa.text(function))
        await session.execute(sa.text(trigger))


async def heed_rates(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        await session.execute(sa.text("drop function no_turn cascade"))


class Clock:
    """The hub's clock: begins now, because the database has a clock of its own, and stands still until a test moves it."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def moves(self, **by: float) -> None:
        self.now += timedelta(**by)


class Stage:
    def __init__(self, hub: Hub, telegram: TelegramServer, clock: Clock) -> None:
        self.hub = hub
        self.telegram = telegram
        self.clock = clock
        self.jobs: procrastinate.App = make_app(hub.db.conninfo)
        register(self.jobs, hub)
        self.jobs.periodic_registry.periodic_tasks.clear()  # housekeeping runs when a test calls it

    @property
    def channel(self) -> LiveChannel:
        channel = self.hub.registry.by_name("hilfe")
        assert channel is not None
        return channel

    async def run(self) -> None:
        """Fetch what people did, and work until nothing is left that could be done now."""
        while await poll_once(self.hub, self.channel, wait=0):
            pass
        await self.work()

    async def work(self) -> None:
        """A worker ends when it finds nothing; what its last jobs woke is for the next one."""
        while await self._ready():
            await self.jobs.run_worker_async(
                wait=False, concurrency=4, install_signal_handlers=False, delete_jobs="always", listen_notify=False
            )

    async def _ready(self) -> int:
        async with self.hub.db.transaction() as session:
            return await session.scalar(READY) or 0

    async def after(self, *happening: Awaitable[Delivery]) -> list[Sent]:
        """What the hub says when these things happened, in order, to whoever it says it."""
        before = len(self.sent())
        for each in happening:
            await each
        await self.run()
        return self.sent()[before:]

    async def says(self, person: Person, *texts: str) -> list[Sent]:
        """The hub's answers to a person's words."""
        return await self.after(*(person.writes(text) for text in texts))

    def sent(self) -> list[Sent]:
        everything = [sent for chat in self.telegram.state.chats.values() for sent in chat.sent]
        return sorted(everything, key=lambda sent: sent.at)

    async def rows(self, statement: Any) -> list[Any]:
        async with self.hub.db.transaction() as session:
            return list((await session.scalars(statement)).all())

    async def cases(self) -> list[Case]:
        return await self.rows(sa.select(Case).order_by(Case.id))

    async def messages(self, *where: Any) -> list[Message]:
        return await self.rows(sa.select(Message).where(*where).order_by(Message.conversation_id, Message.seq))

    async def conversation(self) -> Conversation:
        (only,) = await self.rows(sa.select(Conversation))
        assert isinstance(only, Conversation)
        return only

    async def staff(self, name: str = "Ana", role: str = "streetworker") -> User:
        """A colleague who never signs in: hashing a password would take longer than the test."""
        user = User(email=f"{name.lower()}@example.org", name=name, role=role, password_hash="!")
        async with self.hub.db.transaction() as session:
            session.add(user)
        return user


@contextlib.asynccontextmanager
async def open_stage(url: str, folder: Path, *, now: datetime | None = None, **settings: Any) -> AsyncIterator[Stage]:
    clock = Clock(now)
    async with open_test_hub(url, folder, **settings) as opened, TelegramServer() as telegram:
        hub = replace(opened, now=clock)
        async with hub.db.transaction() as session:
            options = {"api_base": telegram.api_base, "mode": "polling"}
            values = {"token": telegram.token, "webhook_secret": "a-secret-of-the-tests"}
            await add_channel(session, hub.vault, "telegram", "hilfe", secret_values=values, options=options)
        await hub.registry.load()
        await forget_rates(hub)
        stage = Stage(hub, telegram, clock)
        async with stage.jobs.open_async():
            await poll_once(hub, stage.channel, wait=0)  # tells the double which updates the hub wants
            yield stage
