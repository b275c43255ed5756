"""A piece of content taken apart: the words of each language, and everything else, so that each can be compared and approved.

An aspect is a language's code, or STRUCTURE for what has no language: where a flow leads, sources, dates, figures.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.model import ANSWER_LANGUAGES, UNDERSTOOD_LANGUAGES

STRUCTURE = "structure"
ASPECTS = (STRUCTURE, *ANSWER_LANGUAGES)
STAMPS = frozenset({"approved_by", "approved_on"})
"""Who approved words is said about them, and no part of them."""
NAMES = ("since", "value", "item", "slug", "key", "number", "topic", "flow")
"""What an element of a list is known by, the first that it has: so that one that moves is not one that changed."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")
CLOSED = "–"  # a day without any hours is one on which others than the usual ones hold: none

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    aspect: str
    value: Any  # a string, number or truth; never a map or a list


def leaves(data: Mapping[str, Any]) -> dict[Path, Leaf]:
    """Every single value by its path; what is empty does not count, so that absent and empty are the same."""
    return {path: Leaf(aspect, value) for path, aspect, value in _walk(data, (), STRUCTURE)}


def changed(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> set[str]:
    """The aspects that differ."""
    before, after = fingerprints(old or {}), fingerprints(new)
    return {aspect for aspect in before.keys() | after.keys() if before.get(aspect) != after.get(aspect)}


def fingerprints(data: Mapping[str, Any]) -> dict[str, str]:
    """A hash for each aspect that the piece has."""
    parts: dict[str, list[tuple[Path, Any]]] = {}
    for path, leaf in leaves(data).items():
        parts.setdefault(leaf.aspect, []).append((path, leaf.value))
    return {
        aspect: hashlib.sha256(json.dumps(sorted(found, key=lambda each: each[0])).encode()).hexdigest()
        for aspect, found in parts.items()
    }


def is_language_map(value: Mapping[str, Any]) -> bool:
    return bool(value) and all(key in UNDERSTOOD_LANGUAGES for key in value)


def _walk(value: Any, path: Path, aspect: str) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(value, Mapping):
        languages = is_language_map(value)
        for key, inner in value.items():
            if key not in STAMPS:
                of = key if languages and key in ANSWER_LANGUAGES else aspect
                yield from _walk(inner, (*path, str(key)), of)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _walk_list(value, path, aspect)
    elif value is not None and value != "":
        yield path, aspect, value


def _walk_list(items: Sequence[Any], path: Path, aspect: str) -> Iterator[tuple[Path, str, Any]]:
    if is_messages(path, items):
        yield from (((*path, "messages", item), aspect, item) for item in items)
        return
    names = [element_name(item) for item in items]
    named = all(names) and len(set(names)) == len(names)
    for place, item in enumerate(items):
        yield from _walk(item, (*path, names[place] if named else str(place)), aspect)
    if named and items:
        yield (*path, "#"), aspect, ",".join(names)  # their order
    elif not items and DAY.fullmatch(path[-1]):
        yield path, aspect, CLOSED


def is_messages(path: Path, items: Sequence[Any]) -> bool:
    """Example messages: each is known by its words, so that one that goes is not a change of all that follow."""
    return path[:1] == ("texts",) and all(isinstance(item, str) for item in items)


def element_name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((str(item[name]) for name in NAMES if isinstance(item.get(name), str) and item[name]), "")
