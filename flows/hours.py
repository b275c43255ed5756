"""Whether something is open at a moment, and when it opens or closes next. The moment is passed in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows.model import Hours, Span, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD = 14  # further away nobody plans a visit


@dataclass(frozen=True, slots=True)
class Opening:
    """`opens` is the next opening where it is closed, `closes` the end of the present one; both local and aware."""

    known: bool
    open: bool
    opens: datetime | None = None
    closes: datetime | None = None


def opening(hours: Hours, now: datetime) -> Opening:
    """`now` in the local time of the place."""
    if not hours.known:
        return Opening(known=False, open=False)
    if hours.always:
        return Opening(known=True, open=True)
    for span in _spans(hours, now.date()):
        if span.start <= now.time() < span.end:
            return Opening(known=True, open=True, closes=datetime.combine(now.date(), span.end, now.tzinfo))
    return Opening(known=True, open=False, opens=_next_opening(hours, now))


def _next_opening(hours: Hours, now: datetime) -> datetime | None:
    days = (now.date() + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
    starts = (datetime.combine(day, span.start, now.tzinfo) for day in days for span in _spans(hours, day))
    return min((start for start in starts if start > now), default=None)


def _spans(hours: Hours, day: date) -> tuple[Span, ...]:
    return hours.days[day] if day in hours.days else hours.week.get(WEEKDAYS[day.weekday()], ())
