"""A message as a sparse vector of length 1 over character n-grams, words and word pairs; the same code trains and serves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from flows.understand.normalise import Prepared, is_spoken, pair, word_grams

Floats = NDArray[np.float32]
_WORDS_KEPT = 20_000  # about 8 MB
_SHORT_WORD = 5  # letters and two spaces; shorter words are known in every language


@dataclass(frozen=True)
class Vector:
    """`rows` of the vocabulary with their `values`; `known`: share of the longer words that training has seen."""

    rows: NDArray[np.int64]
    values: Floats
    known: float
    words: int

    def times(self, weights: NDArray[np.floating]) -> Floats:
        """The product with a (vocabulary x columns) matrix; only the rows that occur are touched."""
        if not len(self.rows):
            return np.zeros(weights.shape[1], dtype=np.float32)
        return np.asarray(self.values @ weights[self.rows].astype(np.float32), dtype=np.float32)


class Vectoriser:
    def __init__(self, vocabulary: Sequence[str], idf: Floats) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self._rows = {feature: row for row, feature in enumerate(vocabulary)}
        self._rows_of = lru_cache(maxsize=_WORDS_KEPT)(self._word_rows)

    def _word_rows(self, word: str) -> NDArray[np.int64]:
        """The rows of a word's n-grams. People share their words, and looking these up takes most of the time."""
        return np.array([row for row in map(self._rows.get, word_grams(word)) if row is not None], dtype=np.int64)

    def vector(self, prepared: Prepared) -> Vector:
        spoken = [word for word in prepared.words if is_spoken(word)]
        pairs = [row for a, b in pairwise(spoken) if (row := self._rows.get(pair(a, b))) is not None]
        found = [*(self._rows_of(word) for word in spoken), np.array(pairs, dtype=np.int64)]
        rows, times = np.unique(np.concatenate(found), return_counts=True)
        size = len(prepared.words)
        if not len(rows):
            return Vector(rows, np.zeros(0, dtype=np.float32), 0.0, size)
        values = (1 + np.log(times.astype(np.float32))) * self.idf[rows]
        values /= math.sqrt(float(values @ values))
        return Vector(rows, values.astype(np.float32), self._known(prepared), size)

    def _known(self, prepared: Prepared) -> float:
        """Foreign matter shows here."""
        words = {padded for word in prepared.words if len(padded := f" {word[:24]} ") > _SHORT_WORD}
        return sum(word in self._rows for word in words) / len(words) if words else 0.0
