"""Journeys by SMS and WhatsApp without waiting: a hub that serves on loopback, the doubles of Twilio and Meta.

Webhooks, status callbacks and media links go over HTTP; jobs run in real workers when a test says `await phones.run()`,
which returns once everything that happened so far has been dealt with, the providers' news included.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import procrastinate
import sqlalchemy as sa

from app import outbox
from app.channels_admin import add_channel, set_channel
from app.hub import Hub
from app.jobs import register
from app.models import Case, Conversation, Message, RefusedRequest
from app.registry import LiveChannel
from app.wake import make_app
from channels.base import Outbound
from tests.live import LiveServer, open_test_hub
from tests.providers.twilio import Person as TwilioPerson
from tests.providers.twilio import TwilioServer
from tests.providers.whatsapp import Person as CloudPerson
from tests.providers.whatsapp import WhatsAppServer
from tests.providers.whatsapp.state import NUMBER_ID, OTHER_NUMBER_ID, VERIFY_TOKEN
from tests.stage import READY, forget_rates

Person = TwilioPerson | CloudPerson

SMS, WHATSAPP, CLOUD, CLOUD_TOO = "sms", "whatsapp", "cloud", "cloud-too"
"""The channels: an SMS number and a WhatsApp sender at Twilio, and two numbers of one app at Meta."""


class Clock:
    """The hub's clock: it runs, as the database's own does, and tests move it ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def __call__(self) -> datetime:
        return self.now

    def moves(self, **by: float) -> None:
        self._ahead += timedelta(**by)


class Phones:
    def __init__(self, hub: Hub, base_url: str, twilio: TwilioServer, whatsapp: WhatsAppServer, clock: Clock) -> None:
        self.hub = hub
        self.base_url = base_url
        self.twilio = twilio
        self.whatsapp = whatsapp
        self.clock = clock
        self.jobs: procrastinate.App = make_app(hub.db.conninfo)
        register(self.jobs, hub)
        self.jobs.periodic_registry.periodic_tasks.clear()

    def channel(self, name: str) -> LiveChannel:
        found = self.hub.registry.by_name(name)
        assert found is not None
        return found

    def url(self, name: str) -> str:
        return f"{self.base_url}/webhooks/{name}"

    async def connect(self) -> None:
        """As an operator does it: by the command line where that can, else in the providers' consoles."""
        account = {"account_sid": self.twilio.account, "auth_token": self.twilio.token}
        at_twilio = {"api_base": self.twilio.api_base}
        price = {"cents_per_segment": "7.5", "monthly_budget": "10"}
        app = {
            "access_token": self.whatsapp.token,
            "app_secret": self.whatsapp.app_secret,
            "verify_token": VERIFY_TOKEN,
        }
        at_meta = {"api_base": self.whatsapp.api_base}
        async with self.hub.db.transaction() as session:
            for kind, name, secrets, options in (
                ("sms", SMS, account, at_twilio | price | {"from": self.twilio.number}),
                ("whatsapp-twilio", WHATSAPP, account, at_twilio | {"from": self.twilio.number}),
                ("whatsapp-cloud", CLOUD, app, at_meta | {"phone_number_id": NUMBER_ID}),
                ("whatsapp-cloud", CLOUD_TOO, app, at_meta | {"phone_number_id": OTHER_NUMBER_ID}),
            ):
                await add_channel(session, self.hub.vault, kind, name, secret_values=secrets, options=options)
        await self.hub.registry.load()
        await self.channel(SMS).adapter.connect(self.url(SMS))
        self.twilio.whatsapp.url = self.url(WHATSAPP) + "#rc=5&rp=all"
        answer = await self.whatsapp.webhooks.handshake(self.url(CLOUD), verify_token=VERIFY_TOKEN)
        assert answer.status_code == 200

    # What happens

    async def run(self) -> None:
        """Until nothing is left that could be done now."""
        while True:
            await self.twilio.settled()
            await self.whatsapp.settled()
            async with self.hub.db.transaction() as session:
                if not await session.scalar(READY):
                    return
            await self.jobs.run_worker_async(
                wait=False, concurrency=4, install_signal_handlers=False, delete_jobs="always", listen_notify=False
            )

    async def later(self, **by: float) -> None:
        """Time passes, here and at the providers, and what was put off may be tried again."""
        self.clock.moves(**by)
        self.twilio.state.offset += timedelta(**by)
        self.whatsapp.state.offset += timedelta(**by).total_seconds()
        async with self.hub.db.transaction() as session:
            await session.execute(sa.text("update procrastinate_jobs set scheduled_at = null"))
        await self.run()

    async def says(self, person: Person, *texts: str) -> list[str]:
        """What the hub answers to a person's words, one after the other."""
        before = len(heard(person))
        for text in texts:
            delivery = await person.writes(text)
            assert delivery.accepted, delivery.attempts
            await self.run()
        return heard(person)[before:]

    async def writes_back(self, *messages: Outbound, to: Conversation | None = None) -> list[Message]:
        """A human's answer, put into the outbox and sent as far as that goes; how the messages stand then."""
        async with self.hub.db.transaction() as session:
            talk = await session.merge(to or await self.conversation())
            rows = await outbox.queue(self.hub, session, talk, messages, author="staff")
            numbers = [row.id for row in rows]
        await self.run()
        return await self.messages(Message.id.in_(numbers))

    async def set_option(self, name: str, **options: str) -> None:
        async with self.hub.db.transaction() as session:
            await set_channel(session, self.hub.vault, name, options=options)
        await self.hub.registry.load()

    # What there is

    async def rows(self, statement: Any) -> list[Any]:
        async with self.hub.db.transaction() as session:
            return list((await session.scalars(statement)).all())

    async def messages(self, *where: Any) -> list[Message]:
        return await self.rows(sa.select(Message).where(*where).order_by(Message.conversation_id, Message.seq))

    async def out(self, *where: Any) -> list[Message]:
        return await self.messages(Message.direction == "out", *where)

    async def statuses(self) -> list[str]:
        return [message.status for message in await self.out()]

    async def cases(self) -> list[Case]:
        return await self.rows(sa.select(Case).order_by(Case.id))

    async def conversation(self) -> Conversation:
        (only,) = await self.rows(sa.select(Conversation))
        assert isinstance(only, Conversation)
        return only

    async def refused(self) -> dict[str, int]:
        return {f"{one.channel_name}: {one.reason}": one.count for one in await self.rows(sa.select(RefusedRequest))}


def heard(person: Person) -> list[str]:
    """The words on the person's phone that came from the hub."""
    if isinstance(person, TwilioPerson):
        return [record.body for record in person.sent()]
    return [sent.text for sent in person.sent]


@contextlib.asynccontextmanager
async def open_phones(url: str, folder: Path, **settings: Any) -> AsyncIterator[Phones]:
    clock = Clock()
    async with (
        open_test_hub(url, folder, **settings) as opened,
        TwilioServer() as twilio,
        WhatsAppServer() as whatsapp,
    ):
        hub = replace(opened, now=clock)
        await forget_rates(hub)
        async with LiveServer(hub, worker=False) as live:
            phones = Phones(hub, live.base_url, twilio, whatsapp, clock)
            async with phones.jobs.open_async():
                await phones.connect()
                yield phones
