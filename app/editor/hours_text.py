"""Opening hours as people write them: 'Mo-Fr 9-12, Do 14-18', '24.12.2026 geschlossen'. Written in one way, read in many."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from app.errors import BadInput
from app.places import SPAN, read_spans
from flows.hours import WEEKDAYS

ALWAYS = "Tag und Nacht"
CLOSED = "geschlossen"
DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
NAMES = (
    ("montag", "mo", "monday", "mon"), ("dienstag", "di", "tuesday", "tue", "tu"), ("mittwoch", "mi", "wednesday", "wed", "we"),
    ("donnerstag", "do", "thursday", "thu", "th"), ("freitag", "fr", "friday", "fri"), ("samstag", "sa", "saturday", "sat"),
    ("sonntag", "so", "sunday", "sun", "su"),
)  # fmt: skip
NUMBERS = {name: number for number, names in enumerate(NAMES) for name in names}
DAY = re.compile(rf"({'|'.join(sorted(NUMBERS, key=len, reverse=True))})\b\.?", re.IGNORECASE)
TO = re.compile(r"\s*(?:-|–|—|bis\b|to\b)\s*", re.IGNORECASE)
EVERY_DAY = re.compile(r"(?:täglich|daily|jeden tag|every day)\b", re.IGNORECASE)
IS_ALWAYS = re.compile(r"24\s*/\s*7|24 stunden|rund um die uhr|tag und nacht|day and night|immer|always", re.IGNORECASE)
IS_CLOSED = re.compile(r"(?:geschlossen|closed|zu)\b", re.IGNORECASE)
BETWEEN = re.compile(r"[\s,;/+&:]+|(?:und|and|uhr|h)\b\.?", re.IGNORECASE)
GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
LONGEST = 366  # days of one closure


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Days in a row on which other hours hold; no hours: closed."""

    first: str  # ISO, as a form's field gives it
    last: str  # empty: one day
    hours: str


def write_week(week: Mapping[str, str]) -> str:
    """{'mon': '09:00–12:00', …} -> 'Mo-Fr 09:00–12:00; Sa 10:00–12:00'."""
    made = []
    for hours, group in groupby(range(len(WEEKDAYS)), key=lambda number: week.get(WEEKDAYS[number], "")):
        numbers = list(group)
        if hours:
            ends = dict.fromkeys((DAYS[numbers[0]], DAYS[numbers[-1]]))
            made.append(f"{'-'.join(ends)} {hours}")
    return "; ".join(made)


def is_always(words: str) -> bool:
    return IS_ALWAYS.fullmatch(words.strip()) is not None


def read_week(words: str) -> dict[str, str]:
    """Hours by weekday. What is said of a day twice adds up: 'Mo-Fr 9-12, Do 14-18'. Raises BadInput."""
    week: dict[str, list[str]] = {}
    days: list[int] = []
    begun = True  # the hours of a group are there: the next day begins a new one
    at = 0
    while at < len(words):
        if between := BETWEEN.match(words, at):
            at = between.end()
        elif day := (EVERY_DAY.match(words, at) or DAY.match(words, at)):
            found, at = _days(words, day)
            days, begun = (found if begun else [*days, *found]), False
        elif days and (span := SPAN.match(_plain(words), at)):
            for number in days:
                week.setdefault(WEEKDAYS[number], []).append(span[0])
            at, begun = span.end(), True
        elif days and (closed := IS_CLOSED.match(words, at)):
            for number in days:
                week.pop(WEEKDAYS[number], None)
            at, begun = closed.end(), True
        else:
            raise BadInput("These hours can't be read from here on: {words}", words=words[at : at + 40])
    if not begun:
        raise BadInput("These days have no hours: {words}", words=words[-40:])
    made = {day: ", ".join(spans) for day, spans in week.items()}
    for hours in made.values():
        read_spans(hours)
    return made


def iso_day(words: str) -> str:
    """'24.12.2026' -> '2026-12-24'; whatever else it is stays."""
    german = GERMAN_DAY.fullmatch(words.strip())
    return f"{german[3]}-{int(german[2]):02}-{int(german[1]):02}" if german else words


def write_days(days: Iterable[Exceptional]) -> str:
    made = []
    for each in days:
        ends = "-".join(_german(day) for day in dict.fromkeys((each.first, each.last)) if day)
        made.append(f"{ends} {each.hours or CLOSED}")
    return "; ".join(made)


def read_days(words: str) -> list[Exceptional]:
    """'24.12.2026-02.01.2027 geschlossen; 23.12.2026 9-12'. Raises BadInput."""
    found = []
    for part in re.split(r"[;\n]", words):
        days = [iso_day(match[0]) for match in re.finditer(rf"{GERMAN_DAY.pattern}|{ISO_DAY.pattern}", part)][:2]
        rest = re.sub(rf"^\W*(?:{GERMAN_DAY.pattern}|{ISO_DAY.pattern})", "", part.strip())
        if len(days) == 2:
            rest = re.sub(rf"^{TO.pattern}(?:{GERMAN_DAY.pattern}|{ISO_DAY.pattern})", "", rest)
        rest = _plain(rest).strip(" :\t")
        if not days and rest:
            raise BadInput("Write special days such as 24.12.2026 closed.")
        if days:
            hours = "" if IS_CLOSED.fullmatch(rest) else rest
            found.append(Exceptional(days[0], days[1] if len(days) == 2 else "", hours))
    return found


def each_day(exceptional: Exceptional) -> Iterable[date]:
    """Raises BadInput for days that are none, and for more in a row than anybody means."""
    try:
        first = date.fromisoformat(exceptional.first)
        last = date.fromisoformat(exceptional.last) if exceptional.last else first
    except ValueError:
        raise BadInput("Please choose a day.") from None
    if not 0 <= (last - first).days < LONGEST:
        raise BadInput("The last day comes after the first one, within a year.")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def in_rows(days: Mapping[date, str]) -> list[Exceptional]:
    """Days in a row with the same hours become one line."""
    rows: list[Exceptional] = []
    before: date | None = None
    for day, hours in sorted(days.items()):
        if rows and before == day - timedelta(days=1) and rows[-1].hours == hours:
            rows[-1] = Exceptional(rows[-1].first, day.isoformat(), hours)
        else:
            rows.append(Exceptional(day.isoformat(), "", hours))
        before = day
    return rows


def _days(words: str, match: re.Match[str]) -> tuple[list[int], int]:
    """The weekdays that are meant here, and where their words end: 'Mo-Fr', 'täglich'."""
    if match.re is EVERY_DAY:
        return list(range(7)), match.end()
    first = NUMBERS[match[1].lower()]
    if (to := TO.match(words, match.end())) and (end := DAY.match(words, to.end())):
        last = NUMBERS[end[1].lower()]
        return [number % 7 for number in range(first, last + 1 if last >= first else last + 8)], end.end()
    return [first], match.end()


def _plain(words: str) -> str:
    """'9 Uhr bis 12 Uhr' with blanks in the stead of 'Uhr', so that every place stays where it is."""
    return re.sub(r"\b(?:uhr|h)\b", lambda match: " " * len(match[0]), words, flags=re.IGNORECASE)


def _german(day: str) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}"
