"""The only wiring place: a hub out of settings, a web app out of a hub, a serving process out of both."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import uvicorn
from fastapi import FastAPI

from app import polling, web
from app.config import Settings
from app.content import Shelf
from app.crypto import open_vault
from app.db import Database
from app.feed import Feed
from app.hub import Hub
from app.jobs import CONCURRENCY, Workers
from app.registry import Registry
from app.spool import REPLAY_EVERY, Spool
from app.wake import Waker, make_app
from app.web.routes import ROUTERS
from app.web.webhooks import DATABASE_AWAY, replay
from translations.machine import Machine

log = logging.getLogger(__name__)

STOP_SECONDS = 15.0  # what a request or job in progress may still take when the process is asked to end


@contextlib.asynccontextmanager
async def open_hub(settings: Settings, url: str, *, shelf: bool = True) -> AsyncIterator[Hub]:
    """A hub on a migrated database. Commands that say nothing to people leave the `shelf` unloaded: it may train."""
    db = Database(url)
    vault = open_vault(settings)
    hub = Hub(
        settings=settings,
        db=db,
        vault=vault,
        registry=Registry(db, vault, settings),
        shelf=Shelf(db, settings.data_dir, encoder=settings.embeddings_dir),
        waker=Waker(make_app(db.conninfo)),
        feed=Feed(db.conninfo),
        machine=Machine(
            settings.packages_dir,
            memory=settings.translation_memory_mb * 1_000_000,
            seconds=settings.translation_seconds,
        ),
    )
    hub.feed.on("channels", hub.registry.load)
    try:
        await hub.registry.load()
        if shelf:
            hub.feed.on("content", hub.shelf.load)
            await hub.shelf.load()
        yield hub
    finally:
        hub.machine.close()
        await hub.registry.close()
        await db.close()


def create_app(hub: Hub) -> FastAPI:
    app = FastAPI(title="Streetwork Hub", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.hub = hub
    app.state.spool = Spool(hub.settings.data_dir, hub.vault)
    for router in ROUTERS:
        app.include_router(router)
    web.setup(app)
    return app


async def serve(hub: Hub, *, worker: bool = True) -> None:
    """Web and, unless told otherwise, worker, until SIGINT or SIGTERM."""
    app = create_app(hub)
    config = uvicorn.Config(
        app,
        host=hub.settings.host,
        port=hub.settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=bool(hub.settings.trusted_proxies),
        forwarded_allow_ips=hub.settings.trusted_proxies or None,
        timeout_graceful_shutdown=int(STOP_SECONDS),
        server_header=False,
    )
    tasks: list[Coroutine[Any, Any, None]] = [
        hub.feed.run(),
        hub.shelf.keep_learning(),
        replay_for_ever(hub, app.state.spool),
    ]
    if worker:
        tasks += work(hub)
    server = uvicorn.Server(config)
    # uvicorn would raise the signal again at its end, and nothing of ours would be stopped in order.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment]
    _on_stop_signal(lambda: setattr(server, "should_exit", True))
    await run_until_done(server.serve(), tasks)


async def run_worker(hub: Hub, concurrency: int) -> None:
    """A worker only, until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    _on_stop_signal(stopped.set)
    await run_until_done(stopped.wait(), [hub.feed.run(), hub.shelf.keep_learning(), *work(hub, concurrency)])


def _on_stop_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def work(hub: Hub, concurrency: int = CONCURRENCY) -> list[Coroutine[Any, Any, None]]:
    return [Workers(lambda: make_app(hub.db.conninfo), hub, concurrency).run(), polling.run(hub)]


async def run_until_done(main: Coroutine[Any, Any, Any], background: list[Coroutine[Any, Any, None]]) -> None:
    """Run `main` to its end with the background tasks beside it, then stop them in reverse, with a time limit."""
    tasks = [asyncio.create_task(_for_ever(coroutine)) for coroutine in background]
    try:
        await main
    finally:
        for task in reversed(tasks):
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_SECONDS)


async def _for_ever(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        await coroutine
    except Exception as error:
        log.critical("a background task ended: %s", type(error).__name__, exc_info=error)
        signal.raise_signal(signal.SIGTERM)  # half a hub looks alive but answers nobody: end, and be started again


async def replay_for_ever(hub: Hub, spool: Spool) -> None:
    while True:
        try:
            if count := await replay(hub, spool):
                log.info("spool: %d requests stored that came while the database was away", count)
        except DATABASE_AWAY:
            pass
        except Exception as error:
            log.error("spool: replay failed (%s), trying again", type(error).__name__)
        await asyncio.sleep(REPLAY_EVERY)
