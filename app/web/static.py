"""Style sheets and scripts, held in memory under an address that changes with their content, so browsers keep them."""

import functools
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import NotFound

FOLDER = Path(__file__).parent / "static"
HTMX = "htmx-4.min.js"
SHEETS_KEPT = 64  # combinations: pages have a dozen
MOST_SHEETS = 30
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    packed: bytes
    media_type: str


class Assets:
    """`version` is a hash over all files: one folder per version lets scripts import each other by relative paths."""

    def __init__(self) -> None:
        files = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.*")}
        files["vendor/htmx.js"] = _htmx()
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(name.encode() + b"\0" + files[name] + b"\0")
        self.version = digest.hexdigest()[:12]
        self._assets = {name: _asset(name, content) for name, content in files.items()}

    def url(self, name: str) -> str:
        if name not in self._assets:
            raise KeyError(f"no static file {name}")
        return f"/static/{self.version}/{name}"

    def sheets(self, *names: str) -> str:
        """The address of several style sheets in one, in this order: each would cost a phone a round trip."""
        for name in names:
            self.url(f"css/{name}.css")
        return f"/static/{self.version}/css/{'+'.join(names)}.css"

    def find(self, name: str) -> Asset | None:
        if name.startswith("css/") and "+" in name:
            return self._joined(name)
        return self._assets.get(name)

    @functools.lru_cache(maxsize=SHEETS_KEPT)  # noqa: B019 - there is one for ever
    def _joined(self, name: str) -> Asset | None:
        parts = [
            self._assets.get(f"css/{part}.css") for part in name.removeprefix("css/").removesuffix(".css").split("+")
        ]
        found = [part.content for part in parts[:MOST_SHEETS] if part is not None]
        return _asset(name, b"\n".join(found)) if len(found) == len(parts) else None


@functools.cache
def assets() -> Assets:
    return Assets()


def add(app: FastAPI) -> None:
    app.router.routes.append(Route("/static/{version}/{name:path}", serve, methods=["GET"]))


async def serve(request: Request) -> Response:
    held = assets()
    asset = held.find(request.path_params["name"])
    if asset is None:
        raise NotFound("This page does not exist.")
    # A page of an older version, still open while the hub was updated, gets today's file but must not keep it.
    current = request.path_params["version"] == held.version
    headers = {"Cache-Control": FOR_EVER if current else "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _asset(name: str, content: bytes) -> Asset:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(content, gzip.compress(content, mtime=0), media_type)


def _htmx() -> bytes:
    """From the wheel `django-htmx`, of which nothing else is used."""
    return (resources.files("django_htmx") / "static" / "django_htmx" / HTMX).read_bytes()
