"""What differs between two states of a piece, value by value, and in texts word by word. Pages show it, merging uses it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from flows.aspects import ASPECTS, STRUCTURE, Leaf, Path, leaves

Change = tuple[Literal["same", "gone", "new"], str]

ORDER = "#"  # the last step of a path that is about the order of a list
WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+$")
MOST_CHARS = 20_000  # longer ones are pictures and recordings, not words


@dataclass(frozen=True, slots=True)
class Difference:
    """`old` is None where the value is new, `new` where it is gone. `words` tells both as one text."""

    path: Path
    aspect: str
    old: Any
    new: Any
    words: tuple[Change, ...]


def differences(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Difference]:
    """What has no language first, then language by language, in the order in which the values stand."""
    before, after = leaves(old or {}), leaves(new or {})
    paths = [*after, *(path for path in before if path not in after)]
    found = [_difference(path, before.get(path), after.get(path)) for path in paths]
    real = [each for each in found if each.old != each.new]
    return sorted(real, key=lambda each: ASPECTS.index(each.aspect))


def word_changes(before: str, after: str) -> tuple[Change, ...]:
    """'come at ten.' -> 'come at nine.': same 'come at', gone ' ten', new ' nine', same '.'."""
    if len(before) + len(after) > MOST_CHARS:
        return _whole(before, after)
    old, new = WORD.findall(before), WORD.findall(after)
    made: list[Change] = []
    for what, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            made.append(("same", "".join(old[start:end])))
            continue
        made += _whole("".join(old[start:end]), "".join(new[new_start:new_end]))
    return tuple(made)


def _difference(path: Path, before: Leaf | None, after: Leaf | None) -> Difference:
    leaf = after or before
    assert leaf is not None
    old, new = before.value if before else None, after.value if after else None
    if isinstance(old, str) and isinstance(new, str) and path[-1] != ORDER and not _are_names(leaf, old, new):
        words = word_changes(old, new)
    else:
        words = _whole(_written(old), _written(new))
    return Difference(path, leaf.aspect, old, new, words)


def _are_names(leaf: Leaf, old: str, new: str) -> bool:
    """Days, numbers, names of steps and topics: one takes the place of the other as a whole."""
    return leaf.aspect == STRUCTURE and " " not in old and " " not in new


def _whole(before: str, after: str) -> tuple[Change, ...]:
    gone: tuple[Change, ...] = (("gone", before),) if before else ()
    return (*gone, ("new", after)) if after else gone


def _written(value: Any) -> str:
    """A value in the page's neutral letters; truth is put into words by the page."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
