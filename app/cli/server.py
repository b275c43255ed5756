"""`serve`, `worker`, `migrate`: the long-running processes."""

import asyncio
from typing import Annotated

import typer

from app import embedded
from app.cli.runtime import settings
from app.config import Settings
from app.content import CONTENT_DIR
from app.crypto import open_vault
from app.db import migrate
from app.demo import prepare_demo
from app.hub import Hub
from app.jobs import forget_workers
from app.main import open_hub, run_worker, serve
from app.publishing import load
from flows.load import read_content


def serve_command(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="web only; run `worker` elsewhere")] = False,
) -> None:
    """Web, and a worker unless told otherwise, until Ctrl-C."""
    chosen = settings()
    chosen = chosen.model_copy(update={"host": host or chosen.host, "port": port or chosen.port})
    open_vault(chosen)
    with embedded.database(chosen.database_url, chosen.data_dir, own=True) as url:
        if not chosen.database_url:
            migrate(url)
        asyncio.run(_serve(chosen, url, worker=not no_worker))


async def _serve(chosen: Settings, url: str, *, worker: bool) -> None:
    async with open_hub(chosen, url, shelf=False) as hub:
        if not chosen.database_url or chosen.demo:
            async with hub.db.transaction() as session:
                await load(session, read_content(CONTENT_DIR), origin="starter")
        if chosen.demo:
            await prepare_demo(hub)
        if not chosen.database_url:
            await forget_workers(hub)
        await hub.shelf.load()
        hub.feed.on("content", hub.shelf.load)
        print(_welcome(hub), flush=True)
        await serve(hub, worker=worker)


def _welcome(hub: Hub) -> str:
    base = hub.settings.base_url
    lines = [
        "",
        f"Streetwork Hub: {base}",
        f"  {base}/inbox      the streetworkers' inbox (sign in)",
    ]
    if hub.settings.demo:
        lines.insert(2, f"  {base}/simulator  a phone to write with, no account needed")
    return "\n".join([*lines, "Ctrl-C ends it; everything is kept.", ""])


def worker_command(
    concurrency: Annotated[int, typer.Option(help="how many conversations at once, per kind of work")] = 8,
) -> None:
    """A worker only, beside `serve --no-worker` processes on this host or others."""
    chosen = settings()
    open_vault(chosen)

    async def work(url: str) -> None:
        async with open_hub(chosen, url) as hub:
            await run_worker(hub, concurrency)

    with embedded.database(chosen.database_url, chosen.data_dir) as url:
        asyncio.run(work(url))


def migrate_command() -> None:
    """To the newest schema (done at every start when the database is embedded)."""
    chosen = settings()
    with embedded.database(chosen.database_url, chosen.data_dir) as url:
        migrate(url)
    print("The database has the newest schema.")
