"""Who comes into the simulator, and with which app: the door, the visitor's signed cookie, the phone in their hand.

Each app is a web chat channel with that look, and the same visitor has an address of their own on each, as in real life.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from app.auth import user_of
from app.errors import NotFound
from app.hub import Hub
from app.registry import LiveChannel
from app.web.deps import SAFE_METHODS, HubDep, Tx, staff_session
from app.web.pages import reader_of
from app.web.security import check_same_origin, cookie_name, is_https

LOOKS = {"telegram": "Telegram", "whatsapp": "WhatsApp", "sms": "SMS"}
FIRST_LOOK = "telegram"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A pretended person: where answers go, what their app and the hub's posters would tell about them."""

    address: str
    language: str = ""  # of their app
    place: str = ""
    look: str = FIRST_LOOK  # the app they used last


@dataclass(frozen=True, slots=True)
class Handset:
    """A visitor with one of the apps open."""

    visitor: Visitor
    look: str
    channel: LiveChannel
    offered: tuple[str, ...]  # the looks that have a channel

    @property
    def address(self) -> str:
        return self.visitor.address if self.look == FIRST_LOOK else f"{self.visitor.address}.{self.look}"

    @property
    def home(self) -> str:
        return f"/simulator?app={self.look}"


async def door(request: Request, hub: HubDep, tx: Tx) -> None:
    """Open to everybody in demo mode, else to staff."""
    if not hub.settings.demo:
        await staff_session(request, hub, tx)
        return
    if request.method not in SAFE_METHODS:
        check_same_origin(request)
    token = request.cookies.get(cookie_name(hub.settings), "")
    if found := await user_of(tx, token, hub.now()) if token else None:
        request.state.reader = reader_of(found)


def known_visitor(request: Request, hub: HubDep) -> Visitor:
    """Who this browser pretends to be; somebody new where its cookie is missing or not ours."""
    body, _, signature = request.cookies.get(_cookie(hub), "").partition(".")
    if not body or not hub.vault.signed_by_us(f"simulator:{body}", signature):
        return Visitor(secrets.token_urlsafe(16), place=hub.settings.default_place)
    return Visitor(**json.loads(urlsafe_b64decode(body + "==")))


def handset(request: Request, hub: HubDep, app: str = "") -> Handset:
    """`app` is the one that the page shows; two tabs may show two. Without it, the one used last."""
    channels: dict[str, LiveChannel] = {}
    for channel in hub.registry.all():
        if channel.kind == "webchat":
            channels.setdefault(channel.options.get("look") or FIRST_LOOK, channel)
    offered = tuple(look for look in LOOKS if look in channels)
    if not offered:
        raise NotFound("There is no web chat channel.")
    visitor = known_visitor(request, hub)
    look = next((wish for wish in (app, visitor.look) if wish in offered), offered[0])
    return Handset(visitor, look, channels[look], offered)


def remember(hub: Hub, response: Response, visitor: Visitor) -> Response:
    body = urlsafe_b64encode(json.dumps(asdict(visitor)).encode()).decode().rstrip("=")
    value = f"{body}.{hub.vault.sign(f'simulator:{body}')}"
    response.set_cookie(_cookie(hub), value, path="/", httponly=True, samesite="lax", secure=is_https(hub.settings))
    return response


def _cookie(hub: Hub) -> str:
    return "__Host-simulator" if is_https(hub.settings) else "simulator"


HandsetDep = Annotated[Handset, Depends(handset)]
