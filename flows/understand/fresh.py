"""Examples that changed since the artefact was trained: they count at once, in a light layer over what was learnt.

Training takes more than a minute. Until it is done, a message that is the same as a new example, or very near to it, is read as
that example says; and what was learnt from a removed one is not believed alone any more. What it says of danger is untouched.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from flows.understand.artefact import PackedStrings
from flows.understand.corpus import NONE
from flows.understand.features import Vector
from flows.understand.match import Match, Matcher
from flows.understand.normalise import Prepared, grams, prepare

Row = tuple[str, str]  # message, topic

SAME = 0.72  # likeness from which a message asks what the example asks …
LIKE = 0.5  # … and from which it perhaps does
_VOTES, _VOTED = (
    3,
    0.6,
)  # so many new examples that are like it, the best this near, say as much as one that is the same
_LONGEST = 60  # words; a story is not like a new example, and comparing it takes time
_COMPARED = 5  # candidates that are compared letter by letter
_NEVER = -50.0  # linear score of a topic that has no examples any more


@dataclass(frozen=True)
class Hit:
    """The changed example that is most like a message."""

    text: str
    topic: str
    likeness: float
    votes: int = 1


@dataclass(frozen=True)
class Bands:
    answer_from: float
    answer_strange: float
    offer_from: float

    def sure(self, match: Match) -> bool:
        return match.confidence >= self.answer_from and match.stranger <= self.answer_strange


class Neighbours(Matcher):
    """A matcher that also tells which examples are most like a message; everything is shared with the one it looks at."""

    def __init__(self, base: Matcher) -> None:
        self.__dict__.update(vars(base))

    def best(self, vector: Vector, limit: int) -> list[tuple[int, float]]:
        """(place, likeness) of the nearest examples."""
        likeness = self._likeness(vector)
        near = np.argsort(-likeness, kind="stable")[:limit]
        return [(int(at), float(likeness[at])) for at in near if likeness[at] > 0]


class _Changed(Neighbours):
    """The trained features over a few examples of their own: those that came, or those that went."""

    def __init__(self, base: Matcher, rows: Sequence[Row]) -> None:
        super().__init__(base)
        self.rows = rows
        prepared = [prepare(text) for text, _ in rows]
        self._same = {each.words: at for at, each in reversed(list(enumerate(prepared)))}
        vectors = [self.vectoriser.vector(each) for each in prepared]
        features = np.concatenate([np.zeros(0, dtype=np.int64), *(vector.rows for vector in vectors)])
        order = np.argsort(features, kind="stable")
        self._starts = np.searchsorted(features[order], np.arange(len(self.vectoriser.vocabulary) + 1)).astype(np.int32)
        self._documents = np.repeat(np.arange(len(rows)), [len(vector.rows) for vector in vectors])[order]
        self._values = np.concatenate([np.zeros(0, dtype=np.float32), *(vector.values for vector in vectors)])[order]
        self._labels = np.zeros(len(rows), dtype=np.int64)

    def nearest(self, prepared: Prepared, vector: Vector) -> Hit | None:
        words = prepared.words
        if not self.rows or not words or len(words) > _LONGEST:
            return None
        if (same := self._same.get(words)) is not None:
            return Hit(*self.rows[same], 1.0)
        likeness = self._likeness(vector)
        near = np.flatnonzero(likeness >= LIKE)
        if not len(near):
            return None
        return self._best(words, near[np.argsort(-likeness[near], kind="stable")[:_COMPARED]].tolist(), likeness)

    def _best(self, words: tuple[str, ...], near: list[int], likeness: NDArray[np.float32]) -> Hit | None:
        """Words that training never saw are no features: letter by letter they count."""
        own = set(grams(words))
        hits = [(min(float(likeness[at]), _overlap(own, self.rows[at][0])), at) for at in near]
        score, best = max(hits)
        if score < LIKE:
            return None
        text, topic = self.rows[best]
        return Hit(text, topic, score, sum(each >= LIKE and self.rows[at][1] == topic for each, at in hits))


def _overlap(own: set[str], text: str) -> float:
    other = set(grams(prepare(text).words))
    return len(own & other) / sqrt(len(own) * len(other)) if own and other else 0.0


class _Kept(Neighbours):
    """The trained matcher without the examples that are gone; everything else is shared with it."""

    def __init__(self, base: Matcher, gone: Collection[int], dead: Collection[int]) -> None:
        super().__init__(base)
        self._values = np.where(np.isin(self._documents, list(gone)), np.float32(0), self._values)
        self._bias = self._bias.copy()
        self._bias[list(dead)] = _NEVER


class Layer:
    """What changed between the rows that an artefact was trained from and the `wanted` ones."""

    def __init__(self, base: Matcher, examples: PackedStrings, labels: Sequence[int], wanted: Iterable[Row]) -> None:
        live = {(text.replace("\n", " "), topic) for text, topic in wanted}
        trained = [(examples[at], base.classes[label]) for at, label in enumerate(labels)]
        gone = [at for at, row in enumerate(trained) if row not in live]
        new = sorted(live - set(trained))
        self._topics = [base.classes[label] for label in labels]
        self._new = _Changed(base, new)
        self._gone = _Changed(base, [trained[at] for at in gone])
        topics = {topic for _, topic in live}
        dead = [at for at, topic in enumerate(base.classes) if topic != NONE and topic not in topics]
        self.empty = not (gone or new)
        self.topics = tuple(sorted(topics - {NONE}))
        self.matcher = _Kept(base, gone, dead)

    def adjust(self, prepared: Prepared, vector: Vector, match: Match, bands: Bands) -> tuple[Match, str]:
        """The match as the changed examples have it, and why ("" where they change nothing)."""
        new = self._new.nearest(prepared, vector)
        if new is not None and not self._contradicted(match, new):
            return _with_new(match, new, bands)
        lost = self._gone.nearest(prepared, vector)
        if lost is not None and bands.sure(match) and self._was_evidence(match, lost):
            doubted = replace(match, confidence=np.nextafter(bands.answer_from, 0).item())
            return doubted, f"was sure because of the example '{lost.text}', which is gone"
        return match, ""

    def nearest_new(self, vector: Vector, limit: int) -> list[Hit]:
        return [Hit(*self._new.rows[at], likeness) for at, likeness in self._new.best(vector, limit)]

    def _contradicted(self, match: Match, new: Hit) -> bool:
        """Whether an example of another topic is even more like the message."""
        return match.likeness > new.likeness and self._topics[match.nearest] != new.topic

    def _was_evidence(self, match: Match, lost: Hit) -> bool:
        """Whether the first topic stands on the lost example, and no other one is as near."""
        first = match.scores[0][0]
        supported = match.likeness >= SAME and self._topics[match.nearest] == first
        return lost.likeness >= SAME and lost.topic == first and not supported


def _with_new(match: Match, new: Hit, bands: Bands) -> tuple[Match, str]:
    same = new.likeness >= SAME or (new.votes >= _VOTES and new.likeness >= _VOTED)
    why = f"{'asks the same as' if same else 'is like'} the new example '{new.text}' ({new.likeness:.2f})"
    if new.topic == NONE:
        if same:
            return replace(match, stranger=1.0, confidence=0.0, second=_NEVER), f"{why}, which no topic answers"
        return match, ""
    first = match.scores[0][0]
    if not same and bands.sure(match) and first != new.topic:
        return match, ""
    others = dict(match.scores)
    scores = ((new.topic, max(others.pop(new.topic, 0.0), round(new.likeness, 4))), *others.items())
    if same:
        confidence = max(match.confidence, bands.answer_from, new.likeness)
        return replace(match, scores=scores, stranger=0.0, confidence=confidence, second=_NEVER), why
    return replace(match, scores=scores, confidence=max(match.confidence, bands.offer_from)), why
