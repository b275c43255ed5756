"""Puts two changes of one piece together, against the state from which both began. Pure.

What only one side changed is taken from that side; what both changed differently is a clash, which a person decides. Texts
are never mixed within one value: a sentence of two authors would be nobody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from app.editor.drafts import tidy
from flows.aspects import STAMPS, Path, element_name, is_messages

Side = Literal["mine", "theirs"]
SIDES: tuple[str, ...] = get_args(Side)


class _Absent:
    """Not there at all."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Clash:
    """Both changed it, differently. None where a side has nothing there."""

    path: Path
    mine: Any
    theirs: Any
    base: Any = None

    @property
    def name(self) -> str:
        """Under which a form says how it is decided."""
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class Merged:
    """`data` holds the chosen side where there is a clash, the preferred one where nobody chose."""

    data: dict[str, Any]
    clashes: tuple[Clash, ...]

    def undecided(self, choices: Mapping[str, str]) -> list[Clash]:
        return [clash for clash in self.clashes if choices.get(clash.name) not in SIDES]


def merge(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    prefer: Side = "theirs",
    *,
    choices: Mapping[str, str] = MappingProxyType({}),
) -> Merged:
    """`choices`: the name of a clash -> 'mine' or 'theirs'. Who approved what is not merged: it is said anew."""
    merging = _Merging(prefer, choices)
    data = merging.maps((), base, mine, theirs)
    return Merged(tidy(data), tuple(merging.clashes))


class _Merging:
    def __init__(self, prefer: Side, choices: Mapping[str, str]) -> None:
        self.prefer = prefer
        self.choices = choices
        self.clashes: list[Clash] = []

    def values(self, path: Path, base: Any, mine: Any, theirs: Any) -> Any:
        if _same(mine, theirs) or _same(base, theirs):
            return mine
        if _same(base, mine):
            return theirs
        sides = (mine, theirs) if isinstance(base, _Absent) else (base, mine, theirs)
        if all(isinstance(each, Mapping) for each in sides):
            return self.maps(path, {} if isinstance(base, _Absent) else base, mine, theirs)
        if all(isinstance(each, list) for each in sides):
            return self.lists(path, [] if isinstance(base, _Absent) else base, mine, theirs)
        return self.decided(path, base, mine, theirs)

    def maps(self, path: Path, base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Any:
        merged = {}
        for key in dict.fromkeys((*mine, *theirs)):
            if key in STAMPS:
                continue
            sides = (each.get(key, ABSENT) for each in (base, mine, theirs))
            value = self.values((*path, str(key)), *sides)
            if not isinstance(value, _Absent):
                merged[key] = value
        return merged

    def lists(self, path: Path, base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> Any:
        """Element by element where each has a name; by place where none came or went; else as a whole."""
        sides = (base, mine, theirs)
        messages = all(is_messages(path, each) for each in sides)
        named = [dict(zip(each, each, strict=True)) if messages else _by_name(each) for each in sides]
        if all(each is not None for each in named):
            before, ours, other = (each or {} for each in named)
            merged = self.maps(path, before, ours, other)
            return [merged[name] for name in self.order(before, ours, other) if name in merged]
        if len(base) == len(mine) == len(theirs):
            places = enumerate(zip(base, mine, theirs, strict=True))
            return [self.values((*path, str(place)), *each) for place, each in places]
        return self.decided(path, list(base), mine, theirs)

    def order(self, base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
        """Theirs where only they moved something, else mine; what only the other side has follows its neighbour there."""
        first, second = (theirs, mine) if list(mine) == list(base) else (mine, theirs)
        order, neighbour = list(first), -1
        for name in second:
            if name in first:
                neighbour = order.index(name)
            else:
                neighbour += 1
                order.insert(neighbour, name)
        return order

    def decided(self, path: Path, base: Any, mine: Any, theirs: Any) -> Any:
        clash = Clash(path, *(None if isinstance(each, _Absent) else each for each in (mine, theirs, base)))
        self.clashes.append(clash)
        chosen = self.choices.get(clash.name)
        return mine if (chosen if chosen in SIDES else self.prefer) == "mine" else theirs


def _by_name(items: Sequence[Any]) -> dict[str, Any] | None:
    names = [element_name(item) for item in items]
    return dict(zip(names, items, strict=True)) if all(names) and len(set(names)) == len(names) else None


def _same(one: Any, other: Any) -> bool:
    """None, empty words and not being there are one thing; an empty list is another: a day without hours is closed."""
    return bool(_bare(one) == _bare(other))


def _bare(value: Any) -> Any:
    if value is None or value == "" or isinstance(value, _Absent):
        return None
    if isinstance(value, Mapping):
        return {key: _bare(each) for key, each in value.items() if key not in STAMPS and _bare(each) is not None}
    return [_bare(each) for each in value] if isinstance(value, list) else value
