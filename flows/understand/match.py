"""Which topic a message is about: linear scores and nearest examples, fused; and how sure that is.

Runs on numpy arrays alone and touches only the features that occur in the message. `train` builds the arrays, `calibrate` finds
out how much they may be trusted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flows.understand.artefact import Arrays, unpack_strings
from flows.understand.features import Floats, Vector, Vectoriser
from flows.understand.normalise import Prepared
from flows.understand.signals import Reading

NEIGHBOURS = 3  # examples of a topic whose likeness is averaged
_POOL = 64  # nearest examples looked at
_NEAR = 0.35  # of the likeness of the nearest
_TELLING = 120  # heaviest features of a long message that are looked up; the others change nothing but the time
_PLAUSIBLE = -0.7  # linear score from which a topic is in the running


@dataclass(frozen=True)
class Scores:
    """What a message scores per class ("no topic" is the last), before it is fused; `nearest`: the example most alike.

    `meanings`: likeness to each class's mean embedding, where the operator supplies an encoder.
    """

    linear: Floats
    neighbours: Floats
    meanings: Floats | None
    likeness: float
    nearest: int

    @property
    def parts(self) -> tuple[Floats, ...]:
        return (self.linear, self.neighbours, *(() if self.meanings is None else (self.meanings,)))

    @cached_property
    def second_and_first(self) -> tuple[float, float]:
        """The two best linear scores of topics."""
        return _best_two(self.linear)


@dataclass(frozen=True)
class Match:
    """Topics by falling score. `stranger`: the chance that no topic answers; `confidence`: that the first topic is right.

    `second`: the second-best linear score, which says whether there may be another need.
    """

    scores: tuple[tuple[str, float], ...]
    stranger: float
    confidence: float
    second: float
    likeness: float
    nearest: int


def neighbour_scores(likeness: Floats, labels: NDArray[np.int64], classes: int) -> Floats:
    """Per class, the mean likeness of its three nearest examples (missing ones count 0)."""
    # What is far away tells nothing, and sorting it would take most of the time.
    near = np.flatnonzero(likeness > _NEAR * float(likeness.max(initial=0.0)))
    nearest = near[np.argsort(-likeness[near], kind="stable")[:_POOL]]
    scores = np.zeros(classes, dtype=np.float32)
    seen = [0] * classes
    for label, value in zip(labels[nearest].tolist(), likeness[nearest].tolist(), strict=True):
        if seen[label] < NEIGHBOURS:
            seen[label] += 1
            scores[label] += value / NEIGHBOURS
    return scores


def fuse(parts: Sequence[Floats], fusion: Floats) -> Floats:
    """Probabilities over the classes; `fusion`: the weight of each part, and the bias of "no topic" (last)."""
    logits = sum(weight * part for weight, part in zip(fusion[:-1], parts, strict=True))
    logits = np.asarray(logits, dtype=np.float32)
    logits[..., -1] += fusion[-1]
    logits -= logits.max(axis=-1, keepdims=True)
    chances = np.exp(logits)
    return np.asarray(chances / chances.sum(axis=-1, keepdims=True), dtype=np.float32)


def evidence(chances: Floats, scores: Scores, vector: Vector) -> Floats:
    """What speaks for and against the first topic: inputs of the two logistic regressions behind a `Match`.

    The raw scores are there because probabilities forget that a stranger is far from everything.
    """
    order = np.argsort(chances[:-1])
    first, second = int(order[-1]), int(order[-2])
    lines, near = scores.linear, scores.neighbours
    line_2, line_1 = scores.second_and_first
    near_2, near_1 = _best_two(near)
    return np.array(
        [
            _logit(float(chances[first])),
            math.log((float(chances[first]) + 1e-4) / (float(chances[second]) + 1e-4)),
            _logit(float(chances[-1])),
            float(lines[first]),
            line_1 - line_2,
            float(lines[-1]),
            line_1 - float(lines[-1]),
            float(near[first]),
            near_1 - near_2,
            float(near[-1]),
            near_1 - float(near[-1]),
            vector.known,
            math.log1p(vector.words),
            1 / (1 + vector.words),
            float((lines[:-1] > _PLAUSIBLE).sum()),
        ],
        dtype=np.float32,
    )


def _best_two(values: Floats) -> tuple[float, float]:
    """The second and the first of the topics' values ("no topic" left out)."""
    second, first = np.partition(values[:-1], -2)[-2:].tolist()
    return second, first


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


