"""The HTTP client under python-telegram-bot, and what its errors mean.

The bot's token is part of every URL: nothing that names a URL may be logged, or chained to an error.
"""

import json
import logging
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.request import HTTPXRequest

from channels.base import SendError, SendErrorKind

T = TypeVar("T")

# httpx logs URLs at INFO; python-telegram-bot logs parameters at DEBUG and unreadable answers at ERROR.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)
logging.getLogger("telegram").setLevel(logging.CRITICAL)

# Failures that happen before the first byte of a request leaves.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
# Status codes whose answers python-telegram-bot turns into errors of their own.
_SPEAKING = frozenset({400, 401, 403, 404, 409})
_GONE = ("deactivated", "deleted", "chat not found", "user not found", "peer_id_invalid")
_TOO_LONG = ("is too long", "_too_long")
_MEDIA = ("photo", "image", "file", "document", "video", "voice", "audio", "media")


class HttpRefusal(TelegramError):
    """An answer by status code alone. Kept from python-telegram-bot, which forgets the code."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after


class Wire(HTTPXRequest):
    """One client for API calls, long polling and downloads, so that connections are reused."""

    def __init__(self, *, read_timeout: float = 20.0) -> None:
        limits = httpx.Limits(max_connections=40, max_keepalive_connections=20, keepalive_expiry=20.0)
        super().__init__(
            connect_timeout=5.0,
            read_timeout=read_timeout,
            write_timeout=20.0,
            pool_timeout=10.0,
            media_write_timeout=60.0,
            httpx_kwargs={"limits": limits, "follow_redirects": False},
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*args, **kwargs)
        if status >= 300 and status not in _SPEAKING:
            raise HttpRefusal(status, _retry_after(payload))
        return status, payload

    async def call(self, url: str, *, read_timeout: float = 20.0, **parameters: str | int) -> Any:
        """A method's raw result, where python-telegram-bot's own reading of it is in the way."""
        return await self.post(f"{url}?{urlencode(parameters)}", read_timeout=read_timeout)

    def download(self, url: str) -> AbstractAsyncContextManager[httpx.Response]:
        """A stream without redirects; not compressed, so that the counted bytes are those sent."""
        return self._client.stream("GET", url, headers={"accept-encoding": "identity"}, follow_redirects=False)


async def attempt(call: Awaitable[T], *, media: bool = False) -> T:
    """The call's result, or a SendError that carries no URL: neither as text nor chained."""
    try:
        return await call
    except TelegramError as error:
        problem = send_error(error, media=media)
    except Exception as error:  # Telegram answered, but not what python-telegram-bot can read: it may have sent.
        problem = SendError(SendErrorKind.UNCERTAIN, type(error).__name__)
    raise problem


def send_error(error: TelegramError, *, media: bool = False) -> SendError:
    """The closed list's entry. With `new_address` set, the outbox re-addresses the conversation and tries again."""
    detail = _detail(error)
    if isinstance(error, HttpRefusal):
        return SendError(_kind_of_status(error.status), detail, retry_after=error.retry_after)
    if isinstance(error, ChatMigrated):
        return SendError(SendErrorKind.ADDRESS_GONE, "chat migrated", new_address=str(error.new_chat_id))
    if isinstance(error, InvalidToken):
        return SendError(SendErrorKind.CREDENTIALS, detail)
    if isinstance(error, Forbidden):
        gone = any(word in detail.lower() for word in _GONE)
        return SendError(SendErrorKind.ADDRESS_GONE if gone else SendErrorKind.BLOCKED, detail)
    if isinstance(error, BadRequest):
        return SendError(_kind_of_bad_request(detail.lower(), media), detail)
    if isinstance(error, Conflict):  # Only polling meets it: a webhook is set, or somebody else polls.
        return SendError(SendErrorKind.PROVIDER_DOWN, detail)
    return _network_error(error)


def _kind_of_status(status: int) -> SendErrorKind:
    if status == 429:
        return SendErrorKind.RATE_LIMITED
    if status == 413:
        return SendErrorKind.MEDIA_REFUSED
    if status == 503:  # "Not now" by definition; 500, 502 and 504 may come after Telegram took the message.
        return SendErrorKind.PROVIDER_DOWN
    return SendErrorKind.UNCERTAIN if status >= 500 else SendErrorKind.REFUSED


def _kind_of_bad_request(description: str, media: bool) -> SendErrorKind:
    if any(words in description for words in _GONE):
        return SendErrorKind.ADDRESS_GONE
    if any(words in description for words in _TOO_LONG):
        return SendErrorKind.TOO_LONG
    if media and any(word in description for word in _MEDIA):
        return SendErrorKind.MEDIA_REFUSED
    return SendErrorKind.REFUSED


def _network_error(error: TelegramError) -> SendError:
    """A refused connection proves that nothing arrived; a lost answer proves nothing."""
    cause = error.__cause__
    name = type(cause or error).__name__
    unsent = isinstance(error, NetworkError) and isinstance(cause, _UNSENT)
    return SendError(SendErrorKind.UNREACHABLE if unsent else SendErrorKind.UNCERTAIN, name)


def _detail(error: TelegramError) -> str:
    """Telegram's fixed description; what it quotes from a message comes after a quotation mark."""
    return error.message.split('"')[0].split("\n")[0].strip()[:120]


def _retry_after(payload: bytes) -> float | None:
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    return float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < 1e6 else None
