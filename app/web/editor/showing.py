"""Differences as pages show them: each with a name that people understand, such as 'Text in Romanian, 2nd message'.

Every page of the editor uses `shown` for differences and `stale_view` for a save that was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request

from app.editor.differences import ORDER, Change, Difference, differences
from app.editor.drafts import Stale
from app.hub import Hub
from app.web.i18n import Texts, texts
from app.web.pages import place_name, reader_language
from flows.aspects import STRUCTURE
from flows.library import Library
from flows.model import UNDERSTOOD_LANGUAGES

WITHOUT_NAME = frozenset({"answers", "texts", "languages"})
"""Steps of a path that only hold the languages."""
ELEMENTS = frozenset(
    {"nodes", "options", "items", "cases", "values", "phones", "places", "sources", "messages", "new_fields"}
)
"""Lists and maps whose elements have a name of their own: 'node job', '2nd message'."""
LONG = 400  # letters of a picture's data: nobody reads them


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference. `lang` is the language of its words, for screen readers; empty where it has none."""

    name: str
    aspect: str
    lang: str
    words: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class StaleView:
    """For `editor/_stale.html`: who saved meanwhile and when, and what differs from theirs to mine."""

    name: str | None
    at: datetime | None
    revision: int | str  # what the form's field `seen` then says
    rows: Sequence[Shown]


def shown(request: Request, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Shown]:
    """What differs, in the reader's words."""
    return [show(request, each) for each in differences(old, new)]


def show(request: Request, each: Difference) -> Shown:
    hub: Hub = request.app.state.hub
    words = texts(reader_language(request))
    lang = each.aspect if each.aspect != STRUCTURE else ""
    changes = tuple((what, _say(words, each, text)) for what, text in each.words)
    return Shown(name_of(words, hub.shelf.library, each.path), each.aspect, lang, changes)


def stale_view(request: Request, stale: Stale, mine: Mapping[str, Any]) -> StaleView:
    return StaleView(stale.name, stale.at, stale.revision, shown(request, stale.data, mine))


def aspect_name(words: Texts, aspect: str) -> str:
    return words.get("aspect.structure") if aspect == STRUCTURE else words.language_name(aspect)


def name_of(words: Texts, library: Library, path: Sequence[str]) -> str:
    """A path in words: ('answers', 'ro', 'messages', '1') is 'Text in Romanian, message 2'."""
    parts: list[str] = []
    waiting = ""  # a language that stands before the name of what it is the language of
    of_field = False  # what comes next belongs to a field, not to an element of a list
    steps = iter(path)
    for step in steps:
        if step in WITHOUT_NAME:
            continue
        if step in UNDERSTOOD_LANGUAGES:
            if of_field:
                parts[-1] = _in(words, parts[-1], step)
            else:
                waiting = step
            continue
        of_field = step not in ELEMENTS
        made = [*_element(words, library, step, next(steps, ""))] if step in ELEMENTS else [_field(words, step)]
        if waiting:
            made[0], waiting = _in(words, made[0], waiting), ""
        parts += [part for part in made if part]
    if waiting:
        parts.append(words.language_name(waiting))
    return ", ".join(parts)


def _field(words: Texts, step: str) -> str:
    if step == ORDER:
        return words.get("part.order")
    return words.get("part.nth").format(n=int(step) + 1) if step.isdecimal() else words.term("part", step)


def _element(words: Texts, library: Library, holder: str, name: str) -> tuple[str, ...]:
    """'2nd message' of a text, 'node job', the place's own name."""
    if name in ("", ORDER):
        return (words.term("part", holder), words.get("part.order")) if name else (words.term("part", holder),)
    what = words.term("one", holder)
    if holder == "messages" and not name.isdecimal():  # an example: its words are the difference
        return (what,)
    if name.isdecimal() and len(name) <= 2:
        nth = words.get("one.nth").format(what=what, n=int(name) + 1)
        return (words.get("part.text"), nth) if holder == "messages" else (nth,)
    return (place_name(library, name, words.language) if holder == "places" else f"{what} {name}",)


def _in(words: Texts, part: str, language: str) -> str:
    return words.get("part.in").format(part=part, language=words.language_name(language))


def _say(words: Texts, each: Difference, text: str) -> str:
    if isinstance(each.new if each.new is not None else each.old, bool):
        return words.term("truth", text)
    return f"{text[:LONG]}…" if len(text) > LONG and " " not in text[:LONG] else text
