"""Files: how they travel to Telegram, and the download of what people sent."""

import asyncio
import mimetypes
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

import httpx

from channels.base import MediaError, MediaFile, MediaRef, SendError, SendErrorKind
from channels.telegram_wire import Wire, attempt
from channels.text import clean_text

_MAX_PHOTO, _MAX_UPLOAD = 10_000_000, 50_000_000

# How a file travels; whatever is not listed goes as a document.
_WAYS = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "audio/ogg": "voice",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "video/mp4": "video",
}


def way_of(media: MediaFile) -> str:
    """The kind of message that shows the file best."""
    size = len(media.content)
    if size > _MAX_UPLOAD or not size:
        raise SendError(SendErrorKind.MEDIA_REFUSED, "empty file" if not size else "file is too big")
    way = _WAYS.get(media.mime.split(";")[0].strip().lower(), "document")
    return "document" if way == "photo" and size > _MAX_PHOTO else way


def file_name(media: MediaFile, way: str) -> str:
    """Telegram derives the type from the suffix."""
    name = clean_text(media.name or "").replace("/", "_").strip() or way
    if PurePosixPath(name).suffix:
        return name
    return name + (mimetypes.guess_extension(media.mime.split(";")[0].strip().lower()) or "")


class Downloads:
    """getFile, then the file itself; only from the host of `api_base`."""

    seconds = 120.0  # for a whole download, however slowly it drips

    def __init__(self, wire: Wire, api_base: str, token: str) -> None:
        self._wire = wire
        self._base = api_base
        self._token = token

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        if media.size is not None and media.size > max_bytes:
            raise MediaError("too_large")
        path = await self._file_path(media.ref, max_bytes)
        content = await self._download(self._file_url(path), max_bytes)
        mime = media.mime or mimetypes.guess_type(path)[0] or "application/octet-stream"
        return MediaFile(content, mime, media.name or PurePosixPath(path).name or None)

    async def _file_path(self, ref: str, max_bytes: int) -> str:
        try:
            file = await attempt(self._wire.call(f"{self._base}/bot{self._token}/getFile", file_id=ref))
        except SendError as error:
            problem = _media_error(error)
        else:
            path = file.get("file_path") if isinstance(file, dict) else None
            size = file.get("file_size") if isinstance(file, dict) else None
            if isinstance(path, str) and path:
                if isinstance(size, int) and size > max_bytes:
                    raise MediaError("too_large")
                return path
            problem = MediaError("gone")
        raise problem

    def _file_url(self, path: str) -> str:
        """A local Bot API server may name a whole URL; it counts only on the host that is trusted anyway."""
        if "://" in path:
            if urlsplit(path)[:2] != urlsplit(self._base)[:2]:
                raise MediaError("refused")
            return path
        if path.startswith("/") or ".." in path.split("/"):
            raise MediaError("refused")
        return f"{self._base}/file/bot{self._token}/{quote(path)}"

    async def _download(self, url: str, max_bytes: int) -> bytes:
        try:
            async with asyncio.timeout(self.seconds), self._wire.download(url) as response:
                return await _body(response, max_bytes)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            pass  # Raised below, so that an error that knows the URL isn't chained.
        raise MediaError("gone", retry=True)


async def _body(response: httpx.Response, max_bytes: int) -> bytes:
    status = response.status_code
    if status in (404, 410):
        raise MediaError("gone")
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


def _media_error(error: SendError) -> MediaError:
    if "too big" in error.detail.lower():
        return MediaError("too_large")
    if error.kind is SendErrorKind.REFUSED:  # An unknown or expired file id.
        return MediaError("gone")
    if error.kind is SendErrorKind.CREDENTIALS:
        return MediaError("refused", retry=True)
    return MediaError("gone", retry=True)
