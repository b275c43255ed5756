"""Which topic a message is about: sparse linear scores and nearest examples over n-grams and concepts, fused.

Runs on numpy arrays alone and touches only the features that occur in the message. `train` builds the arrays.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flows.understand.artefact import Arrays, unpack_strings
from flows.understand.normalise import Prepared, grams
from flows.understand.phrases import PhraseSet

Floats = NDArray[np.float32]
# Per unit of a concept's inverse document frequency; n-grams together have length 1. With a dozen examples a topic the best
# weight was 0.085, with fifty it is a tenth of that: real messages teach more than our ideas of them.
CONCEPT_WEIGHT = 0.012
CONCEPT_LIMIT = 1.0  # longest that all concepts of a message may be: as much as its letters
NEIGHBOURS = 3  # examples of a topic whose likeness is averaged
_POOL = 64  # nearest examples looked at
_NEAR = 0.35  # of the likeness of the nearest; what is farther away tells nothing
_SHORT_WORD = 5  # letters and two spaces; shorter words are known in every language


@dataclass(frozen=True)
class Match:
    """Topics by falling score; `confidence` is the chance that the first is right, `nearest` the example most alike."""

    scores: tuple[tuple[str, float], ...]
    confidence: float
    likeness: float
    nearest: int
    concepts: tuple[str, ...]


def concept_phrases(concepts: Mapping[str, Any]) -> PhraseSet:
    """The phrase set of `concepts.yaml`: concept -> language -> patterns."""
    phrases = PhraseSet()
    for name, languages in concepts.items():
        for language, patterns in languages.items():
            phrases.add(name, language, patterns)
    return phrases


def features(prepared: Prepared, phrases: PhraseSet) -> tuple[list[str], list[str]]:
    """A message's n-gram features and its concept features."""
    concepts = sorted({hit.rule.label for hit in phrases.find(prepared.text)})
    return grams(prepared.words), [f"#{concept}" for concept in concepts]


class Vectoriser:
    """Features to a sparse vector; the same code at training and at run time.

    N-grams together always have length 1. Concepts keep their absolute weight: one weak concept ("child") must not
    weigh like three that belong together.
    """

    def __init__(self, vocabulary: Sequence[str], idf: Floats) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self._rows = {feature: row for row, feature in enumerate(vocabulary)}

    def knows(self, feature: str) -> bool:
        return feature in self._rows

    def vector(self, found: tuple[list[str], list[str]]) -> tuple[NDArray[np.int64], Floats]:
        """(feature rows, weights)."""
        rows: list[NDArray[np.int64]] = []
        weights: list[Floats] = []
        for names, is_concept in zip(found, (False, True), strict=True):
            counts = Counter(row for row in map(self._rows.get, names) if row is not None)
            if not counts:
                continue
            index = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
            values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
            block = (1 + np.log(values)) * self.idf[index]
            length = math.sqrt(float(block @ block))
            scale = min(CONCEPT_WEIGHT, CONCEPT_LIMIT / length) if is_concept else 1 / length
            rows.append(index)
            weights.append((block * scale).astype(np.float32))
        if not rows:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        return np.concatenate(rows), np.concatenate(weights)


def neighbour_scores(likeness: Floats, labels: NDArray[np.int64], classes: int) -> Floats:
    """Per class, the mean likeness of its three nearest examples (missing ones count 0)."""
    near = np.flatnonzero(
        likeness > _NEAR * float(likeness.max(initial=0.0))
    )  # sorting all would take most of the time
    nearest = near[np.argsort(-likeness[near], kind="stable")[:_POOL]]
    scores = np.zeros(classes, dtype=np.float32)
    seen = [0] * classes
    for label, value in zip(labels[nearest].tolist(), likeness[nearest].tolist(), strict=True):
        if seen[label] < NEIGHBOURS:
            seen[label] += 1
            scores[label] += value / NEIGHBOURS
    return scores


