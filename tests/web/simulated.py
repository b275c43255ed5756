"""Hubs with the simulator's phones, and what the worker would do for them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from app.channels_admin import add_channel
from app.conversation import route
from app.hub import Hub
from app.main import create_app
from app.models import Conversation, Message
from app.outbox import drain
from tests.live import open_test_hub
from tests.postgres import TestCluster

ONE_PHONE: Mapping[str, dict[str, Any]] = {"web": {}}


@asynccontextmanager
async def open_demo(
    cluster: TestCluster, template: str, folder: Path, phones: Mapping[str, dict[str, Any]] = ONE_PHONE
) -> AsyncIterator[Hub]:
    """A hub that is open to visitors."""
    with cluster.database(template) as url:
        async with open_test_hub(url, folder, demo=True) as hub:
            await with_phones(hub, phones)
            yield hub


async def with_phones(hub: Hub, phones: Mapping[str, dict[str, Any]] = ONE_PHONE) -> None:
    async with hub.db.transaction() as session:
        for name, options in phones.items():
            await add_channel(session, hub.vault, "webchat", name, options=options)
    await hub.registry.load()


def client(hub: Hub) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=hub.settings.base_url)


async def answer_everybody(hub: Hub) -> None:
    """What the worker does."""
    for conversation in await conversations(hub):
        await route(hub, conversation.id)
        await drain(hub, conversation.id)


async def conversations(hub: Hub) -> list[Conversation]:
    async with hub.db.transaction() as session:
        return list((await session.scalars(sa.select(Conversation).order_by(Conversation.id))).all())


async def stored(hub: Hub) -> list[Message]:
    async with hub.db.transaction() as session:
        return list((await session.scalars(sa.select(Message).order_by(Message.id))).all())
