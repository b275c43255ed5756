"""Headers of every answer, the limit of every request, cookies, and where a form may come from."""

from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.auth import user_of
from app.config import Settings
from app.errors import NotAllowed
from app.hub import Hub

# Within the composer a recording is listened to before anybody else has it: a blob of the page itself.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self';"
    " manifest-src 'self'; worker-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAX_BODY_BYTES = 25_000_000  # a reply with attachments; providers' webhooks are far smaller
LARGER = {"/admin/translations": 600_000_000}  # packages have 60 to 250 MB; read from admins only

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # shared computers: nothing of a case stays in the browser's cache
}
HSTS = "max-age=31536000; includeSubDomains"


def add(app: FastAPI) -> None:
    app.add_middleware(BodyLimit)
    app.add_middleware(SecureHeaders, https=is_https(app.state.hub.settings))


def is_https(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this very host; browsers accept the prefix over https only."""
    return "__Host-session" if is_https(settings) else "session"


def check_same_origin(request: Request) -> None:
    """Refuse forms of other sites. Browsers say where a form comes from; other clients send no cookies unasked."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise NotAllowed("This form came from another site.")
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    settings: Settings = request.app.state.hub.settings
    hosts = {request.headers.get("host"), urlsplit(settings.base_url).netloc}
    if urlsplit(origin).netloc not in hosts:
        raise NotAllowed("This form came from another site.")


class SecureHeaders:
    """Pure ASGI, so that live events stream through it. A route that sets one of the headers itself keeps its own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": HSTS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyTooLarge(Exception):
    """Raised out of `receive`, where the length was not announced or a lie."""


async def _most(scope: Scope) -> int:
    """Bytes that this request may send: a form has to be read before its token can be checked, so who sends it counts."""
    larger = LARGER.get(scope["path"])
    if larger is None or scope["method"] != "POST":
        return MAX_BODY_BYTES
    hub: Hub = scope["app"].state.hub
    token = HTTPConnection(scope).cookies.get(cookie_name(hub.settings), "")
    async with hub.db.transaction() as session:
        found = await user_of(session, token, hub.now()) if token else None
    return larger if found is not None and found.user.role == "admin" else MAX_BODY_BYTES


class BodyLimit:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        most = await _most(scope)
        if not announced.isdecimal() or int(announced) > most:
            await self._refuse(scope, receive, send)
            return
        try:
            await self._app(scope, self._counted(receive, most), send)
        except BodyTooLarge:
            await self._refuse(scope, receive, send)

    @staticmethod
    def _counted(receive: Receive, most: int) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise BodyTooLarge
            return message

        return counted

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("Too large.", status_code=413)(scope, receive, send)
