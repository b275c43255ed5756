"""Who is on duty for a place or a case, and when somebody will be: by the roster, else by the hours of the place.

The times of a shift are those of the place that is asked about. On a public holiday of its Land nobody is on duty, unless
the place says that they are; on a special day of the place, shifts hold within the hours of that day.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case, Conversation, Shift, Team, TeamMember, User
from app.rights import ALL_PLACES, ANSWERING_ROLES, seeing
from flows.dialogue.deadlines import is_holiday
from flows.hours import DAYS_AHEAD, Opening, opening
from flows.library import Library
from flows.model import Hours
from flows.services import TIMEZONE

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NEEDED_LANGUAGES = ("bg", "ro", "uk")  # those the hub is for; a week without one of them is a gap
DAY = timedelta(days=1)

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Slot:
    """A shift with its colleague. `reach`: the places of their teams; None where they see every place."""

    shift: Shift
    user: User
    reach: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a place's week lacks: weekdays (0 is Monday) with nobody, and per language the only days that have it."""

    days: tuple[int, ...]
    languages: dict[str, tuple[int, ...]]


class Roster:
    """All shifts of those who answer, as they stand now."""

    def __init__(self, library: Library, slots: Sequence[Slot]) -> None:
        self.slots = slots
        self._library = library

    def on_duty(self, place: str, now: datetime) -> list[Slot]:
        return [slot for slot in self._of_place(place) if self._is_on(slot, place, now)]

    def meant_for(self, place: str, now: datetime) -> list[Slot]:
        """On duty for the place, also those who see a case of it for another reason than its place."""
        return [slot for slot in self.slots if self._covers(slot, place) and self._is_on(slot, place, now)]

    def opening(self, place: str, now: datetime) -> Opening | None:
        """None where the roster has nobody for the place at all."""
        slots = self._of_place(place)
        if not slots:
            return None
        zone = zone_of(self._library, place)
        spans = [span for slot in slots for span in self._presence(slot, place, now, back=1)]
        closes = [end for start, end in spans if start <= now < end]
        if closes:
            return Opening(known=True, open=True, closes=max(closes).astimezone(zone))
        opens = min((start for start, _ in spans if start > now), default=None)
        return Opening(known=True, open=False, opens=opens.astimezone(zone) if opens else None)

    def off_since(self, user: User, place: str, now: datetime) -> datetime | None:
        """Since when a colleague is off duty; None while they are on duty, or without any shift, so that nobody knows."""
        if user.away_until is not None and user.away_until > now:
            return LONG_AGO
        mine = [slot for slot in self.slots if slot.user.id == user.id]
        spans = [span for slot in mine for span in self._windows(slot.shift, place, now, back=DAYS_AHEAD)]
        if not mine or any(start <= now < end for start, end in spans):
            return None
        return max((end for _, end in spans if end <= now), default=LONG_AGO)

    def works_on(self, user: User, place: str, now: datetime) -> bool:
        """At some time of this day, by the clock of the place; who has no shift at all may work on any."""
        if user.away_until is not None and user.away_until > now:
            return False
        zone = zone_of(self._library, place)
        today = now.astimezone(zone).date()
        day = _utc(today, time.min, zone), _utc(today + DAY, time.min, zone)
        mine = [slot for slot in self.slots if slot.user.id == user.id]
        spans = [span for slot in mine for span in self._windows(slot.shift, place, now, back=1, ahead=0)]
        return not mine or any(start < day[1] and end > day[0] for start, end in spans)

    def gaps(self, place: str) -> Gaps:
        slots = self._of_place(place)
        staffed = {slot.shift.weekday for slot in slots}
        spoken = {
            language: tuple(sorted({slot.shift.weekday for slot in slots if language in slot.user.speaks}))
            for language in NEEDED_LANGUAGES
        }
        lacking = {language: days for language, days in spoken.items() if set(days) != staffed}
        return Gaps(tuple(day for day in range(7) if day not in staffed), lacking if staffed else {})

    def _of_place(self, place: str) -> list[Slot]:
        return [slot for slot in self.slots if self._covers(slot, place) and _reaches(slot, place)]

    def _covers(self, slot: Slot, place: str) -> bool:
        """A shift for a district is one for its towns. Cases of unknown place are everybody's: somebody must find them."""
        return not place or not slot.shift.places or not set(slot.shift.places).isdisjoint(self._library.chain(place))

    def _is_on(self, slot: Slot, place: str, now: datetime) -> bool:
        return any(start <= now < end for start, end in self._presence(slot, place, now, back=1, ahead=1))

    def _presence(
        self, slot: Slot, place: str, now: datetime, *, back: int, ahead: int = DAYS_AHEAD
    ) -> Iterator[Window]:
        """A shift's windows, as far as its colleague is not away."""
        away = slot.user.away_until or LONG_AGO
        for start, end in self._windows(slot.shift, place, now, back=back, ahead=ahead):
            if away < end:
                yield max(start, away), end

    def _windows(
        self, shift: Shift, place: str, now: datetime, *, back: int, ahead: int = DAYS_AHEAD
    ) -> Iterator[Window]:
        """When a shift is worked around a moment; one over midnight belongs to the day on which it begins."""
        zone = zone_of(self._library, place)
        today = now.astimezone(zone).date()
        for day in (today + number * DAY for number in range(-back, ahead + 1)):
            if day.weekday() != shift.weekday:
                continue
            last = day if shift.ends > shift.begins else day + DAY
            window = _utc(day, shift.begins, zone), _utc(last, shift.ends, zone)
            for limit in self._limits(place, day, zone):
                start, end = max(window[0], limit[0]), min(window[1], limit[1])
                if start < end:
                    yield start, end

    def _limits(self, place: str, day: date, zone: ZoneInfo) -> list[Window]:
        hours = duty_hours(self._library, place, [day])
        if day not in hours.days:
            return [(_utc(day, time.min, zone), _utc(day + 2 * DAY, time.min, zone))]
        return [(_utc(day, span.start, zone), _utc(day, span.end, zone)) for span in hours.days[day]]


