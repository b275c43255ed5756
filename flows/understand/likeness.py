"""Messages grouped by likeness, so that fifty unanswered questions become the five that people keep asking."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flows.understand.features import Vector

NEAR = 0.22  # cosine likeness from which two messages ask about the same; chosen by reading the groups that come of it


@dataclass(frozen=True)
class Item:
    """`topic`: what the message is about, where that is likely; such messages belong together whatever their words."""

    key: int
    vector: Vector
    topic: str | None


def group(items: Sequence[Item]) -> list[list[int]]:
    """Keys of messages that belong together, the largest group first; a message joins the group it is most like."""
    groups: list[list[int]] = []
    by_topic: dict[str, int] = {}
    postings: dict[int, list[tuple[int, float]]] = defaultdict(list)  # feature -> (group, weight of its first message)
    for item in items:
        place = by_topic.get(item.topic) if item.topic else None
        if place is None:
            place = _nearest(item.vector, postings)
        if place is None:
            place = len(groups)
            groups.append([])
            for row, value in zip(item.vector.rows.tolist(), item.vector.values.tolist(), strict=True):
                postings[row].append((place, value))
        groups[place].append(item.key)
        if item.topic:
            by_topic.setdefault(item.topic, place)
    return sorted(groups, key=len, reverse=True)


def _nearest(vector: Vector, postings: dict[int, list[tuple[int, float]]]) -> int | None:
    likeness: dict[int, float] = defaultdict(float)
    for row, value in zip(vector.rows.tolist(), vector.values.tolist(), strict=True):
        for place, weight in postings.get(row, ()):
            likeness[place] += value * weight
    best = max(likeness, key=lambda place: likeness[place], default=None)
    return best if best is not None and likeness[best] >= NEAR else None
