"""Deadlines by law, on the calendar of a Land. When the law or the calendar leaves a doubt, the earlier day is told."""

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache

import holidays

LAENDER = (
    "BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH",
)  # fmt: skip
FOURTH_DAY = timedelta(days=4)


@cache
def _holidays(land: str | None, year: int) -> frozenset[date]:
    """Public holidays that hold in the whole Land; without a Land those of all Germany.

    Days kept in some municipalities only (Assumption in Bavaria, Corpus Christi in parts of Saxony and Thuringia) are left
    out: a deadline told a day too early harms nobody.
    """
    return frozenset(holidays.country_holidays("DE", subdiv=land, years=year, categories=("public",)))


def is_holiday(day: date, land: str | None) -> bool:
    return day in _holidays(land, day.year)


def is_working_day(day: date, land: str | None) -> bool:
    """Neither Saturday, Sunday nor a public holiday (§ 193 BGB)."""
    return day.weekday() < 5 and not is_holiday(day, land)


def moved(day: date, land: str | None) -> date:
    """The day itself, or the next working day (§ 193 BGB, § 222 (2) ZPO, § 64 (3) SGG)."""
    while not is_working_day(day, land):
        day += timedelta(days=1)
    return day


def dismissal(received: date, land: str | None) -> date:
    """Last day for the labour court: three weeks after the letter came (§ 4 KSchG; §§ 187 (1), 188 (2), 193 BGB)."""
    return moved(received + timedelta(weeks=3), land)


def two_weeks(received: date, land: str | None) -> date:
    """Last day against a court's payment order or writ of execution (§§ 339, 692 (1) 3, 694, 700 ZPO; § 222 ZPO).

    For the order the law counts from service; the days on the yellow envelope and of its arrival are the same.
    """
    return moved(received + timedelta(weeks=2), land)


def fourth_day(posted: date, land: str | None = None) -> date:
    """When an office's letter counts as received: the fourth day after posting (§ 37 (2) SGB X, § 41 (2) VwVfG).

    Not moved from a weekend or holiday: the social courts do not move it, the tax law does; the earlier day is safe.
    """
    return posted + FOURTH_DAY


def objection(received: date, land: str | None) -> date:
    """Last day of the month for an objection (§ 84 (1) SGG, § 70 (1) VwGO; §§ 188 (2) and (3) BGB)."""
    year, month = received.year + received.month // 12, received.month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return moved(date(year, month, min(received.day, last)), land)


RULES: Mapping[str, Callable[[date, str | None], date]] = {
    "dismissal": dismissal,
    "fourth_day": fourth_day,
    "objection": objection,
    "two_weeks": two_weeks,
}
