"""What commands share: settings, a database for as long as they need it, secrets from files or standard input, output."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from app import embedded
from app.config import Settings
from app.crypto import open_vault
from app.db import migrate
from app.errors import BadInput
from app.hub import Hub
from app.logs import set_up_logging
from app.main import open_hub

T = TypeVar("T")


def settings() -> Settings:
    found = Settings()
    set_up_logging(found.log_level)
    return found


def with_hub(work: Callable[[Hub], Awaitable[T]], *, shelf: bool = False) -> T:
    """Run `work` with a hub on the running database, or on one started for this command."""
    chosen = settings()
    open_vault(chosen)  # a weak SECRET_KEY is told before a database is started for nothing
    with embedded.database(chosen.database_url, chosen.data_dir) as url:
        if not chosen.database_url:
            migrate(url)

        async def run() -> T:
            async with open_hub(chosen, url, shelf=shelf) as hub:
                return await work(hub)

        return asyncio.run(run())


def secret(value: str | None, file: Path | None, what: str) -> str:
    """A secret given as an option, as a file, or as '-' for standard input."""
    if value and file:
        raise BadInput(f"Give {what} either directly or as a file, not both.")
    if value == "-" or (file is not None and str(file) == "-"):
        return sys.stdin.readline().strip()
    if file is not None:
        return file.read_text().strip()
    return value or ""


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """A table for people, or one JSON object a line."""
    found = list(rows)
    if as_json:
        for row in found:
            print(json.dumps(row, ensure_ascii=False, default=str))
        return
    if not found:
        print("(none)")
        return
    widths = {key: max(len(key), *(len(str(row[key])) for row in found)) for key in found[0]}
    for row in [dict(zip(widths, widths, strict=True)), *found]:
        print("  ".join(str(row[key]).ljust(width) for key, width in widths.items()).rstrip())
