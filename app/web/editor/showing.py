"""Differences as pages show them: each with a name that people understand, such as 'Text in Romanian, 2nd message'.

Every page of the editor uses `shown` for differences and `stale_view` for a save that was refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request

from app.editor.differences import ORDER, Change, Difference, differences
from app.editor.drafts import Stale
from app.hub import Hub
from app.web.editor.flow_words import FlowWords
from app.web.i18n import Texts, texts
from app.web.pages import place_name, reader_language
from flows.aspects import DAY, STRUCTURE
from flows.library import Library
from flows.model import UNDERSTOOD_LANGUAGES

WITHOUT_NAME = frozenset({"answers", "texts", "languages"})
"""Steps of a path that only hold the languages."""
ELEMENTS = frozenset(
    {"nodes", "options", "items", "cases", "values", "phones", "places", "sources", "messages", "new_fields"}
)
"""Lists and maps whose elements have a name of their own: 'node job', '2nd message'."""
USUALLY = frozenset({"served", "keep", "promise", "remind"})
"""What is so unless somebody says no."""
LEADING = frozenset({"next", "if_yes", "if_no", "skip", "otherwise", "start", "stuck"})
"""Fields of a flow that hold the name of a step."""
AMOUNT = re.compile(r"\d+\.\d\d?")
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
    """What differs, in the reader's words; without what goes without saying."""
    hub: Hub = request.app.state.hub
    words = texts(reader_language(request))
    steps: dict[str, str] = {}
    for data in (old or {}, new or {}):
        said = FlowWords(words, hub.shelf.library, data)
        steps |= {name: said.title(name) for name in said.nodes}
    return [show(request, each, steps) for each in differences(old, new) if not _goes_without_saying(each)]


def show(request: Request, each: Difference, steps: Mapping[str, str] | None = None) -> Shown:
    """`steps`: a flow's steps by name, as its editor calls them."""
    hub: Hub = request.app.state.hub
    words, library = texts(reader_language(request)), hub.shelf.library
    lang = each.aspect if each.aspect != STRUCTURE else ""
    changes = tuple((what, _say(words, library, each, text, steps or {})) for what, text in each.words)
    name = name_of(words, library, each.path)
    if steps and each.path[0] == "nodes" and each.path[1] in steps:
        name = name.replace(f"{words.term('one', 'nodes')} {each.path[1]}", steps[each.path[1]], 1)
    return Shown(name, each.aspect, lang, changes)


def _goes_without_saying(each: Difference) -> bool:
    """What a new thing is not or one that went was not, and an order that only changed because something came or went."""
    if {each.old, each.new} == {None, False}:
        return each.path[-1] not in USUALLY
    if each.path[-1] != ORDER:
        return False
    before, after = str(each.old or "").split(","), str(each.new or "").split(",")
    return [one for one in before if one in after] == [one for one in after if one in before]


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
    if DAY.fullmatch(name):
        return (words.get("one.from").format(what=what, day=words.iso_date(name)),)
    return (place_name(library, name, words.language) if holder == "places" else f"{what} {name}",)


def _say_name(words: Texts, library: Library, path: Sequence[str], text: str, steps: Mapping[str, str]) -> str:
    """What has no language is often a name that only the hub knows."""
    last = path[-1]
    if DAY.fullmatch(text):
        return words.iso_date(text)
    if last == "value" and AMOUNT.fullmatch(text):
        return words.decimal(text)
    if last in LEADING and text in steps:
        return steps[text]
    if last == "field" and text in library.fields:
        return library.fields[text].names.get(words.language, text)  # type: ignore[call-overload,no-any-return]
    if path[0] == "nodes" and last in ("kind", "what"):
        return words.term("step" if last == "kind" else "what_asked", text)
    if path[0] == "new_fields" and last == "kind":
        return words.term("of_node", text)
    return library.label(text, words.language) or text if last == "topic" or last.isdecimal() else text


def _in(words: Texts, part: str, language: str) -> str:
    return words.get("part.in").format(part=part, language=words.language_name(language))


def _say(words: Texts, library: Library, each: Difference, text: str, steps: Mapping[str, str]) -> str:
    if isinstance(each.new if each.new is not None else each.old, bool):
        return words.term("truth", text)
    if each.aspect == STRUCTURE:
        return _say_name(words, library, each.path, text, steps)
    return f"{text[:LONG]}…" if len(text) > LONG and " " not in text[:LONG] else text
