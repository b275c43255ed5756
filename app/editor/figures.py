"""Figures with their history: a new value closes the one before, what overlaps is refused, and which texts say it, how."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, create, open_drafts
from app.editor.trial import library_with
from app.errors import BadInput
from app.hub import Hub
from app.models import ContentVersion, User
from flows.library import Library, NotSayable
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER

KIND = "figure"
DAY = timedelta(days=1)
SOON = timedelta(days=60)  # a figure that ends before that needs its next value now
NUMBER = re.compile(r"\d{1,9}(\.\d{1,2})?")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
UNITS = ("eur", "plain")
SENTENCE = re.compile(r"[^.!?\n]*\{[a-z0-9_]+\}[^!?\n]*?(?:[.!?](?=\s|$)|\n|$)")

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """As written in the form; dates in ISO, `until` empty: for now without an end."""

    since: str
    until: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """A figure in the list. `ends`: the last day of what is known, where that is soon or over."""

    key: str
    unit: str
    now: str
    next: Value | None
    ends: date | None
    source: str
    draft: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A text that says the figure. `sentences`: how they read on the day, by language; None: it could not be said then."""

    kind: str
    key: str
    sentences: Mapping[str, tuple[str | None, ...]]


async def lines(session: AsyncSession, today: date) -> list[Line]:
    live = await session.scalars(sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.current))
    found = {row.key: (row.data, False) for row in live}
    found |= {piece.key: (piece.data, True) for piece in await open_drafts(session) if piece.kind == KIND}
    return [_line(key, data, today, draft) for key, (data, draft) in sorted(found.items())]


async def begin(hub: Hub, session: AsyncSession, user: User, key: str, unit: str) -> Piece:
    if not KEY.fullmatch(key) or unit not in UNITS:
        raise BadInput("The name of a figure has small letters from a to z, digits and underscores.")
    return await create(hub, session, user, KIND, key, {"key": key, "unit": unit, "values": [], "source": {}})


def settled(values: Sequence[Value]) -> list[Data]:
    """In order of time, each ending the day before the next one begins. Raises BadInput where they can't all hold."""
    read = sorted((_read(each) for each in values), key=lambda each: each[0])
    made: list[Data] = []
    for number, (since, until, value) in enumerate(read):
        after = read[number + 1][0] if number + 1 < len(read) else None
        if after == since:
            raise BadInput("Two values begin on {day}. Take one of them out.", day=since.isoformat())
        if until and until < since:
            raise BadInput("The value from {day} ends before it begins.", day=since.isoformat())
        if until and after and until >= after:
            raise BadInput(
                "The value from {day} holds until {until}, but another one begins on {after}. Change one of the two days.",
                day=since.isoformat(), until=until.isoformat(), after=after.isoformat(),
            )  # fmt: skip
        ends = until or (after - DAY if after else None)
        made.append({"since": since.isoformat(), "until": ends.isoformat() if ends else None, "value": value})
    return made


def past_changed(live: Mapping[str, Any] | None, data: Mapping[str, Any], today: date) -> list[str]:
    """First days of values that hold already or held, and would be others: what was said with them was said."""
    before, after = ({each["since"]: each["value"] for each in (d or {}).get("values", [])} for d in (live, data))
    changed = {since for since in before.keys() | after.keys() if before.get(since) != after.get(since)}
    return sorted(since for since in changed if live and since <= today.isoformat())


async def uses(session: AsyncSession, library: Library, data: Mapping[str, Any], on: date) -> list[Use]:
    """Live texts that name the figure, as they would read on a day with these values."""
    key = str(data.get("key", ""))
    rows = await session.scalars(
        sa.select(ContentVersion)
        .where(
            ContentVersion.current,
            ContentVersion.kind.in_(("entry", "flow", "letter", "template", "canned")),
            sa.cast(ContentVersion.data, sa.String).contains(f"{{{key}}}", autoescape=True),
        )
        .order_by(ContentVersion.kind, ContentVersion.key)
    )
    try:
        trial = library_with(library, KIND, data)
    except ValidationError:
        trial = library
    return [Use(row.kind, row.key, _sentences(row.data, key, trial, on)) for row in rows]


def _sentences(data: Mapping[str, Any], key: str, library: Library, on: date) -> dict[str, tuple[str | None, ...]]:
    found: dict[str, dict[str, None]] = {}
    for language, text in _texts(data, ""):
        for match in SENTENCE.finditer(text):
            if language and f"{{{key}}}" in match[0]:
                found.setdefault(language, {})[match[0].strip()] = None
    order = ("de", *(code for code in ANSWER_LANGUAGES if code != "de"))
    return {code: tuple(_filled(each, code, library, on) for each in found[code]) for code in order if code in found}


def _filled(text: str, language: str, library: Library, on: date) -> str | None:
    known = {*library.figures, "year"}
    if any(name not in known for name in PLACEHOLDER.findall(text)):  # of a flow: what the person told
        return text
    try:
        return library.fill(text, language, on)
    except NotSayable:
        return None


def _texts(value: Any, language: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, name if name in ANSWER_LANGUAGES else language)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, language)
    elif isinstance(value, str):
        yield language, value


def _read(each: Value) -> tuple[date, date | None, str]:
    number = each.value.replace(" ", "").replace("\u00a0", "").removesuffix("€")
    if "," in number:
        number = number.replace(".", "").replace(",", ".")
    if not NUMBER.fullmatch(number):
        raise BadInput("A value is a number such as 13,90.")
    try:
        return date.fromisoformat(each.since), date.fromisoformat(each.until) if each.until else None, number
    except ValueError:
        raise BadInput("Each value needs the day from which it holds.") from None


def _line(key: str, data: Mapping[str, Any], today: date, draft: bool) -> Line:
    values = [Value(each["since"], each.get("until") or "", each["value"]) for each in data.get("values", [])]
    day = today.isoformat()
    now = next((each for each in values if each.since <= day and (not each.until or day <= each.until)), None)
    last = max(values, key=lambda each: each.since, default=None)
    ends = date.fromisoformat(last.until) if last and last.until else None
    source = data.get("source") or {}
    return Line(
        key=key,
        unit=data.get("unit", "plain"),
        now=now.value if now else "",
        next=min((each for each in values if each.since > day), key=lambda each: each.since, default=None),
        ends=ends if ends and ends < today + SOON else None,
        source=source.get("law") or source.get("page") or "",
        draft=draft,
    )
