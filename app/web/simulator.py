"""A phone on a page: it speaks to the web chat channel, through the same intake, router and outbox as every app.

Each visitor has an address of their own in a signed cookie, so that nobody reads another visitor's chat. How the phone
looks is a value of the visitor (`LOOKS`) and one block of the style sheet.
"""

import asyncio
import contextlib
import json
import logging
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from babel import Locale
from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import OperationalError
from starlette.responses import RedirectResponse, Response

from app.auth import user_of
from app.errors import BadInput, NotFound
from app.feed import publish
from app.hub import Hub
from app.intake import take_in
from app.models import Conversation
from app.registry import LiveChannel
from app.web.deps import SAFE_METHODS, HubDep, Tx, staff_session
from app.web.pages import is_fragment, reader_language, reader_of, render, trigger
from app.web.phone import Phone, conversation_of, fingerprint, read_phone
from app.web.security import check_same_origin, cookie_name, is_https
from channels.webchat import TEXT_LIMIT, parse_visitor
from flows.model import UNDERSTOOD_LANGUAGES

log = logging.getLogger(__name__)

LOOKS = ("telegram",)
DANGER = "мъжът ми ме бие, страх ме е"
SAMPLES: dict[str, tuple[str, ...]] = {
    "bg-Latn": ("shefa ne mi plashta", "kak da zapisha deteto na uchilishte"),
    "bg": ("Нямам договор за работа, какво да правя", DANGER),
    "ro": ("Nu mi-au plătit salariul de două luni", "nu am contract ce fac", "vreau sa vorbesc cu un om"),
    "uk": ("мене звільнили вчора", "Дитині потрібне місце в садочку"),
    "de": ("Ich habe Schimmel in der Wohnung",),
    "en": ("How do I get health insurance?",),
}
"""What people really write, to tap."""

MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
BUTTON_BYTES, LABEL_CHARS = 64, 200
LOOK_SECONDS = 5.0  # changes that nobody announces (a mode, a place) are seen after this time
STREAM_SECONDS = 600.0  # then the browser connects again, through the door
RETRY_MS = 2000


@dataclass(frozen=True, slots=True)
class Visitor:
    """A pretended person: where answers go, what their app and the hub's posters would tell about them."""

    address: str
    language: str = ""  # of their app
    place: str = ""
    look: str = LOOKS[0]


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


def chat_channel(hub: HubDep) -> LiveChannel:
    found = next((channel for channel in hub.registry.all() if channel.kind == "webchat"), None)
    if found is None:
        raise NotFound("There is no web chat channel.")
    return found


def known_visitor(request: Request, hub: HubDep) -> Visitor:
    """Who this browser pretends to be; somebody new where its cookie is missing or not ours."""
    body, _, signature = request.cookies.get(_cookie(hub), "").partition(".")
    if not body or not hub.vault.signed_by_us(f"simulator:{body}", signature):
        return Visitor(secrets.token_urlsafe(16), place=hub.settings.default_place)
    return Visitor(**json.loads(urlsafe_b64decode(body + "==")))


ChannelDep = Annotated[LiveChannel, Depends(chat_channel)]
VisitorDep = Annotated[Visitor, Depends(known_visitor)]

router = APIRouter(prefix="/simulator", include_in_schema=False, dependencies=[Depends(door)])


@router.get("")
async def page(request: Request, hub: HubDep, tx: Tx, visitor: VisitorDep) -> Response:
    try:
        channel = chat_channel(hub)
    except NotFound:
        return render(request, "simulator/missing.html")
    phone = await read_phone(hub, tx, channel, visitor.address)
    response = render(
        request,
        "simulator/page.html",
        languages=UNDERSTOOD_LANGUAGES,
        places=[slug for slug, place in hub.shelf.library.places.items() if place.served],
        lives_in=phone.conversation.place if phone.conversation else visitor.place or channel.place,
        samples=SAMPLES,
        danger=DANGER,
        **_context(request, phone, visitor),
    )
    return _remember(hub, response, visitor)


@router.get("/thread")
async def thread(request: Request, hub: HubDep, tx: Tx, channel: ChannelDep, visitor: VisitorDep) -> Response:
    if not is_fragment(request):
        return RedirectResponse("/simulator", status_code=303)
    phone = await read_phone(hub, tx, channel, visitor.address)
    return render(request, "simulator/_live.html", **_context(request, phone, visitor))


