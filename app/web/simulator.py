"""A phone on a page: it speaks to the web chat channels, through the same intake, router and outbox as every app.

Each visitor has addresses of their own (`visitor.py`), so that nobody reads another visitor's chat. How the phone looks
is a channel's `look`, and one style sheet for each.
"""

import asyncio
import contextlib
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from babel import Locale
from babel.numbers import format_currency, format_decimal
from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.errors import BadInput, NotFound
from app.feed import publish
from app.hub import Hub
from app.intake import take_in
from app.models import Conversation
from app.web.deps import HubDep, Tx
from app.web.pages import is_fragment, reader_language, render, trigger
from app.web.phone import conversation_of, fingerprint, read_phone
from app.web.visitor import LOOKS, Handset, HandsetDep, door, handset, remember
from channels.webchat import TEXT_LIMIT, parse_visitor
from flows.model import UNDERSTOOD_LANGUAGES

log = logging.getLogger(__name__)

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
GREETINGS = {"bg": "Здравейте", "ro": "Bună ziua", "uk": "Добрий день"}  # the first words where an app has no Start

MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
BUTTON_BYTES, LABEL_CHARS = 64, 200
LOOK_SECONDS = 5.0  # changes that nobody announces (a mode, a place) are seen after this time
STREAM_SECONDS = 600.0  # then the browser connects again, through the door
RETRY_MS = 2000
LATER = timedelta(hours=25)  # longer than WhatsApp waits

router = APIRouter(prefix="/simulator", include_in_schema=False, dependencies=[Depends(door)])


@router.get("")
async def page(request: Request, hub: HubDep, tx: Tx, app: str = "") -> Response:
    try:
        phone = handset(request, hub, app)
    except NotFound:
        return render(request, "simulator/missing.html")
    context = await _context(request, hub, tx, phone)
    met = context["phone"].conversation
    response = render(
        request,
        "simulator/page.html",
        languages=UNDERSTOOD_LANGUAGES,
        places=list(hub.shelf.library.served),
        lives_in=met.place if met else phone.visitor.place or phone.channel.place,
        samples=SAMPLES,
        danger=DANGER,
        looks=[(look, LOOKS[look]) for look in phone.offered],
        **context,
    )
    return remember(hub, response, replace(phone.visitor, look=phone.look))


@router.get("/thread")
async def thread(request: Request, hub: HubDep, tx: Tx, phone: HandsetDep) -> Response:
    if not is_fragment(request):
        return RedirectResponse(phone.home, status_code=303)
    return render(request, "simulator/_live.html", **await _context(request, hub, tx, phone))


@router.get("/events", response_class=EventSourceResponse)
async def events(
    hub: HubDep, phone: HandsetDep, last_event_id: Annotated[str, Header()] = ""
) -> AsyncIterator[ServerSentEvent]:
    """Tells this visitor's page that something on it changed, never what."""
    told = last_event_id
    ends = time.monotonic() + STREAM_SECONDS
    try:
        async with hub.feed.subscription() as changed:
            while time.monotonic() < ends:
                changed.clear()
                async with hub.db.transaction() as session:
                    state = await fingerprint(hub, session, phone.channel, phone.address)
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
    phone: HandsetDep,
    message: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    button: Annotated[str, Form()] = "",
    label: Annotated[str, Form()] = "",
) -> Response:
    """The page makes the id: a message that is sent twice is stored once."""
    data: dict[str, Any] = {"address": phone.address, "id": message, "language": phone.visitor.language or None}
    if not MESSAGE_ID.fullmatch(message):
        raise BadInput("error.422")
    if button:
        if phone.look == "sms" or len(button.encode()) > BUTTON_BYTES or len(label) > LABEL_CHARS:
            raise BadInput("error.422")
        data["button"] = {"id": button, "label": label}
    elif not text.strip():
        raise BadInput("Please write something first.")
    elif len(words := text.strip().replace("\r\n", "\n")) > TEXT_LIMIT:
        raise BadInput("This message is too long.")
    else:
        data["text"] = words
    # A new conversation takes its place from the channel: this visitor's is the one they chose.
    channel = replace(phone.channel, place=phone.visitor.place or phone.channel.place)
    await take_in(hub, channel, parse_visitor(data))
    if not is_fragment(request):
        return remember(hub, RedirectResponse(phone.home, status_code=303), phone.visitor)
    response = render(request, "simulator/_live.html", **await _context(request, hub, tx, phone))
    return remember(hub, trigger(response, "simulator-sent"), phone.visitor)


@router.post("/settings")
async def choose(
    hub: HubDep,
    tx: Tx,
    phone: HandsetDep,
    language: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
    shown: Annotated[str, Form()] = "",
) -> Response:
    """`shown` is the place that the form began with: the person may have told another one in the chat since."""
    if (language and language not in UNDERSTOOD_LANGUAGES) or (place and place not in hub.shelf.library.places):
        raise BadInput("error.422")
    conversation = await _locked(hub, tx, phone)
    if conversation is not None:
        if place != shown:
            conversation.place = place
        if language:
            conversation.state = {**conversation.state, "language_hint": language}
        await publish(tx, "conversation", conversation.id)
    chosen = replace(phone.visitor, language=language, place=place)
    return remember(hub, RedirectResponse(phone.home, status_code=303), chosen)


@router.post("/person")
async def somebody_new(hub: HubDep, phone: HandsetDep) -> Response:
    """Other addresses; what the old person wrote stays with the hub."""
    fresh = replace(phone.visitor, address=secrets.token_urlsafe(16))
    return remember(hub, RedirectResponse(phone.home, status_code=303), fresh)


@router.post("/later")
async def let_time_pass(hub: HubDep, tx: Tx, phone: HandsetDep) -> Response:
    """As if this person had been silent for 25 hours: WhatsApp's window closes, and its template may be sent again."""
    conversation = await _locked(hub, tx, phone)
    if conversation is None or conversation.heard_at is None or phone.channel.adapter.limits.window_hours is None:
        raise BadInput("Only a person who wrote on WhatsApp can be silent.")
    conversation.heard_at -= LATER
    if nudged := conversation.state.get("nudged_at"):
        conversation.state = {**conversation.state, "nudged_at": float(nudged) - LATER.total_seconds()}
    await publish(tx, "conversation", conversation.id)
    return RedirectResponse(phone.home, status_code=303)


async def _locked(hub: Hub, tx: AsyncSession, phone: Handset) -> Conversation | None:
    query = conversation_of(hub, phone.channel, phone.address)
    found: Conversation | None = await tx.scalar(query.with_for_update(of=Conversation))
    return found


async def _context(request: Request, hub: Hub, tx: AsyncSession, phone: Handset) -> dict[str, Any]:
    language = reader_language(request)
    return {
        "phone": await read_phone(hub, tx, phone.channel, phone.address),
        "visitor": phone.visitor,
        "look": phone.look,
        "app": LOOKS[phone.look],
        "to": f"?app={phone.look}",
        "greetings": GREETINGS,
        "scripts": Locale(language).scripts,
        "cents": lambda value: f"{format_decimal(value, '#,##0.##', locale=language)} ct",
        "euros": lambda value: format_currency(value / 100, "EUR", locale=language),
        "new_id": lambda: secrets.token_urlsafe(12),
    }
