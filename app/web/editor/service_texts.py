"""Words about services that several pages of the directory need."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

from app.editor.hours_text import ALWAYS, write_days, write_week
from app.editor.service_fields import CONTRADICTION, SPOKEN, fields_of
from app.editor.service_list import Listed
from app.web.i18n import texts
from flows.findings import Issue

MAP = "https://www.openstreetmap.org/search?query="
OWN_NAMES = {"rom": {"de": "Romanes", "en": "Romani"}}  # Babel knows it under another name, or none
ISSUES = (
    (re.compile(r"helps with the topic (?P<slug>\S+), which has no entry"), "There is no answer to the need {slug}."),
    (re.compile(r"lies in the unknown place (?P<slug>\S+)"), "There is no place {slug}."),
    (re.compile(r"says nothing in this language \(about\)"), "The words are missing: what they do and for whom."),
    (re.compile(r"says nothing in this language \(how\)"), "The words are missing: how to reach them."),
    (
        re.compile(r"has hours although its source is old.*"),
        CONTRADICTION,
    ),
    (
        re.compile(r"was last looked at more than (?P<years>\d+) years ago.*"),
        "Nobody has looked at this for {years} years, or nobody knows when. Confirm it, or tick that its source is old.",
    ),
    (re.compile(r"cannot be reached.*"), "Nobody can reach it: no address, number or page is known."),
    (
        re.compile(r"the number (?P<number>.+?) \((?P<who>.*)\) has not been called yet"),
        "Nobody has called {number} yet ({who}).",
    ),
)
"""The checks of `flows.check` about services, and how pages say them."""


def language_word(code: str, reader: str) -> str:
    return OWN_NAMES.get(code, {}).get(reader) or texts(reader).language_name(code)


def spoken_choices(services: Iterable[Listed]) -> list[str]:
    """The usual languages first, then whatever else some service speaks."""
    others = {code for each in services for code in each.service.languages} - set(SPOKEN)
    return [*SPOKEN, *sorted(others)]


def map_link(address: str) -> str:
    """Where a search for the address leads; nothing is asked of that site until somebody follows it."""
    return MAP + quote_plus(address)


def plainly(data: Mapping[str, Any]) -> dict[str, Any]:
    """For differences: hours as one line that people read, not as numbers in a tree."""
    if not data.get("hours"):
        return dict(data)
    fields = fields_of(data)
    week = ALWAYS if fields.always else write_week(fields.week)
    return {**data, "hours": week, "days": write_days(fields.days)}


def issue_words(issue: Issue, reader: str) -> str:
    """What a check found, for somebody who knows no field names. Open questions are a colleague's own words."""
    words = texts(reader)
    for pattern, message in ISSUES:
        if found := pattern.fullmatch(issue.text):
            said = words.say(message, found.groupdict())
            return f"{words.language_name(issue.language)}: {said}" if issue.language else said
    return issue.text
