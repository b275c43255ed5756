"""What all doubles stand on: a web server in the test's own loop, on a socket that is open before it serves."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn


class Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield  # The tests' runner keeps its own handlers.


def listen(port: int) -> socket.socket:
    """With its protocol named, asyncio turns Nagle's algorithm off; else every answer is 40 ms late."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    return listener