def fuse(linear: Floats, neighbours: Floats, fusion: Floats) -> Floats:
    """Probabilities over the classes; `fusion`: weight of linear scores, of neighbours, and the bias of "no topic" (last)."""
    logits = fusion[0] * linear + fusion[1] * neighbours
    logits[..., -1] += fusion[2]
    logits -= logits.max(axis=-1, keepdims=True)
    chances = np.exp(logits)
    return np.asarray(chances / chances.sum(axis=-1, keepdims=True), dtype=np.float32)


def evidence(chances: Floats, linear: Floats, neighbours: Floats, known: float) -> Floats:
    """What speaks for the first topic being right: inputs of the confidence's logistic regression.

    The raw scores are there because probabilities forget that a stranger is far from everything.
    """
    order = np.argsort(chances[:-1])
    first, second = int(order[-1]), int(order[-2])
    none = float(chances[-1])
    return np.array(
        [
            _logit(float(chances[first])),
            math.log((float(chances[first]) + 1e-4) / (float(chances[second]) + 1e-4)),
            _logit(none),
            float(linear[first]),
            float(linear[-1]),
            float(neighbours[first]),
            float(neighbours[-1]),
            known,
        ],
        dtype=np.float32,
    )


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


def confidence(inputs: Floats, weights: Floats) -> float:
    """Logistic regression by hand; the last weight is the intercept."""
    return 1 / (1 + math.exp(-(float(inputs @ weights[:-1]) + float(weights[-1]))))


class Matcher:
    """The trained arrays, ready to score messages."""

    def __init__(self, arrays: Arrays, meta: Mapping[str, Any], phrases: PhraseSet) -> None:
        self.classes: list[str] = meta["classes"]
        self.vectoriser = Vectoriser(unpack_strings(arrays["vocabulary"]), arrays["idf"].astype(np.float32))
        self._weights = arrays["weights"]  # features x classes, float16
        self._bias = arrays["bias"].astype(np.float32)
        self._starts = arrays["posting_starts"]
        self._documents = arrays["posting_documents"]
        self._values = arrays["posting_values"]
        self._labels = arrays["labels"].astype(np.int64)
        self._fusion = arrays["fusion"].astype(np.float32)
        self._confidence = arrays["confidence"].astype(np.float32)
        self._phrases = phrases

    def _likeness(self, rows: NDArray[np.int64], values: Floats) -> Floats:
        """Cosine likeness to every example, from the postings of the features that occur."""
        size = len(self._labels)
        if not len(rows):
            return np.zeros(size, dtype=np.float32)
        starts, ends = self._starts[rows], self._starts[rows + 1]
        lengths = ends - starts
        offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        places = offsets + np.arange(int(lengths.sum()))
        products = self._values[places].astype(np.float32) * np.repeat(values, lengths)
        return np.bincount(self._documents[places], weights=products, minlength=size).astype(np.float32)

    def match(self, prepared: Prepared) -> Match:
        """Score one message against all topics."""
        found = features(prepared, self._phrases)
        rows, values = self.vectoriser.vector(found)
        linear = self._bias.copy()
        if len(rows):
            linear += values @ self._weights[rows].astype(np.float32)
        likeness = self._likeness(rows, values)
        neighbours = neighbour_scores(likeness, self._labels, len(self.classes))
        chances = fuse(linear, neighbours, self._fusion)
        nearest = int(likeness.argmax())
        inputs = evidence(chances, linear, neighbours, known_share(self.vectoriser, found))
        order = np.argsort(-chances[:-1], kind="stable")[:5]
        return Match(
            scores=tuple((self.classes[i], float(chances[i])) for i in order),
            confidence=confidence(inputs, self._confidence),
            likeness=float(likeness[nearest]),
            nearest=nearest,
            concepts=tuple(concept[1:] for concept in found[1]),
        )


def known_share(vectoriser: Vectoriser, found: tuple[list[str], list[str]]) -> float:
    """Share of a message's whole words that training has seen: foreign matter shows here."""
    words = {gram for gram in found[0] if len(gram) > _SHORT_WORD and gram[0] == " " and gram[-1] == " "}
    return sum(vectoriser.knows(word) for word in words) / len(words) if words else 0.0
