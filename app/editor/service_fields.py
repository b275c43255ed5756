"""A service as fields of a form or columns of a table hold it, and back: words in, a service or what is wrong with it out."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from app.editor.drafts import Data
from app.editor.hours_text import Exceptional, each_day, in_rows
from app.errors import BadInput
from app.places import ADDRESS, read_spans, write_hours
from flows.dialogue.deadlines import is_holiday
from flows.hours import WEEKDAYS
from flows.library import Library
from flows.model import ANSWER_LANGUAGES, Hours

LEVELS = ("bund", "land", "kreis", "stadt", "verein")
SPOKEN = ("de", "en", "bg", "ro", "uk", "ru", "tr", "pl", "ar", "fr", "es", "it", "el", "rom")
"""Offered in the form; others are kept as they are."""
CODE = "HUB"  # the confidence code of what a coordinator wrote here
NUMBER = re.compile(r"\+?[\d(][\d\s/().\-–]*")
WEB = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?")
LANGUAGE = re.compile(r"[a-z]{2,3}")
MOST = 500  # letters of a field: more is no fact but a text
CONTRADICTION = (
    "It has hours, and yet its source is called old. Take the hours out, or confirm them and untick the old source."
)
FREE = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class PhoneRow:
    number: str
    who: str = ""
    tested_on: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """Everything as written by hand; lists are what was chosen. `gaps`: one on each line."""

    name: str = ""
    level: str = "verein"
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    address: str = ""
    phones: tuple[PhoneRow, ...] = ()
    email: str = ""
    web: str = ""
    always: bool = False
    week: Mapping[str, str] = field(default_factory=dict)
    days: tuple[Exceptional, ...] = ()
    languages: tuple[str, ...] = ()
    free: str = ""
    ask_first: bool = False
    source_page: str = ""
    source_law: str = ""
    source_seen: str = ""
    checked_on: str = ""
    closed_on: str = ""
    gaps: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which field, in the words of `app.errors`."""

    where: str
    message: str
    detail: Mapping[str, object] = field(default_factory=dict)


class Problems(BadInput):
    def __init__(self, found: list[Problem]) -> None:
        super().__init__("Something can't be saved yet.")
        self.found = found


def fields_of(data: Mapping[str, Any]) -> Fields:
    hours = Hours.model_validate(data.get("hours") or {})
    source = data.get("source") or {}
    free = data.get("free")
    return Fields(
        name=data.get("name", ""),
        level=data.get("level", ""),
        places=tuple(data.get("places", ())),
        topics=tuple(data.get("topics", ())),
        address=data.get("address") or "",
        phones=tuple(PhoneRow(p["number"], p.get("who", ""), p.get("tested_on") or "") for p in data.get("phones", ())),
        email=data.get("email") or "",
        web=data.get("web") or "",
        always=hours.always,
        week={day: write_hours(spans) for day in WEEKDAYS if (spans := hours.week.get(day, ()))},
        days=tuple(in_rows({day: write_hours(spans) for day, spans in hours.days.items()})),
        languages=tuple(data.get("languages", ())),
        free={True: "yes", False: "no", None: ""}[free],
        ask_first=bool(data.get("ask_first")),
        source_page=source.get("page") or "",
        source_law=source.get("law") or "",
        source_seen=source.get("seen") or "",
        checked_on=data.get("checked_on") or "",
        closed_on=data.get("closed_on") or "",
        gaps="\n".join(data.get("gaps", ())),
        about=dict(data.get("about", {})),
        how=dict(data.get("how", {})),
    )


