"""Entry points for the street: codes on posters and cards, what they open, and how often they are used.

A code says where its poster hangs, what it leads to and in which language. Uses are counted by day and app; who used it is
not written down anywhere.
"""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import StartCode, StartCount
from app.turn import Turn

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what looks alike on a rained-on poster: 0 O, 1 I L
LENGTH = 5
_MARKED = re.compile(rf"#([{ALPHABET}]{{{LENGTH}}})\b", re.IGNORECASE)
_BARE = re.compile(rf"^\s*([{ALPHABET}]{{{LENGTH}}})\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """What a code opens: `action` is "flow:NAME", "topic:SLUG" or None for the menu."""

    place: str
    language: str | None
    action: str | None
    source: str


async def make_code(session: AsyncSession, entry: Entry) -> str:
    """The code of this entry point, made the first time: printing a poster again does not split its count."""
    known = await session.scalar(
        sa.select(StartCode.code).where(
            StartCode.place == entry.place,
            StartCode.language.is_not_distinct_from(entry.language),
            StartCode.action.is_not_distinct_from(entry.action),
            StartCode.source == entry.source,
        )
    )
    if known:
        return known
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    session.add(
        StartCode(code=code, place=entry.place, language=entry.language, action=entry.action, source=entry.source)
    )
    await session.flush()
    return code


async def find_code(turn: Turn) -> StartCode | None:
    """The code that a start link carried or the message holds: '#K7M4P' anywhere, or the five letters alone."""
    said = str(turn.message.payload.get("start_payload") or "")
    found = _BARE.match(said) or _MARKED.search(turn.text) or _BARE.match(turn.text)
    if found is None:
        return None
    return await turn.session.scalar(sa.select(StartCode).where(StartCode.code == found[1].upper()))


async def count(turn: Turn, code: StartCode) -> None:
    channel = turn.hub.registry.by_id(turn.conversation.channel_id)
    statement = insert(StartCount).values(
        code_id=code.id, day=turn.today, channel_kind=channel.kind if channel else "", count=1
    )
    await turn.session.execute(
        statement.on_conflict_do_update(
            index_elements=["code_id", "day", "channel_kind"], set_={"count": StartCount.count + 1}
        )
    )


def link(channel_link: str, code: str, hello: str) -> str | None:
    """What opens the app with the code said: for Telegram as its start payload, elsewhere as the first message."""
    words = quote(f"{hello} #{code}")
    if channel_link.startswith("https://t.me/"):
        return f"{channel_link.partition('?')[0]}?start={code}"
    if channel_link.startswith("https://wa.me/"):
        return f"{channel_link.partition('?')[0]}?text={words}"
    if channel_link.startswith("sms:"):
        return f"{channel_link.partition('?')[0]}?&body={words}"  # "?&": iPhones read the one, Android the other
    return None
