"""The HTTP client under Twilio's library, and what refusals and broken calls mean.

Twilio quotes phone numbers in its error messages: only codes and names of exceptions go into a SendError.
"""

import json
import logging
import math
from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import httpx
from twilio.http.response import Response
from twilio.rest import Client

from channels.base import SendError, SendErrorKind
from channels.twilio_codes import CODES

T = TypeVar("T")

PUBLIC_API = "https://api.twilio.com"

# httpx logs URLs at INFO, and phone numbers are part of them.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

# Failures that happen before the first byte of a request leaves.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_BY_STATUS = {
    401: SendErrorKind.CREDENTIALS,
    403: SendErrorKind.ACCOUNT,
    404: SendErrorKind.CREDENTIALS,  # no such account
    408: SendErrorKind.UNCERTAIN,
    429: SendErrorKind.RATE_LIMITED,
}


class Wire:
    """What Twilio's library calls for every request; one pool of connections for API calls and downloads."""

    is_async = True

    def __init__(self, *, read_timeout: float = 15.0) -> None:
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(read_timeout, connect=5.0, pool=10.0),
            limits=httpx.Limits(max_connections=40, max_keepalive_connections=20, keepalive_expiry=20.0),
            follow_redirects=False,
        )

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        allow_redirects: bool = False,
    ) -> Response:
        """Raises SendError for every answer that is not a success, before the library forgets its headers."""
        response = await self._perform(method, url, params=params or None, data=data, headers=headers, auth=auth)
        if not 200 <= response.status_code < 300:
            raise refusal(response.status_code, response.text, response.headers)
        return Response(response.status_code, response.text, response.headers)

    async def _perform(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return await self._client.request(method, url, **options)
        except _UNSENT as error:
            problem = SendError(SendErrorKind.UNREACHABLE, type(error).__name__)
        except httpx.HTTPError as error:  # A lost answer proves nothing.
            problem = SendError(SendErrorKind.UNCERTAIN, type(error).__name__)
        raise problem  # Here, so that an error that knows the URL isn't chained.

    def download(self, url: str, auth: tuple[str, str] | None) -> AbstractAsyncContextManager[httpx.Response]:
        """A stream without redirects; not compressed, so that the counted bytes are those sent."""
        headers = {"accept-encoding": "identity"}
        return self._client.stream("GET", url, headers=headers, auth=auth, follow_redirects=False)

    async def close(self) -> None:
        await self._client.aclose()


def make_client(account_sid: str, auth_token: str, api_base: str, wire: Wire) -> Client:
    """Twilio's client on our HTTP stack; `api_base` takes the place of scheme and host everywhere."""
    # A non-empty environment keeps the library from reading credentials, region and edge from ours.
    client = Client(account_sid or "unset", auth_token or "unset", http_client=wire, environment={"unused": ""})
    if api_base != PUBLIC_API:
        client.api.base_url = api_base
        client.messaging.base_url = api_base
    return client


async def attempt(call: Awaitable[T]) -> T:
    """The call's result, or a SendError with nothing chained that knows texts, numbers or URLs."""
    try:
        return await call
    except SendError as error:
        problem = error
    except Exception as error:  # Twilio answered, but not what its library can read: it may have sent.
        problem = SendError(SendErrorKind.UNCERTAIN, type(error).__name__)
    raise problem


def refusal(status: int, body: str, headers: Mapping[str, str]) -> SendError:
    """The closed list's entry for an answer that is not a success."""
    code, retry_after = _code(body), _seconds(headers.get("retry-after"))
    detail = str(code) if code is not None else f"HTTP {status}"
    return SendError(_kind(status, code, retry_after), detail, retry_after=retry_after)


def _kind(status: int, code: int | None, retry_after: float | None) -> SendErrorKind:
    known = None if code is None else CODES.get(code)
    if known is SendErrorKind.RATE_LIMITED or status == 429:
        return SendErrorKind.RATE_LIMITED
    if status >= 500:
        # "Come back in n seconds" says that it was not taken; any other 5xx may come after Twilio took the message.
        come_back = status == 503 and retry_after is not None
        return SendErrorKind.PROVIDER_DOWN if come_back else SendErrorKind.UNCERTAIN
    return known or _BY_STATUS.get(status, SendErrorKind.REFUSED)


def _code(body: str) -> int | None:
    try:
        code = json.loads(body)["code"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    return code if isinstance(code, int) and not isinstance(code, bool) and 0 < code < 1_000_000 else None


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and 0 <= seconds < 1e6 else None
