"""Files: how they travel to WhatsApp, and the download of what people sent."""

import asyncio
import base64
import binascii
import hmac
import mimetypes
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from channels.base import MediaError, MediaFile, MediaRef, SendError, SendErrorKind
from channels.telegram_fields import Fields
from channels.text import clean_text
from channels.whatsapp_errors import GraphError
from channels.whatsapp_wire import Graph, segment

# How a file travels, and the largest that Meta takes that way; everything else goes as a document.
_WAYS = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mp4": "audio",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
    "video/3gpp": "video",
    "video/mp4": "video",
}
_LARGEST = {"image": 5_000_000, "audio": 16_000_000, "video": 16_000_000, "sticker": 500_000, "document": 100_000_000}
_META = ".fbcdn.net", ".fbsbx.com", ".facebook.com", ".whatsapp.net"  # files come from lookaside.fbsbx.com
_EXPIRED = (401, 403, 404, 410)


def mime_of(media: MediaFile) -> str:
    return media.mime.split(";")[0].strip().lower() or "application/octet-stream"


def way_of(media: MediaFile) -> str:
    """The kind of message that shows the file best."""
    way = _WAYS.get(mime_of(media), "document")
    return way if len(media.content) <= _LARGEST[way] else "document"


def is_voice(media: MediaFile) -> bool:
    """An Ogg file with Opus, as recorders make it: it goes as a voice note, which phones fetch and play at once."""
    return way_of(media) == "audio" and media.content.startswith(b"OggS") and b"OpusHead" in media.content[:512]


def file_name(media: MediaFile) -> str:
    name = clean_text(media.name or "").replace("/", "_").replace('"', "_").strip() or way_of(media)
    if PurePosixPath(name).suffix:
        return name
    return name + (mimetypes.guess_extension(mime_of(media)) or "")


async def upload(graph: Graph, phone_number_id: str, media: MediaFile) -> str:
    """The file's id. Nobody sees an upload: whatever goes wrong here, the message was not sent."""
    if not media.content or len(media.content) > _LARGEST["document"]:
        raise SendError(SendErrorKind.MEDIA_REFUSED, "file is too big" if media.content else "empty file")
    mime = mime_of(media)
    try:
        stored = await graph.post(
            f"{segment(phone_number_id)}/media",
            repeatable=True,
            data={"messaging_product": "whatsapp", "type": mime},
            files={"file": (file_name(media), media.content, mime)},
        )
    except SendError as error:
        if error.kind is not SendErrorKind.REFUSED:
            raise
        problem = SendError(SendErrorKind.MEDIA_REFUSED, error.detail)
    else:
        if media_id := Fields(stored).text("id"):
            return media_id
        problem = SendError(SendErrorKind.PROVIDER_DOWN, "upload without id")
    raise problem


class Downloads:
    """The file's URL, good for five minutes, then the file itself; only from Meta's hosts."""

    seconds = 120.0  # for a whole download, however slowly it drips

    def __init__(self, graph: Graph, phone_number_id: str) -> None:
        self._graph = graph
        self._phone_number_id = phone_number_id
        self._base = _split(graph.base)

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        """A URL that has run out since we asked for it is asked for once more."""
        if media.size is not None and media.size > max_bytes:
            raise MediaError("too_large")
        about = await self._about(media.ref, max_bytes)
        content = await self._download(about, max_bytes)
        if content is None:
            about = await self._about(media.ref, max_bytes)
            content = await self._download(about, max_bytes)
        if content is None:
            raise MediaError("gone")
        _check_hash(content, about)
        mime = media.mime or about.text("mime_type") or "application/octet-stream"
        return MediaFile(content, mime, media.name)

    async def _about(self, ref: str, max_bytes: int) -> Fields:
        about: dict[str, Any] = {}
        try:
            about = await self._graph.get(segment(ref), phone_number_id=self._phone_number_id)
        except SendError as error:
            problem = _media_error(error)
        else:
            fields = Fields(about)
            size = fields.whole("file_size") or int(text if (text := fields.text("file_size") or "").isdecimal() else 0)
            if size > max_bytes:
                raise MediaError("too_large")
            if "url" in fields:
                return fields
            problem = MediaError("gone")
        raise problem

    async def _download(self, about: Fields, max_bytes: int) -> bytes | None:
        """None where the URL no longer opens the file."""
        url = about.text("url") or ""
        if not self._trusted(url):
            raise MediaError("refused")
        try:
            async with asyncio.timeout(self.seconds), self._graph.download(url) as response:
                return await _body(response, max_bytes)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            pass  # Raised below, so that an error that knows URL and token isn't chained.
        raise MediaError("gone", retry=True)

    def _trusted(self, url: str) -> bool:
        """The token goes with the download: to Meta and to the host that we were told to use, nowhere else."""
        parts = _split(url)
        if parts is None or parts.username is not None or parts.password is not None:
            return False
        if self._base and (parts.scheme, parts.netloc.lower()) == (self._base.scheme, self._base.netloc.lower()):
            return True
        return parts.scheme == "https" and parts.port in (None, 443) and (parts.hostname or "").endswith(_META)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


async def _body(response: httpx.Response, max_bytes: int) -> bytes | None:
    status = response.status_code
    if status in _EXPIRED:
        return None
    if status == 429 or status >= 500:
        raise MediaError("gone", retry=True)
    if status != 200:
        raise MediaError("refused")
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > max_bytes:
            raise MediaError("too_large")
    return bytes(content)


def _check_hash(content: bytes, about: Fields) -> None:
    """Meta writes the hash as hex here and as base64 in webhooks; an announced hash must fit."""
    told = about.text("sha256")
    if told is None:
        return
    expected = told.lower() if len(told) == 64 else _hex(told)
    if not hmac.compare_digest(sha256(content).hexdigest().encode(), expected.encode("utf-8", "replace")):
        raise MediaError("refused", retry=True)


def _hex(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""


def _media_error(error: SendError) -> MediaError:
    """An unknown or expired id is told as a wrong parameter, a missing object or 404."""
    if isinstance(error, GraphError) and (error.status in (404, 410) or error.code in (33, 100, 131052)):
        return MediaError("gone")
    if error.kind is SendErrorKind.CREDENTIALS:
        return MediaError("refused", retry=True)
    return MediaError("gone", retry=error.kind.retry or error.kind is SendErrorKind.UNCERTAIN)
