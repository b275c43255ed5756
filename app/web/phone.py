"""What the simulator's screen shows: one visitor's conversation as bubbles, and a fingerprint that tells when it changed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import sqlalchemy as sa
from markupsafe import Markup, escape
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.hub import Hub
from app.models import Address, Conversation, Cursor, Message
from app.registry import LiveChannel
from app.turn import FALLBACK_LANGUAGE
from app.web.i18n import local_day
from flows.model import ANSWER_LANGUAGES

ARRIVED = ("sent", "delivered", "read", "uncertain")  # what of ours is on the phone's screen
SHOWN = 200
LINKS = re.compile(
    r"(?P<web>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<host>(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|de|eu|info|net|org)\b(?:/[^\s<>\"]*[\w/])?)"
    r"|(?P<phone>(?<![\w.,/-])(?:(?:\+\d|0\d)(?:[ /-]?\d){4,13}|116 ?\d{3}|11[02])(?![\d%€/-]|[.,]\d| ?(?:€|%|EUR|Euro)))"
)


@dataclass(frozen=True, slots=True)
class Bubble:
    message: Message
    words: Markup
    lang: str  # '' for the page's own
    read: bool
    tail: bool  # the last of several in a row
    new_day: date | None


@dataclass(frozen=True, slots=True)
class Phone:
    """What the screen shows, and what the hub knows of its owner (None before the first message)."""

    conversation: Conversation | None = None
    bubbles: tuple[Bubble, ...] = ()
    typing: bool = False


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
    shown = [m for m in reversed(newest) if m.direction == "in" or m.status in ARRIVED]
    waits = any(m.seq > routed if m.direction == "in" else m.status in ("queued", "sending") for m in newest)
    return Phone(conversation, tuple(_bubbles(conversation, shown, routed)), waits)


def _bubbles(conversation: Conversation, messages: Sequence[Message], routed: int) -> list[Bubble]:
    made: list[Bubble] = []
    for index, message in enumerate(messages):
        after = messages[index + 1] if index + 1 < len(messages) else None
        day = local_day(message.created_at)
        before = messages[index - 1] if index else None
        made.append(
            Bubble(
                message,
                words=linked(message.text or ""),
                lang=_lang(conversation, message),
                read=message.seq <= routed,
                tail=after is None or after.direction != message.direction or bool(message.payload.get("buttons")),
                new_day=day if before is None or local_day(before.created_at) != day else None,
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