async def roster(session: AsyncSession, library: Library) -> Roster:
    rows = await session.execute(
        sa.select(Shift, User)
        .join(User, Shift.user_id == User.id)
        .where(User.disabled_at.is_(None), User.role.in_(ANSWERING_ROLES))
        .order_by(User.name, User.id, Shift.weekday, Shift.begins)
    )
    found = rows.all()
    places: dict[int, list[list[str]]] = {}
    for user_id, theirs in await session.execute(
        sa.select(TeamMember.user_id, Team.places).join(Team, TeamMember.team_id == Team.id)
    ):
        places.setdefault(user_id, []).append(theirs)
    return Roster(library, [Slot(shift, user, _reach(user, places.get(user.id, []))) for shift, user in found])


async def opening_of(session: AsyncSession, library: Library, place: str, now: datetime) -> Opening:
    """Whether somebody is on duty, and when next: by the roster where it has anybody for the place."""
    return (await roster(session, library)).opening(place, now) or _opening_by_hours(library, place, now)


async def who_to_call(session: AsyncSession, library: Library, case: Case, now: datetime) -> list[User]:
    """Who is on duty and may see the case: who speaks its language and is there for its needs, as far as there is anybody.

    Nobody who is off duty is ever called. Where nobody speaks the language, all are: they work with a mediator.
    """
    language = await session.scalar(sa.select(Conversation.language).where(Conversation.id == case.conversation_id))
    sees = set(await session.scalars(sa.select(User.id).where(seeing(case))))
    slots = [slot for slot in (await roster(session, library)).meant_for(case.place, now) if slot.user.id in sees]

    def speaks(slot: Slot) -> bool:
        return language is None or language in slot.user.speaks

    def helps(slot: Slot) -> bool:
        return not slot.shift.needs or not case.needs or _meets(slot.shift.needs, case.needs)

    wishes: tuple[Callable[[Slot], bool], ...] = (lambda s: speaks(s) and helps(s), speaks, lambda s: True)
    fit = next((found for wish in wishes if (found := [slot for slot in slots if wish(slot)])), [])
    return list({slot.user.id: slot.user for slot in fit}.values())


def duty_hours(library: Library, place: str, days: Iterable[date]) -> Hours:
    """Of the place or the nearest one around it that has any; public holidays among `days` are days without hours."""
    chain = [library.places[slug] for slug in library.chain(place)]
    hours = next((found.duty for found in chain if found.duty.known or found.duty.days), Hours())
    if chain and chain[0].on_holidays:
        return hours
    land = next((found.land for found in chain if found.land), None)
    closed = {day: () for day in days if is_holiday(day, land)}
    return hours.model_copy(update={"days": {**closed, **hours.days}})


def zone_of(library: Library, place: str) -> ZoneInfo:
    found = library.places.get(place)
    return ZoneInfo(found.timezone) if found else TIMEZONE


def _opening_by_hours(library: Library, place: str, now: datetime) -> Opening:
    local = now.astimezone(zone_of(library, place))
    return opening(duty_hours(library, place, [local.date() + number * DAY for number in range(DAYS_AHEAD)]), local)


def _reach(user: User, teams: list[list[str]]) -> frozenset[str] | None:
    if user.role in ALL_PLACES or not teams or [] in teams:
        return None
    return frozenset(place for places in teams for place in places)


def _reaches(slot: Slot, place: str) -> bool:
    return not place or slot.reach is None or place in slot.reach


def _meets(areas: Sequence[str], needs: Sequence[str]) -> bool:
    """'work' stands for all of work."""
    return any(need == area or need.startswith(f"{area}.") for need in needs for area in areas)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Compared in UTC: two times of one zone are compared by their clocks, which go back an hour once a year."""
    return datetime.combine(day, at, zone).astimezone(UTC)
