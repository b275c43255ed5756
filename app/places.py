"""Places edited in the hub: opening hours, special days, who hears of alarms.

A place is content. What is changed here is published as a version made in the hub: loading files never overwrites it, and
`content export` writes it out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.duty_rules import minutes_of
from app.errors import BadInput, Conflict, NotFound
from app.models import ContentVersion, User
from app.publishing import hold_content, publish_version
from app.rostering import check_leads
from flows.hours import WEEKDAYS
from flows.model import Place, Span

ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
ADDRESSES_MOST = 20
SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|bis|to)\s*(\d{1,2})(?:[:.](\d{2}))?")
DAY_ENDS = time(23, 59)  # a day of a content file has no 24:00


@dataclass(frozen=True, slots=True)
class Form:
    """A place as its form gives it; hours in words: '9-12, 14:00-17:00'. `seen`: the version that the page showed."""

    hours: Mapping[str, str]
    special: Iterable[tuple[str, str]]  # day -> hours; none: closed
    always: bool
    on_holidays: bool
    alerts: str
    returns: str  # minutes; empty: as around it
    seen: int


async def place_version(session: AsyncSession, slug: str) -> ContentVersion:
    query = sa.select(ContentVersion).where(
        ContentVersion.kind == "place", ContentVersion.key == slug, ContentVersion.current
    )
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such place.")
    return found


async def change(session: AsyncSession, by: User, slug: str, form: Form) -> None:
    """Raises Conflict where a colleague has changed the place since the page was made."""
    check_leads(by)
    await hold_content(session)
    current = await place_version(session, slug)
    if current.version != form.seen:
        raise Conflict("A colleague has changed this place meanwhile. Please look again.")
    week = {day: spans for day in WEEKDAYS if (spans := read_spans(form.hours.get(day, "")))}
    duty = {"week": week, "days": dict(_days(form.special)), "always": form.always}
    returns = minutes_of(form.returns.strip()) if form.returns.strip() else None
    changed = {"duty": duty, "on_holidays": form.on_holidays, "alerts": _addresses(form.alerts), "returns": returns}
    data = _checked(current.data | changed)
    if data == _checked(current.data):
        return
    await publish_version(session, "place", slug, data, origin="hub", user_id=by.id)
    await audit.note(session, by, "place_changed", place=slug)


def write_hours(spans: Iterable[Span]) -> str:
    """As a field shows them, and as `change` reads them."""
    return ", ".join(f"{span.start:%H:%M}–{span.end:%H:%M}" for span in spans)


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    try:
        return Place.model_validate(data).model_dump(mode="json")
    except ValidationError:
        raise BadInput("These hours can't be read.") from None


def read_spans(words: str) -> list[dict[str, str]]:
    """'9-12, 14:00-17:00' -> two spans."""
    spans = [_span(part) for part in re.split(r"[,;\n]", words) if part.strip()]
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise BadInput("Two opening times of one day overlap.")
    return [{"start": start.isoformat(), "end": end.isoformat()} for start, end in spans]


def _span(words: str) -> tuple[time, time]:
    found = SPAN.fullmatch(words.strip())
    if found is None:
        raise BadInput("Write opening times such as 9:00-12:00, 14:00-17:00.")
    start, end = _clock(found[1], found[2]), _clock(found[3], found[4])
    if end <= start:
        raise BadInput("Opening times end later than they begin; write a night on two days.")
    return start, end


def _clock(hour: str, minute: str | None) -> time:
    if (int(hour), int(minute or 0)) == (24, 0):
        return DAY_ENDS
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise BadInput("Write opening times such as 9:00-12:00, 14:00-17:00.") from None


def _days(special: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[dict[str, str]]]]:
    for day, words in special:
        if not day:
            if words.strip():
                raise BadInput("Please choose a day.")
            continue
        try:
            yield date.fromisoformat(day).isoformat(), read_spans(words)
        except ValueError:
            raise BadInput("Please choose a day.") from None


def _addresses(words: str) -> list[str]:
    found = list(dict.fromkeys(part for part in re.split(r"[\s,;]+", words) if part))
    if len(found) > ADDRESSES_MOST or not all(ADDRESS.fullmatch(part) and len(part) < 255 for part in found):
        raise BadInput("Write e-mail addresses, one on each line.")
    return found
