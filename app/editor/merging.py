"""Puts two people's changes of the same piece together, value by value, from what both began with. Nothing is overwritten
silently: where both changed the same, it is a conflict that somebody decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flows.aspects import NAMES, Path

Side = Literal["mine", "theirs"]


class _Missing:
    """Not there; absent and empty are the same."""


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Clash:
    """Both changed it. None: one of them took it away."""

    path: Path
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """`data` holds the preferred side where there is a clash."""

    data: dict[str, Any]
    clashes: tuple[Clash, ...]


def merge(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], prefer: Side = "theirs"
) -> Merged:
    clashes: list[Clash] = []
    found = _merge(base, mine, theirs, (), prefer, clashes)
    return Merged(found if isinstance(found, dict) else {}, tuple(clashes))


def _merge(base: Any, mine: Any, theirs: Any, path: Path, prefer: Side, clashes: list[Clash]) -> Any:
    if mine in (theirs, base):
        return theirs
    if theirs == base:
        return mine
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _merge_maps(base if isinstance(base, Mapping) else {}, mine, theirs, path, prefer, clashes)
    named = [_by_name(each) for each in (base, mine, theirs)]
    if named[1] is not None and named[2] is not None:
        return _merge_lists(named[0] or {}, named[1], named[2], path, prefer, clashes)
    clashes.append(Clash(path, *(None if each is MISSING else each for each in (mine, theirs))))
    return mine if prefer == "mine" else theirs


def _merge_maps(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    path: Path,
    prefer: Side,
    clashes: list[Clash],
) -> dict[str, Any]:
    found = {}
    for key in dict.fromkeys((*theirs, *mine)):
        was, my, their = (each.get(key, MISSING) for each in (base, mine, theirs))
        value = _merge(was, my, their, (*path, key), prefer, clashes)
        if value is not MISSING:
            found[key] = value
    return found


def _merge_lists(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], path: Path, prefer: Side, clashes: list[Clash]
) -> list[Any]:
    """Elements that have names: each for itself, and then their order."""
    merged = _merge_maps(base, mine, theirs, path, prefer, clashes)
    common = [name for name in mine if name in theirs and name in base]
    moved_by_me = common != [name for name in base if name in common]
    first, second = (mine, theirs) if moved_by_me else (theirs, mine)
    return [merged[name] for name in dict.fromkeys((*first, *second)) if name in merged]


def _by_name(items: Any) -> dict[str, Any] | None:
    """None where an element has no name, or two have the same."""
    if not isinstance(items, list):
        return None
    names = [_name(item) for item in items]
    return dict(zip(names, items, strict=True)) if all(names) and len(set(names)) == len(names) else None


def _name(item: Any) -> str:
    found = [item.get(name) for name in NAMES] if isinstance(item, Mapping) else []
    return next((each for each in found if isinstance(each, str) and each), "")