@router.get("/events", response_class=EventSourceResponse)
async def events(
    hub: HubDep, channel: ChannelDep, visitor: VisitorDep, last_event_id: Annotated[str, Header()] = ""
) -> AsyncIterator[ServerSentEvent]:
    """Tells this visitor's page that something on it changed, never what."""
    told = last_event_id
    ends = time.monotonic() + STREAM_SECONDS
    try:
        async with hub.feed.subscription() as changed:
            while time.monotonic() < ends:
                changed.clear()
                async with hub.db.transaction() as session:
                    state = await fingerprint(hub, session, channel, visitor.address)
                if state != told:
                    yield ServerSentEvent(event="changed", raw_data="", id=state, retry=RETRY_MS)
                    told = state
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), LOOK_SECONDS)
    except OperationalError:
        log.warning("simulator: the database is away")


@router.post("/messages")
async def say(
    request: Request,
    hub: HubDep,
    tx: Tx,
    channel: ChannelDep,
    visitor: VisitorDep,
    message: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    button: Annotated[str, Form()] = "",
    label: Annotated[str, Form()] = "",
) -> Response:
    """The page makes the id: a message that is sent twice is stored once."""
    data: dict[str, Any] = {"address": visitor.address, "id": message, "language": visitor.language or None}
    if not MESSAGE_ID.fullmatch(message):
        raise BadInput("error.422")
    if button:
        if len(button.encode()) > BUTTON_BYTES or len(label) > LABEL_CHARS:
            raise BadInput("error.422")
        data["button"] = {"id": button, "label": label}
    elif not text.strip():
        raise BadInput("Please write something first.")
    elif len(words := text.strip().replace("\r\n", "\n")) > TEXT_LIMIT:
        raise BadInput("This message is too long.")
    else:
        data["text"] = words
    # A new conversation takes its place from the channel: this visitor's is the one they chose.
    await take_in(hub, replace(channel, place=visitor.place or channel.place), parse_visitor(data))
    if not is_fragment(request):
        return _remember(hub, RedirectResponse("/simulator", status_code=303), visitor)
    phone = await read_phone(hub, tx, channel, visitor.address)
    response = render(request, "simulator/_live.html", **_context(request, phone, visitor))
    return _remember(hub, trigger(response, "simulator-sent"), visitor)


@router.post("/settings")
async def choose(
    hub: HubDep,
    tx: Tx,
    channel: ChannelDep,
    visitor: VisitorDep,
    language: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
    shown: Annotated[str, Form()] = "",
) -> Response:
    """`shown` is the place that the form began with: the person may have told another one in the chat since."""
    if (language and language not in UNDERSTOOD_LANGUAGES) or (place and place not in hub.shelf.library.places):
        raise BadInput("error.422")
    conversation = await tx.scalar(conversation_of(hub, channel, visitor.address).with_for_update(of=Conversation))
    if conversation is not None:
        if place != shown:
            conversation.place = place
        if language:
            conversation.state = {**conversation.state, "language_hint": language}
        await publish(tx, "conversation", conversation.id)
    chosen = replace(visitor, language=language, place=place)
    return _remember(hub, RedirectResponse("/simulator", status_code=303), chosen)


@router.post("/person")
async def somebody_new(hub: HubDep, visitor: VisitorDep) -> Response:
    """Another address; what the old person wrote stays with the hub."""
    fresh = replace(visitor, address=secrets.token_urlsafe(16))
    return _remember(hub, RedirectResponse("/simulator", status_code=303), fresh)


def _cookie(hub: Hub) -> str:
    return "__Host-simulator" if is_https(hub.settings) else "simulator"


def _remember(hub: Hub, response: Response, visitor: Visitor) -> Response:
    body = urlsafe_b64encode(json.dumps(asdict(visitor)).encode()).decode().rstrip("=")
    value = f"{body}.{hub.vault.sign(f'simulator:{body}')}"
    response.set_cookie(_cookie(hub), value, path="/", httponly=True, samesite="lax", secure=is_https(hub.settings))
    return response


def _context(request: Request, phone: Phone, visitor: Visitor) -> dict[str, Any]:
    scripts = Locale(reader_language(request)).scripts
    return {"phone": phone, "visitor": visitor, "scripts": scripts, "new_id": lambda: secrets.token_urlsafe(12)}
