"""A Telegram that speaks the real protocol, connected to a hub that really serves."""

from collections.abc import AsyncIterator

import pytest

from app.channels_admin import add_channel
from tests.live import Live
from tests.providers.telegram.server import TelegramServer


@pytest.fixture
async def telegram(live: Live) -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        await connect_telegram(live, server)
        yield server


async def connect_telegram(live: Live, server: TelegramServer, name: str = "hilfe") -> None:
    """As `streetwork channel add telegram` does it."""
    async with live.hub.db.transaction() as session:
        await add_channel(
            session,
            live.hub.vault,
            "telegram",
            name,
            secret_values={"token": server.token},
            options={"api_base": server.api_base},
        )
    await live.hub.registry.load()
    channel = live.hub.registry.by_name(name)
    assert channel is not None
    findings = await channel.adapter.connect(f"{live.base_url}/webhooks/{name}")
    assert all(finding.ok for finding in findings), findings
