"""Hubs for tests: on a real database, and where a test wants it with a real HTTP server and real workers."""

import asyncio
import contextlib
import functools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from sqlalchemy.engine import make_url

from app.config import Settings
from app.content import CONTENT_DIR
from app.db import Database, migrate
from app.hub import Hub
from app.main import create_app, open_hub, replay_for_ever, work
from app.publishing import load
from flows.load import read_content
from flows.understand import ensure_artefact
from tests.postgres import TestCluster

TRAINED = Path(__file__).parent.parent / "var" / "tests"  # kept between runs: training takes some seconds
SECRET_KEY = "tests-only-" + "0123456789abcdef" * 3


def make_template(cluster: TestCluster) -> str:
    """Made in a thread of its own loop: fixtures of session scope can't await."""
    url = cluster.create("hub_template")
    migrate(url)

    async def fill() -> None:
        db = Database(url)
        async with db.transaction() as session:
            await load(session, read_content(CONTENT_DIR))
        await db.close()

    asyncio.run(fill())
    trained()
    return make_url(url).database or ""


@functools.cache
def trained() -> Path:
    """The artefact of the starter content, which no test changes."""
    return ensure_artefact(CONTENT_DIR, TRAINED)


def settings_for(data_dir: Path, **changes: Any) -> Settings:
    defaults: dict[str, Any] = {"data_dir": data_dir, "secret_key": SECRET_KEY, "database_url": "set-by-the-test"}
    return Settings(_env_file=None, **{**defaults, **changes})


@contextlib.asynccontextmanager
async def open_test_hub(url: str, folder: Path, *, now: datetime | None = None, **changes: Any) -> AsyncIterator[Hub]:
    """A hub whose understanding is trained once for all tests; `now` freezes its clock."""
    data_dir = folder / "var"
    (data_dir / "understand").mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(trained(), data_dir / "understand" / trained().name)
    async with open_hub(settings_for(data_dir, **changes), url) as hub:
        yield replace(hub, now=lambda: now) if now else hub


@dataclass
class Live:
    hub: Hub
    base_url: str


class LiveServer:
    """`async with LiveServer(hub) as live`: the app under uvicorn on a free port of loopback, workers beside it."""

    def __init__(self, hub: Hub, *, worker: bool = True) -> None:
        self._hub = hub
        self._worker = worker
        self._tasks: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> Live:
        app = create_app(self._hub)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        background = [self._hub.feed.run(), replay_for_ever(self._hub, app.state.spool)]
        background += work(self._hub) if self._worker else []
        self._tasks = [asyncio.create_task(coroutine) for coroutine in background]
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        await asyncio.wait_for(self._hub.feed.connected.wait(), 10)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        base_url = f"http://127.0.0.1:{port}"
        self._hub.settings.__dict__["base_url"] = base_url  # what providers are told
        return Live(self._hub, base_url)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, self._serving, return_exceptions=True)