def logistic(inputs: Floats, weights: Floats) -> float:
    """Logistic regression by hand; the last weight is the intercept."""
    return 1 / (1 + math.exp(-(float(inputs @ weights[:-1]) + float(weights[-1]))))


class Matcher:
    """The trained arrays, ready to score messages."""

    def __init__(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        self.classes: list[str] = meta["classes"]
        self.vectoriser = Vectoriser(unpack_strings(arrays["vocabulary"]), arrays["idf"].astype(np.float32))
        self._weights = arrays["weights"]  # features x (classes, then the signals), float16
        self._bias = arrays["bias"].astype(np.float32)
        self._starts = arrays["posting_starts"]
        self._documents = arrays["posting_documents"]
        self._values = arrays["posting_values"].astype(np.float32)
        self._labels = arrays["labels"].astype(np.int64)
        self._centres = arrays["centres"].astype(np.float32) if "centres" in arrays else None  # classes x dimensions
        self.fusion = arrays["fusion"].astype(np.float32)
        self._sureness = arrays["sureness"].astype(np.float32)  # weights for `stranger` and for `right`, a row each

    def lines(self, vector: Vector) -> Floats:
        """All linear scores: of the classes, then of the signals. One walk over the weights, which takes most of the time."""
        return self._bias + vector.times(self._weights)

    def reading(self, lines: Floats) -> Reading:
        return Reading.of(lines[len(self.classes) :])

    def likely(self, lines: Floats) -> str | None:
        """The topic that the linear scores alone would name, if any."""
        best = int(lines[: len(self.classes) - 1].argmax())
        return self.classes[best] if lines[best] > _PLAUSIBLE else None

    def scores(self, vector: Vector, lines: Floats, meaning: Floats | None = None) -> Scores:
        """`meaning`: the message's embedding, where the artefact was trained with an encoder."""
        likeness = self._likeness(vector)
        nearest = int(likeness.argmax())
        near = neighbour_scores(likeness, self._labels, len(self.classes))
        meanings = None
        if self._centres is not None:
            meanings = self._centres @ meaning if meaning is not None else np.zeros_like(near)
        return Scores(lines[: len(self.classes)], near, meanings, float(likeness[nearest]), nearest)

    def match(self, vector: Vector, lines: Floats, meaning: Floats | None = None) -> Match:
        """Score one message against all topics."""
        scores = self.scores(vector, lines, meaning)
        chances = fuse(scores.parts, self.fusion)
        inputs = evidence(chances, scores, vector)
        stranger, right = (logistic(inputs, weights) for weights in self._sureness)
        order = np.argsort(-chances[:-1], kind="stable")[:5]
        return Match(
            scores=tuple((self.classes[i], float(chances[i])) for i in order),
            stranger=stranger,
            confidence=(1 - stranger) * right,
            second=scores.second_and_first[0],
            likeness=scores.likeness,
            nearest=scores.nearest,
        )

    def _likeness(self, vector: Vector) -> Floats:
        """Cosine likeness to every example, from the postings of the features that occur."""
        size = len(self._labels)
        rows, values = vector.rows, vector.values
        if not len(rows):
            return np.zeros(size, dtype=np.float32)
        if len(rows) > _TELLING:
            best = np.argpartition(-values, _TELLING)[:_TELLING]
            rows, values = rows[best], values[best]
        starts, ends = self._starts[rows], self._starts[rows + 1]
        lengths = ends - starts
        offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        places = offsets + np.arange(int(lengths.sum()))
        products = self._values[places] * np.repeat(values, lengths)
        return np.bincount(self._documents[places], weights=products, minlength=size).astype(np.float32)

    def telling_words(self, words: tuple[str, ...], topic: str, limit: int = 4) -> list[str]:
        """The words of a message that speak most for a topic, in the linear part's eyes, the strongest first."""
        column = self.classes.index(topic)
        weights = {word: self._weight(word, column) for word in dict.fromkeys(words)}
        best = sorted(weights, key=lambda word: -weights[word])
        return [word for word in best if weights[word] > 0][:limit]

    def _weight(self, word: str, column: int) -> float:
        vector = self.vectoriser.vector(Prepared(word, word, (word,)))
        return float(vector.values @ self._weights[vector.rows, column].astype(np.float32))
