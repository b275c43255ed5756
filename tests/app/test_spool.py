"""While the database is away: answered, kept encrypted, replayed in order, stored once."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.channels_admin import add_channel
from app.crypto import Vault
from app.hub import Hub
from app.main import create_app
from app.models import Message
from app.spool import CantStore, Spool
from app.web.webhooks import replay
from channels.base import WebhookRequest
from tests.app.test_intake import HEADERS, SECRET, update
from tests.live import SECRET_KEY, open_test_hub
from tests.postgres import TestCluster


class Cable:
    """A proxy before the database's socket, so that the connection can be cut."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._pairs: set[asyncio.StreamWriter] = set()
        self.whole = True

    async def __aenter__(self) -> "Cable":
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    def cut(self) -> None:
        self.whole = False
        for writer in self._pairs:
            writer.close()

    def mend(self) -> None:
        self.whole = True

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.close()
            return
        other_reader, other_writer = await asyncio.open_unix_connection(self._socket)
        self._pairs |= {writer, other_writer}
        await asyncio.gather(self._pump(reader, other_writer), self._pump(other_reader, writer))
        self._pairs -= {writer, other_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.fixture
async def cable(cluster: TestCluster) -> AsyncIterator[Cable]:
    url = make_url(cluster.postgres.url)
    socket = f"{url.query['host']}/.s.PGSQL.{url.query['port']}"
    async with Cable(socket) as running:
        yield running


@pytest.fixture
async def far_hub(cluster: TestCluster, template: str, cable: Cable, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub whose database is behind the cable."""
    with cluster.database(template) as url:
        name, user = make_url(url).database, make_url(url).username
        far = f"postgresql+psycopg://{user}@127.0.0.1:{cable.port}/{name}"
        async with open_test_hub(far, tmp_path) as hub:
            async with hub.db.transaction() as session:
                values = {"token": "1:x", "webhook_secret": SECRET}
                await add_channel(session, hub.vault, "telegram", "hilfe", secret_values=values)
            await hub.registry.load()
            yield hub


async def stored(hub: Hub) -> list[str | None]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(Message.text).order_by(Message.conversation_id, Message.seq)))


async def test_nothing_is_lost_while_the_database_is_away(far_hub: Hub, cable: Cable) -> None:
    app = create_app(far_hub)
    folder = far_hub.settings.data_dir / "spool"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub", headers=HEADERS) as web:
        assert (await web.post("/webhooks/hilfe", json=update(1, "преди"))).status_code == 200
        cable.cut()
        for number in (2, 3, 3, 4):
            answer = await web.post("/webhooks/hilfe", json=update(number, f"тайна {number}"))
            assert answer.status_code == 200
        forged = await web.post("/webhooks/hilfe", json=update(9), headers={"x-telegram-bot-api-secret-token": "no"})
        assert forged.status_code == 403
        files = sorted(folder.iterdir())
        assert len(files) == 4
        for file in files:
            content = file.read_bytes()
            for trace in ("тайна".encode(), json.dumps("тайна")[1:-1].encode(), SECRET.encode(), b"hilfe"):
                assert trace not in content
            assert file.stat().st_mode & 0o077 == 0 or folder.stat().st_mode & 0o077 == 0
        with pytest.raises(OperationalError):
            await replay(far_hub, app.state.spool)
        assert len(list(folder.iterdir())) == 4
        cable.mend()
        late = await web.post("/webhooks/hilfe", json=update(5, "след"))
        assert late.status_code == 200
        assert len(list(folder.iterdir())) == 5, "what is newer queues up behind what waits"
        assert await replay(far_hub, app.state.spool) == 5
        assert list(folder.iterdir()) == []
        assert await stored(far_hub) == ["преди", "тайна 2", "тайна 3", "тайна 4", "след"]
        assert (await web.post("/webhooks/hilfe", json=update(6, "пак"))).status_code == 200
        assert list(folder.iterdir()) == []


async def test_where_even_the_spool_fails_the_provider_is_asked_to_come_again(far_hub: Hub, cable: Cable) -> None:
    app = create_app(far_hub)
    (far_hub.settings.data_dir / "spool").write_text("no folder")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub", headers=HEADERS) as web:
        cable.cut()
        assert (await web.post("/webhooks/hilfe", json=update())).status_code >= 500


async def test_the_database_goes_in_the_middle_of_storing(far_hub: Hub, cable: Cable) -> None:
    channel = far_hub.registry.by_name("hilfe")
    assert channel is not None
    app = create_app(far_hub)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub", headers=HEADERS) as web:
        posts = [asyncio.create_task(web.post("/webhooks/hilfe", json=update(n, str(n), 100 + n))) for n in range(30)]
        await asyncio.sleep(0.05)
        cable.cut()
        answers = await asyncio.gather(*posts)
        assert {answer.status_code for answer in answers} == {200}
        cable.mend()
        await replay(far_hub, app.state.spool)
        assert sorted(int(text or "") for text in await stored(far_hub)) == list(range(30))


def request(text: str) -> WebhookRequest:
    return WebhookRequest("POST", "http://hub/webhooks/x", {}, text.encode())


async def test_what_can_never_be_stored_is_set_aside_and_holds_up_nobody(tmp_path: Path) -> None:
    other, ours = Spool(tmp_path, Vault("x" * 40)), Spool(tmp_path, Vault(SECRET_KEY))
    await other.put("hilfe", request("with another key"))
    (tmp_path / "spool" / "00-damaged.request").write_bytes(b"damaged")
    await ours.put("gone", request("of a removed channel"))
    await ours.put("hilfe", request("good"))
    seen: list[bytes] = []

    async def store(name: str, received: WebhookRequest) -> None:
        if name == "gone":
            raise CantStore(name)
        seen.append(received.body)

    assert ours.pending()
    assert await ours.replay(store) == 1
    assert seen == [b"good"]
    assert not ours.pending()
    assert len(list((tmp_path / "spool").glob("*.kept"))) == 3


async def test_a_removed_channel_s_request_is_kept(hub: Hub) -> None:
    spool = Spool(hub.settings.data_dir, hub.vault)
    await spool.put("gone", request("x"))
    assert await replay(hub, spool) == 0
    assert [path.suffix for path in (hub.settings.data_dir / "spool").iterdir()] == [".kept"]


async def test_replay_stops_at_what_may_work_later(tmp_path: Path) -> None:
    spool = Spool(tmp_path, Vault(SECRET_KEY))
    for text in ("a", "b"):
        await spool.put("hilfe", request(text))

    async def away(name: str, received: WebhookRequest) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await spool.replay(away)
    assert len(list((tmp_path / "spool").glob("*.request"))) == 2
