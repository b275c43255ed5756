"""What pages show of duty: the week by colleague and by day, what it lacks, who is there now, where people wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.duty import Gaps, Roster, Slot, opening_of, roster
from app.handing import answering
from app.hub import Hub
from app.models import Case, User


@dataclass(frozen=True, slots=True)
class Line:
    """A colleague's week."""

    user: User
    days: tuple[tuple[Slot, ...], ...]


@dataclass(frozen=True, slots=True)
class PlaceNow:
    """`opens`: when somebody will be there, where nobody is."""

    slug: str
    people: tuple[User, ...]
    open: bool
    opens: datetime | None
    waiting: int
    unassigned: int


@dataclass(frozen=True, slots=True)
class Week:
    lines: tuple[Line, ...]
    days: tuple[tuple[Slot, ...], ...]
    gaps: dict[str, Gaps]
    idle: tuple[User, ...]  # may have cases, and are in no shift


async def week_of(hub: Hub, session: AsyncSession) -> Week:
    known = await roster(session, hub.shelf.library)
    everybody = await answering(session)
    lines = tuple(line for user in everybody if any((line := _line(known, user)).days))
    shown = {line.user.id for line in lines}
    return Week(
        lines,
        tuple(_of_day(known.slots, day) for day in range(7)),
        {slug: known.gaps(slug) for slug in hub.shelf.library.served},
        tuple(user for user in everybody if user.id not in shown),
    )


async def duty_now(hub: Hub, session: AsyncSession) -> list[PlaceNow]:
    """Of every served place; at the end, where there are any, the cases of which nobody knows the place."""
    library, now = hub.shelf.library, hub.now()
    known = await roster(session, library)
    counts = {place: (waiting, free) for place, waiting, free in await session.execute(_WAITING)}
    places = [*library.served, *sorted(set(counts) - set(library.served))]
    made = []
    for slug in places:
        people = {slot.user.id: slot.user for slot in known.on_duty(slug, now)}
        opening = await opening_of(session, library, slug, now)
        made.append(PlaceNow(slug, tuple(people.values()), opening.open, opening.opens, *counts.get(slug, (0, 0))))
    return made


_WAITING = (
    sa.select(Case.place, sa.func.count(), sa.func.count().filter(Case.assignee_id.is_(None)))
    .where(Case.status == "open", Case.waiting_since.is_not(None))
    .group_by(Case.place)
)


def _line(known: Roster, user: User) -> Line:
    mine = [slot for slot in known.slots if slot.user.id == user.id]
    return Line(user, tuple(_of_day(mine, day) for day in range(7)))


def _of_day(slots: Sequence[Slot], day: int) -> tuple[Slot, ...]:
    return tuple(
        sorted((slot for slot in slots if slot.shift.weekday == day), key=lambda s: (s.shift.begins, s.user.name))
    )
