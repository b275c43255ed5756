"""The plain scikit-learn pipeline that ours is compared with, in the same run: character n-grams and one linear model."""

import time
from dataclasses import dataclass

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from flows.understand import Corpus
from tests.eval.measure import Case

TIMED = 400  # messages


@dataclass(frozen=True)
class Plain:
    """`topic`: share of right first guesses; `times`: milliseconds a message, sorted."""

    topic: float
    times: list[float]


def measure_plain(corpus: Corpus, cases: list[Case]) -> Plain:
    rows = corpus.rows()
    pipeline: Pipeline = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2), LinearSVC())
    pipeline.fit([text for text, _, _ in rows], [topic for _, topic, _ in rows])
    topical = [case for case in cases if case.topics and case.kind != "crisis"]
    guesses = pipeline.predict([case.text for case in topical])
    right = sum(guess in case.topics for guess, case in zip(guesses, topical, strict=True))
    times = []
    for case in cases[:TIMED]:
        began = time.perf_counter()
        pipeline.predict([case.text])
        times.append((time.perf_counter() - began) * 1000)
    return Plain(right / max(1, len(topical)), sorted(times))
