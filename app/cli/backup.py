"""`backup` and `restore`: one file with everything but SECRET_KEY; moving to another database is both in a row."""

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from app import embedded
from app.cli.runtime import settings
from app.config import Settings
from app.crypto import open_vault
from app.db import Database, migrate
from app.errors import Conflict, HubError
from app.models import Address, Channel
from app.pgbinaries import client_environment, pg_binary
from app.privacy import ERASURES, read_erasures, replay_erasures

MODE_PRIVATE = 0o600


class ToolFailed(HubError):
    """pg_dump or pg_restore ended with an error."""


def backup_command(file: Path) -> None:
    """Write everything into FILE (readable only by you). Keep SECRET_KEY elsewhere: without it the file is useless."""
    chosen = settings()
    half_written = file.with_name(file.name + ".part")
    with embedded.database(chosen.database_url, chosen.data_dir) as url:
        os.close(os.open(half_written, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, MODE_PRIVATE))
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={half_written}")
    half_written.rename(file)
    print(f"{file}: {file.stat().st_size:,} bytes. SECRET_KEY is not in it; keep both, apart from each other.")


def restore_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    secret_key: Annotated[
        str, typer.Option(help="of the backup; asked for when STREETWORK_SECRET_KEY is not set")
    ] = "",
    erasures: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=f"{ERASURES} of the DATA_DIR that was in use")
    ] = None,
) -> None:
    """Load FILE into an empty database; people who were erased since are erased again."""
    chosen = settings()
    kept = _bring_erasures(erasures, chosen.data_dir)
    key = secret_key or chosen.secret_key or typer.prompt("SECRET_KEY of the backup", hide_input=True)
    chosen = chosen.model_copy(update={"secret_key": key})
    open_vault(chosen)
    with embedded.database(chosen.database_url, chosen.data_dir, own=not chosen.database_url) as url:
        asyncio.run(_refuse_full(url))
        _restore(url, file)
        migrate(url)
        erased = asyncio.run(_finish(chosen, url, read_erasures(kept)))
    print(f"Restored. {erased} people who were erased after the backup are erased again.")
    if not kept.exists():
        print(f"No {ERASURES} was given: whoever asked to be erased after the backup is back. See --erasures.")


def _bring_erasures(given: Path | None, data_dir: Path) -> Path:
    """The list lies in the DATA_DIR that was in use; a restore into another one takes it along, for the next restore."""
    kept = data_dir / ERASURES
    if given is not None and given.resolve() != kept.resolve():
        kept.parent.mkdir(parents=True, exist_ok=True)
        known = kept.read_text() if kept.exists() else ""
        kept.write_text(known + given.read_text())
    return kept


async def _refuse_full(url: str) -> None:
    db = Database(url)
    try:
        async with db.engine.connect() as connection:
            found = await connection.scalar(sa.text("select to_regclass('public.messages') is not null"))
    finally:
        await db.close()
    if found:
        raise Conflict("This database is not empty. Restore into a new one (another STREETWORK_DATA_DIR or database).")


async def _finish(chosen: Settings, url: str, erasures: list[dict[str, Any]]) -> int:
    """Prove that the key fits before anybody trusts the restored hub."""
    vault = open_vault(chosen)
    db = Database(url)
    try:
        async with db.transaction() as session:
            for column in (Channel.secrets, Address.value):
                sealed = await session.scalar(sa.select(column).limit(1))
                if sealed is not None:
                    vault.decrypt(sealed)
        return await replay_erasures(db, erasures)
    finally:
        await db.close()


def _restore(url: str, file: Path) -> None:
    """Through psql rather than pg_restore's own connection: its newest settings are unknown to older servers."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        _run(url, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        lines = script.read_bytes().splitlines(keepends=True)
        script.write_bytes(b"".join(line for line in lines if not line.startswith(b"SET transaction_timeout")))
        _run(url, "psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}")


def _run(url: str, tool: str, *arguments: str) -> None:
    """The address goes by environment: arguments are for everybody on the machine to see."""
    done = subprocess.run(
        [str(pg_binary(tool)), *arguments], env=client_environment(url), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ToolFailed(f"{tool} failed: {done.stderr.strip()[-500:]}")
