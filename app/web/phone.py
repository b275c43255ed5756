"""What the simulator's screen shows: one visitor's conversation as bubbles, and a fingerprint that tells when it changed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup, escape
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.hub import Hub
from app.models import Address, Conversation, Cursor, Message
from app.registry import LiveChannel
from app.sms_costs import NOT_PAID
from app.turn import FALLBACK_LANGUAGE
from app.web.i18n import local_day
from app.window import find_template, window_open
from channels.base import Button, Outbound
from channels.whatsapp_compose import payload as whatsapp_payload
from flows.model import ANSWER_LANGUAGES

ARRIVED = ("sent", "delivered", "read", "uncertain")  # what of ours is on the phone's screen
SHOWN = 200
NUMBERED = re.compile(r"(\d{1,2}) \S")  # a line to answer with a number
LINKS = re.compile(
    r"(?P<web>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<host>(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|de|eu|info|net|org)\b(?:/[^\s<>\"]*[\w/])?)"
    r"|(?P<phone>(?<![\w.,/-])(?:(?:\+\d|0\d)(?:[ /-]?\d){4,13}|116 ?\d{3}|11[02])(?![\d%€/-]|[.,]\d| ?(?:€|%|EUR|Euro)))"
)


@dataclass(frozen=True, slots=True)
class Option:
    """A button under a message, or a row of WhatsApp's list, where a long label stands below its cut title."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    message: Message
    at: datetime  # when it came to the screen: what was held came late
    words: Markup
    lang: str  # '' for the page's own
    read: bool
    lead: bool  # the first of several in a row
    tail: bool  # the last of them
    new_day: date | None
    options: tuple[Option, ...] = ()
    opener: str = ""  # what opens the options, where they are a list

    @property
    def sms(self) -> dict[str, Any] | None:
        """What it costs the hub."""
        return self.message.payload.get("sms") if self.message.direction == "out" else None


@dataclass(frozen=True, slots=True)
class Window:
    """WhatsApp's 24 hours: until when anything may be sent, and whether an approved template can ask to open it."""

    open: bool
    until: datetime | None
    template: bool
    held: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What the hub's messages of a conversation cost by SMS."""

    segments: int
    cents: float


@dataclass(frozen=True, slots=True)
class Phone:
    """What the screen shows, and what the hub knows of its owner (None before the first message)."""

    conversation: Conversation | None = None
    bubbles: tuple[Bubble, ...] = ()
    typing: bool = False
    picks: tuple[str, ...] = ()  # numbers that the last message asks for
    window: Window | None = None
    bill: Bill | None = None


def conversation_of(hub: Hub, channel: LiveChannel, address: str) -> sa.Select[Conversation]:
    lookup = hub.vault.lookup(address)
    found = sa.select(Conversation).join(Address, Conversation.address_id == Address.id)
    return found.where(Address.channel_id == channel.id, Address.lookup == lookup)


async def read_phone(hub: Hub, session: AsyncSession, channel: LiveChannel, address: str) -> Phone:
    conversation = await session.scalar(conversation_of(hub, channel, address))
    if conversation is None:
        return Phone()
    query = sa.select(Message).where(Message.conversation_id == conversation.id).options(selectinload(Message.media))
    newest = (await session.scalars(query.order_by(Message.seq.desc()).limit(SHOWN))).all()
    routed = (await session.get_one(Cursor, conversation.id, populate_existing=True)).routed_seq
    arrived = [m for m in newest if m.direction == "in" or m.status in ARRIVED]
    shown = sorted(arrived, key=lambda m: (_at(m), m.seq))
    look = channel.options.get("look", "")
    return Phone(
        conversation,
        tuple(bubbles_of(conversation, shown, routed, look)),
        typing=any(m.seq > routed if m.direction == "in" else m.status in ("queued", "sending") for m in newest),
        picks=picks_of(shown[-1]) if shown and look in ("whatsapp", "sms") else (),
        window=await _window(hub, session, channel, conversation),
        bill=await _bill(session, conversation) if channel.by_sms else None,
    )


async def _window(hub: Hub, session: AsyncSession, channel: LiveChannel, conversation: Conversation) -> Window | None:
    hours = channel.adapter.limits.window_hours
    if hours is None:
        return None
    held = await session.scalar(
        sa.select(sa.func.count()).where(Message.conversation_id == conversation.id, Message.status == "held")
    )
    return Window(
        open=window_open(hub, channel, conversation),
        until=conversation.heard_at + timedelta(hours=hours) if conversation.heard_at else None,
        template=find_template(hub, channel, conversation) is not None,
        held=held or 0,
    )


