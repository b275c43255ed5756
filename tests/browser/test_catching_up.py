"""A page that lost its connection fetches what changed meanwhile, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import sqlalchemy as sa
from playwright.async_api import expect

from app.hub import Hub
from tests.browser.conftest import Windows
from tests.browser.test_live import person_writes
from tests.live import Live
from tests.web.street import Street


class Cable:
    """Carries bytes between browser and hub until it is cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.whole = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, there_writer}
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def cut(self) -> None:
        self.whole = False
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def cable_to(base_url: str) -> AsyncIterator[tuple[Cable, str]]:
    cable = Cable(urlsplit(base_url).port or 0)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    try:
        yield cable, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        cable.cut()
        server.close()


async def age(hub: Hub) -> None:
    """What happened in the minute before is told twice, in case it was committed late; here nothing did."""
    async with hub.db.transaction() as session:
        await session.execute(sa.text("update feed_events set created_at = created_at - interval '2 minutes'"))


async def test_only_what_changed_is_fetched(hub: Hub, serving: Live, windows: Windows, street: Street) -> None:
    async with cable_to(serving.base_url) as (cable, address):
        windows._base_url = address
        async with windows.open("ana@example.org", expected=("ERR_",)) as screen:
            page = screen.page
            await screen.goto(f"/inbox/{street.wages.id}?view=all")
            await expect(page.locator("#connection")).to_have_text("")
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.method + urlsplit(request.url).path))
            for change in (False, True):
                await asyncio.sleep(1)
                await age(hub)
                cable.cut()
                await expect(page.locator("#connection")).not_to_have_text("")
                if change:
                    await person_writes(hub, "Mai sunteți acolo?")  # in another case
                asked.clear()
                cable.whole = True
                await expect(page.locator("#connection")).to_have_text("", timeout=30_000)
                if change:
                    await expect(page.locator(f"#card-{street.urgent.id}")).to_contain_text("Mai sunteți acolo?")
                await asyncio.sleep(1)
                fetched = [each for each in asked if not each.endswith(("/events", "/here", "/waiting"))]
                assert set(fetched) == ({"GET/inbox"} if change else set()), fetched
