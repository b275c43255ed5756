"""While the database is away, verified requests wait here, encrypted, one file each, and are replayed in order."""

import asyncio
import json
import logging
import os
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.crypto import Vault
from app.errors import HubError
from channels.base import WebhookRequest

log = logging.getLogger(__name__)

REPLAY_EVERY = 1.0  # seconds


class CantStore(Exception):
    """This request can never be stored as things are; the others need not wait for it."""


Store = Callable[[str, WebhookRequest], Awaitable[None]]


class Spool:
    """`pending` is cheap: as long as anything waits, newer requests queue up behind it, so that order holds."""

    def __init__(self, data_dir: Path, vault: Vault) -> None:
        self._folder = data_dir / "spool"
        self._vault = vault

    def pending(self) -> bool:
        if not self._folder.is_dir():
            return False
        with os.scandir(self._folder) as entries:
            return any(entry.name.endswith(".request") for entry in entries)

    def state(self) -> tuple[int, int]:
        """How many requests wait, and how many were set aside because they could not be stored."""
        names = os.listdir(self._folder) if self._folder.is_dir() else []
        return sum(name.endswith(".request") for name in names), sum(name.endswith(".kept") for name in names)

    async def put(self, channel: str, request: WebhookRequest) -> None:
        """Returns once the request is safely on the disk. Raises OSError."""
        await asyncio.to_thread(self._write, channel, request)

    def _write(self, channel: str, request: WebhookRequest) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        half_written = self._folder / f"{name}.new"
        with half_written.open("wb") as file:
            file.write(self._vault.encrypt(_write_request(channel, request)))
            file.flush()
            os.fsync(file.fileno())
        half_written.rename(self._folder / f"{name}.request")
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def replay(self, store: Store) -> int:
        """Hand the waiting requests to `store`, oldest first, until one fails; how many were stored.

        What can't be read or stored at all (another SECRET_KEY, a removed channel) is set aside, not thrown away.
        """
        if not self._folder.is_dir():
            return 0
        done = 0
        for path in sorted(self._folder.glob("*.request")):
            try:
                sealed = await asyncio.to_thread(path.read_bytes)
            except FileNotFoundError:  # another process of this host was faster
                continue
            try:
                channel, request = _read_request(self._vault.decrypt(sealed))
                await store(channel, request)
            except (CantStore, HubError, ValueError, KeyError, TypeError) as error:
                log.error("spool: %s is set aside as .kept (%s)", path.name, type(error).__name__)
                path.rename(path.with_suffix(".kept"))
                continue
            path.unlink(missing_ok=True)
            done += 1
        return done


def _write_request(channel: str, request: WebhookRequest) -> str:
    return json.dumps(
        {
            "channel": channel,
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": b64encode(request.body).decode(),
            "path_suffix": request.path_suffix,
        }
    )


def _read_request(text: str) -> tuple[str, WebhookRequest]:
    data = json.loads(text)
    channel = data.pop("channel")
    return channel, WebhookRequest(**{**data, "body": b64decode(data["body"])})
