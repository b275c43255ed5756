"""Whether somebody is on duty in a place, and when next: from the hours that its coordinator entered."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flows.library import Library
from flows.model import Place, Span, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD = 14  # further away nobody plans a visit


@dataclass(frozen=True, slots=True)
class Duty:
    """`known` is False where nobody has entered hours; `opens` is the next start of duty, local and aware."""

    known: bool
    on_duty: bool
    opens: datetime | None = None


def duty(library: Library, place: str, now: datetime) -> Duty:
    """By the hours of the place, or of the nearest one it lies in that has any."""
    for slug in library.chain(place):
        found = library.places[slug]
        if found.hours:
            return _duty_of(found, now.astimezone(ZoneInfo(found.timezone)))
    return Duty(known=False, on_duty=False)


def _duty_of(place: Place, now: datetime) -> Duty:
    if any(span.start <= now.time() < span.end for span in _spans(place, now.date())):
        return Duty(known=True, on_duty=True)
    return Duty(known=True, on_duty=False, opens=_next_opening(place, now))


def _next_opening(place: Place, now: datetime) -> datetime | None:
    starts = (
        datetime.combine(day, span.start, now.tzinfo)
        for day in (now.date() + timedelta(days=n) for n in range(DAYS_AHEAD))
        for span in _spans(place, day)
    )
    return min((start for start in starts if start > now), default=None)


def _spans(place: Place, day: date) -> tuple[Span, ...]:
    if day in place.closed_on:
        return ()
    return place.hours.get(WEEKDAYS[day.weekday()], ())