async def _bill(session: AsyncSession, conversation: Conversation) -> Bill:
    sms = Message.payload["sms"]
    segments, cents = sa.cast(sms["segments"].astext, sa.Integer), sa.cast(sms["cents"].astext, sa.Float)
    query = sa.select(sa.func.coalesce(sa.func.sum(segments), 0), sa.func.coalesce(sa.func.sum(cents), 0.0)).where(
        Message.conversation_id == conversation.id, Message.direction == "out", Message.status.not_in(NOT_PAID)
    )
    return Bill(*(await session.execute(query)).one())


def _at(message: Message) -> datetime:
    return (message.sent_at if message.direction == "out" else None) or message.created_at


def picks_of(last: Message) -> tuple[str, ...]:
    """The numbers of the lines that end a message: 1, 2, 3 and 0 for a human."""
    numbers: list[str] = []
    for line in reversed((last.text or "").splitlines() if last.direction == "out" else ()):
        if (found := NUMBERED.match(line)) is None:
            break
        numbers.insert(0, found[1])
    counted = [str(number) for number in range(1, len(numbers) + 1)]
    return tuple(numbers) if numbers in (counted, [*counted[:-1], "0"]) and counted else ()


def options_of(message: Message, look: str) -> tuple[tuple[Option, ...], str]:
    """As the app shows them: the options, and what opens their list where they are one."""
    buttons = tuple(Button(**button) for button in message.payload.get("buttons", ()))
    if not buttons or look != "whatsapp":
        return tuple(Option(button.id, button.label) for button in buttons), ""
    outbound = Outbound(text=message.text or "", buttons=buttons, list_label=message.payload.get("list_label", "…"))
    action = whatsapp_payload("", outbound)["interactive"]["action"]
    if "sections" not in action:
        return tuple(Option(**button["reply"]) for button in action["buttons"]), ""
    return tuple(Option(**row) for row in action["sections"][0]["rows"]), action["button"]


def bubbles_of(conversation: Conversation, messages: Sequence[Message], routed: int, look: str) -> list[Bubble]:
    made: list[Bubble] = []
    for index, message in enumerate(messages):
        before = messages[index - 1] if index else None
        after = messages[index + 1] if index + 1 < len(messages) else None
        day = local_day(_at(message))
        options, opener = options_of(message, look)
        new_day = day if before is None or local_day(_at(before)) != day else None
        made.append(
            Bubble(
                message,
                at=_at(message),
                words=linked(message.text or ""),
                lang=_lang(conversation, message),
                read=message.seq <= routed,
                lead=new_day is not None or before is None or before.direction != message.direction,
                tail=after is None or after.direction != message.direction or bool(options),
                new_day=new_day,
                options=options,
                opener=opener,
            )
        )
    return made


def _lang(conversation: Conversation, message: Message) -> str:
    """The language of a bubble as HTML writes it; what staff write is in their own."""
    hint, chosen = conversation.state.get("language_hint"), conversation.state.get("language_chosen")
    writes: str = conversation.language or hint or ""
    if message.direction == "in":
        latin = conversation.script == "Latn" and writes in ("bg", "uk", "ru")
        return f"{writes}-Latn" if latin else writes
    if message.author == "staff":
        return ""
    answers = message.payload.get("answers") or [{}]
    said: str = answers[0].get("language") or chosen or writes
    return said if said in ANSWER_LANGUAGES else FALLBACK_LANGUAGE


async def fingerprint(hub: Hub, session: AsyncSession, channel: LiveChannel, address: str) -> str:
    """A fingerprint of everything the page shows."""
    conversation = await session.scalar(conversation_of(hub, channel, address))
    if conversation is None:
        return "none"
    statuses = sa.func.string_agg(Message.status, aggregate_order_by(sa.literal(","), Message.seq))
    query = sa.select(sa.func.max(Message.seq), statuses).where(Message.conversation_id == conversation.id)
    routed = sa.select(Cursor.routed_seq).where(Cursor.conversation_id == conversation.id)
    seen: list[object] = [*(await session.execute(query)).one(), await session.scalar(routed)]
    seen += [conversation.id, conversation.mode, conversation.language, conversation.place, conversation.state]
    seen += [conversation.heard_at]
    return sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:16]


def linked(text: str) -> Markup:
    """The text, escaped, with its web addresses, e-mail addresses and phone numbers to tap."""
    made, end = Markup(), 0
    for found in LINKS.finditer(text):
        made += escape(text[end : found.start()]) + _link(found)
        end = found.end()
    return made + escape(text[end:])


def _link(found: re.Match[str]) -> Markup:
    words = found[0]
    if found["web"] or found["host"]:
        target = words if found["web"] else f"https://{words}"
        return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(target, words)
    if found["mail"]:
        return Markup('<a href="mailto:{0}">{0}</a>').format(words)
    return Markup('<a href="tel:{}">{}</a>').format(re.sub(r"[^\d+]", "", words), words)
