"""The HTTP client under the Graph API: one for calls, uploads and downloads.

The access token travels in a header only. Errors of httpx hold the request with its headers: none is chained or logged.
"""

import logging
import re
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import quote

import httpx

from channels.base import SendError, SendErrorKind
from channels.telegram_fields import Fields
from channels.whatsapp_errors import graph_error

# httpx logs URLs at INFO: a media URL opens a person's file for some minutes.
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


class Graph:
    """`api_base` takes the place of scheme and host, before the version."""

    def __init__(self, access_token: str, api_base: str, version: str, *, read_timeout: float = 20.0) -> None:
        self.base = api_base.strip().rstrip("/")
        self.version = version.strip("/ ")
        # A token that no header can carry must not show up in the header's error; Meta's answer will name the problem.
        token = access_token.strip()
        self.token = token if re.fullmatch(r"[\x21-\x7e]+", token) else "unset"
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(read_timeout, connect=5.0, write=60.0, pool=10.0),
            limits=httpx.Limits(max_connections=40, max_keepalive_connections=20, keepalive_expiry=20.0),
            headers={"user-agent": "streetwork-hub"},
            follow_redirects=False,
        )

    @property
    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        return await self._call("GET", path, params=params, repeatable=True)

    async def post(self, path: str, *, repeatable: bool = False, **request: Any) -> dict[str, Any]:
        """`repeatable`: a call whose effect nobody sees twice, so that an unknown outcome may be tried again."""
        return await self._call("POST", path, repeatable=repeatable, **request)

    async def post_list(self, path: str, **request: Any) -> list[Any]:
        """The few calls that answer with a list."""
        raw = await self._attempt("POST", path, repeatable=True, **request)
        return raw if isinstance(raw, list) else []

    async def _call(self, method: str, path: str, *, repeatable: bool, **request: Any) -> dict[str, Any]:
        raw = await self._attempt(method, path, repeatable=repeatable, **request)
        if isinstance(raw, dict):
            return raw
        raise SendError(SendErrorKind.PROVIDER_DOWN if repeatable else SendErrorKind.UNCERTAIN, "unreadable answer")

    async def _attempt(self, method: str, path: str, *, repeatable: bool, **request: Any) -> Any:
        """The JSON that Meta answers (None where it is none), or a SendError without URL and headers."""
        url = f"{self.base}/{self.version}/{path}"
        try:
            response = await self._client.request(method, url, headers=self._bearer, **request)
        except Exception as error:
            unsent = isinstance(error, _UNSENT) or repeatable
            problem = SendError(SendErrorKind.UNREACHABLE if unsent else SendErrorKind.UNCERTAIN, type(error).__name__)
        else:
            return _result(response, repeatable)
        raise problem

    def download(self, url: str) -> AbstractAsyncContextManager[httpx.Response]:
        """A stream without redirects; not compressed, so that the counted bytes are those sent."""
        return self._client.stream("GET", url, headers={**self._bearer, "accept-encoding": "identity"})

    async def close(self) -> None:
        await self._client.aclose()


def segment(identifier: str) -> str:
    """An id as one part of a path, whatever it contains."""
    return quote(identifier, safe="") or "unset"


def _result(response: httpx.Response, repeatable: bool) -> Any:
    try:
        raw = response.json()
    except (ValueError, RecursionError):
        raw = None
    error = Fields(raw).child("error")
    if response.status_code == 200 and not error.raw:
        return raw
    details = error.child("error_data").text("details") or ""
    raise graph_error(
        response.status_code,
        error.whole("code"),
        error.whole("error_subcode"),
        message=f"{error.text('message')} {details}",
        retry_after=_retry_after(response),
        repeatable=repeatable,
    )


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if re.fullmatch(r"[0-9]{1,5}", value, re.ASCII) else None