def data_of(fields: Fields, base: Mapping[str, Any], slug: str, library: Library) -> Data:
    """The service as it is to be stored. What no field shows, such as confidence codes, is `base`'s. Raises Problems."""
    found: list[Problem] = [*_missing(fields, library)]
    codes = {phone["number"]: phone.get("code", CODE) for phone in base.get("phones", ())}
    source = base.get("source") or {}

    def tried(name: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except BadInput as error:
            found.append(Problem(name, error.message, error.detail))
            return None

    data = {
        "slug": slug,
        "name": tried("name", lambda: _line(fields.name)),
        "about": tried("about", lambda: _words(fields.about)),
        "level": fields.level,
        "places": _ordered(fields.places, base.get("places", ())),
        "topics": _ordered(fields.topics, base.get("topics", ())),
        "address": tried("address", lambda: _line(fields.address)) or None,
        "phones": [tried("phones", partial(_phone, row, codes)) for row in fields.phones if row.number or row.who],
        "email": tried("email", lambda: _fitting(ADDRESS, fields.email, "This is no e-mail address.")),
        "web": tried("web", lambda: _fitting(WEB, fields.web, "This is no web address.")),
        "hours": tried("hours", lambda: _hours(fields)),
        "languages": _ordered(fields.languages, base.get("languages", ())),
        "free": FREE[fields.free],
        "how": tried("how", lambda: _words(fields.how)),
        "source": {
            "law": fields.source_law.strip() or None,
            "page": tried("source", lambda: _line(fields.source_page)) or None,
            "seen": fields.source_seen.strip() or None,
            "code": source.get("code", CODE),
        },
        "checked_on": tried("checked_on", lambda: _day(fields.checked_on)),
        "ask_first": fields.ask_first,
        "gaps": [line.strip() for line in fields.gaps.splitlines() if line.strip()],
        "closed_on": tried("closed_on", lambda: _day(fields.closed_on)),
    }
    if found:
        raise Problems(found)
    return data


def holidays_ahead(library: Library, places: Iterable[str], today: date) -> list[date]:
    """Public holidays of the next twelve months where the service is; for the whole country those of all Länder."""
    lands = [
        library.places[here].land for place in places for here in library.chain(place) if library.places[here].land
    ]
    land = lands[0] if lands else None
    days = (today + timedelta(days=ahead) for ahead in range(365))
    return [day for day in days if is_holiday(day, land)]


def _missing(fields: Fields, library: Library) -> Iterable[Problem]:
    if not fields.name.strip():
        yield Problem("name", "The name is missing.")
    if not fields.topics:
        yield Problem("topics", "Choose at least one need that this service helps with.")
    if fields.level not in LEVELS:
        yield Problem("level", "Choose who runs this service.")
    if fields.free not in FREE:
        yield Problem("free", "Is it free of charge? Write yes, no or nothing.")
    if fields.ask_first and (fields.always or any(fields.week.values())):
        yield Problem("ask_first", CONTRADICTION)
    for slug in fields.places:
        if slug not in library.places:
            yield Problem("places", "There is no place {slug}.", {"slug": slug})
    for topic in fields.topics:
        if topic not in library.entries:
            yield Problem("topics", "There is no need {slug}.", {"slug": topic})
    for code in fields.languages:
        if not LANGUAGE.fullmatch(code):
            yield Problem("languages", "There is no language {code}.", {"code": code})


def _ordered(chosen: Iterable[str], before: Iterable[str]) -> list[str]:
    """What was there keeps its order, which boxes to tick don't have; what is new comes after it."""
    wanted = dict.fromkeys(chosen)
    return [*(each for each in before if each in wanted), *(each for each in wanted if each not in set(before))]


def _line(words: str) -> str:
    if len(words) > MOST:
        raise BadInput("This is too long: at most {most} letters.", most=MOST)
    return " ".join(words.split())


def _words(words: Mapping[str, str]) -> Data:
    return {code: said for code in ANSWER_LANGUAGES if (said := _line(words.get(code, "")))}


def _phone(row: PhoneRow, codes: Mapping[str, str]) -> Data:
    number = _line(row.number)
    if not NUMBER.fullmatch(number):
        raise BadInput("This is no phone number: {number}", number=number)
    return {
        "number": number,
        "who": _line(row.who),
        "code": codes.get(number, CODE),
        "tested_on": _day(row.tested_on),
    }


def _fitting(pattern: re.Pattern[str], words: str, otherwise: str) -> str | None:
    words = _line(words)
    if words and not pattern.fullmatch(words):
        raise BadInput(otherwise)
    return words or None


def _hours(fields: Fields) -> Data:
    days: Data = {}
    for row in fields.days:
        if not row.first and not row.last and not row.hours.strip():
            continue
        spans = read_spans(row.hours)
        days |= {day.isoformat(): spans for day in each_day(row)}
    week = {day: spans for day in WEEKDAYS if (spans := read_spans(fields.week.get(day, "")))}
    return {"week": week, "days": dict(sorted(days.items())), "always": fields.always}


def _day(words: str) -> str | None:
    try:
        return date.fromisoformat(words.strip()).isoformat() if words.strip() else None
    except ValueError:
        raise BadInput("Please choose a day.") from None
