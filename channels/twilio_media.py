"""Download of what people sent: credentials for Twilio's hosts only, redirects to its stores only."""

import asyncio
import ipaddress
import re
import socket
from email.message import Message
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from channels.base import MediaError, MediaFile, MediaRef
from channels.text import clean_text
from channels.twilio_wire import Wire

_TWILIO = (".twilio.com",)
_STORES = (*_TWILIO, ".twiliocdn.com", ".amazonaws.com")  # where Twilio's API redirects to
_MAX_HOPS = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class Downloads:
    """`api_base` takes the place of Twilio's API and is trusted like it, wherever it is."""

    seconds = 120.0  # for a whole download, however slowly it drips

    def __init__(self, wire: Wire, api_base: str, auth: tuple[str, str]) -> None:
        self._wire = wire
        self._base = api_base
        self._auth = auth

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        if media.size is not None and media.size > max_bytes:
            raise MediaError("too_large")
        url = f"{self._base}{media.ref}" if media.ref.startswith("/") else media.ref
        try:
            async with asyncio.timeout(self.seconds):
                return await self._follow(url, media, max_bytes)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            pass  # Raised below, so that an error that knows the URL isn't chained.
        raise MediaError("gone", retry=True)

    async def _follow(self, url: str, media: MediaRef, max_bytes: int) -> MediaFile:
        allowed: tuple[str, ...] = _TWILIO
        auth = True
        for _ in range(_MAX_HOPS):
            await self._check(url, allowed)
            async with self._wire.download(url, self._auth if auth else None) as response:
                target = response.headers.get("location", "")
                if response.status_code not in _REDIRECTS or not target:
                    return await _file(response, media, max_bytes)
            following = _joined(url, target)
            auth = auth and _origin(following) == _origin(url)
            url, allowed = following, _STORES
        raise MediaError("refused")

    async def _check(self, url: str, allowed: tuple[str, ...]) -> None:
        """The trusted origin, or an allowed host over TLS that is no machine of our own network."""
        origin, parts = _origin(url), _split(url)
        if parts.username or parts.password:
            raise MediaError("refused")
        if origin == _origin(self._base):
            return
        scheme, host, port = origin
        if scheme != "https" or port != 443 or not host.endswith(allowed):
            raise MediaError("refused")
        if not await _is_public(host):
            raise MediaError("refused")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise MediaError("refused") from None
    return parts


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        raise MediaError("refused") from None


def _origin(url: str) -> tuple[str, str, int]:
    parts = _split(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or (80 if parts.scheme == "http" else 443)


async def _is_public(host: str) -> bool:
    """Every address that the name stands for. A rebound name would still lack the host's certificate."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        raise MediaError("gone", retry=True) from None
    addresses = [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]
    return bool(addresses) and all(one.is_global and not one.is_multicast for one in addresses)


async def _file(response: httpx.Response, media: MediaRef, max_bytes: int) -> MediaFile:
    status = response.status_code
    if status in (404, 410):
        raise MediaError("gone")
    if status == 401:
        raise MediaError("refused", retry=True)  # Until an admin repairs the credentials.
    if status == 429 or status >= 500:
        raise MediaError("gone", retry=True)
    if status != 200:
        raise MediaError("refused")
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise MediaError("too_large")
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > max_bytes:
            raise MediaError("too_large")
    return MediaFile(bytes(content), _mime(response, media), media.name or _name(response))


def _mime(response: httpx.Response, media: MediaRef) -> str:
    """What the file is stored as counts more than what the webhook called it."""
    stored: str = response.headers.get("content-type", "").split(";")[0].strip().lower()
    return media.mime or "application/octet-stream" if stored in _UNTYPED else stored


def _name(response: httpx.Response) -> str | None:
    header = Message()
    header["content-disposition"] = re.sub(r"[\r\n]", " ", response.headers.get("content-disposition", ""))
    name = clean_text(header.get_filename() or "").replace("\\", "/").rpartition("/")[2].strip()
    return name[:200] or None
