"""Builds the artefact from a corpus: `python -m flows.understand.train corpus.json out.npz`, run as a subprocess.

The only module that imports scikit-learn. Thresholds and probabilities come from messages held out in cross-validation, never
from those the model was fitted on.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from flows.understand import match
from flows.understand.artefact import Arrays, pack_strings, save
from flows.understand.corpus import NONE, Corpus
from flows.understand.match import Floats, Vectoriser
from flows.understand.normalise import prepare
from flows.understand.phrases import PhraseSet
from translations.identify import LANGUAGES, LanguageModel

FOLDS = 4
PROCESSES = (
    2  # folds fitted at once, for the smallest server has two cores; threads would share liblinear's random numbers
)
PENALTY = 2.0  # LinearSVC's C: the flattest part of the curve in cross-validation
WRONG_ANSWERS = 0.03  # share of messages with a topic that may be answered with another one
STRANGERS_ANSWERED = 0.03  # share of messages without a topic that may be answered
STRANGERS_OFFERED = 0.15  # share of them that may be shown a menu
_MIN_COUNT = 2  # a feature seen in one message only teaches nothing
_COMMON = 0.05  # features in more than this share of messages leave the postings: they cost five times the time, and say nothing

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class HeldOut:
    """Scores of messages by models that had not seen them."""

    linear: Floats
    neighbours: Floats
    known: Floats


def build_vectoriser(found: list[tuple[list[str], list[str]]]) -> Vectoriser:
    """The vocabulary of features in at least two messages, with their inverse document frequency."""
    counts: dict[str, int] = {}
    for names in found:
        for name in {*names[0], *names[1]}:
            counts[name] = counts.get(name, 0) + 1
    vocabulary = sorted(name for name, count in counts.items() if count >= _MIN_COUNT)
    idf = np.array([1 + np.log((1 + len(found)) / (1 + counts[name])) for name in vocabulary], dtype=np.float32)
    return Vectoriser(vocabulary, idf)


def to_matrix(vectoriser: Vectoriser, found: list[tuple[list[str], list[str]]]) -> sparse.csr_matrix:
    vectors = [vectoriser.vector(names) for names in found]
    starts = np.cumsum([0] + [len(rows) for rows, _ in vectors])
    columns = np.concatenate([rows for rows, _ in vectors])
    values = np.concatenate([weights for _, weights in vectors])
    return sparse.csr_matrix(
        (values, columns, starts), shape=(len(found), len(vectoriser.vocabulary)), dtype=np.float32
    )


def fit_linear(matrix: sparse.csr_matrix, labels: Labels, classes: int) -> tuple[Floats, Floats]:
    """(features x classes weights, bias) of one-against-rest linear support vectors."""
    model = LinearSVC(C=PENALTY, random_state=0, tol=1e-3)
    model.fit(matrix, labels)
    weights = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    bias = np.full(classes, -1.0, dtype=np.float32)  # a class without examples in this fold is never chosen
    weights[:, model.classes_] = model.coef_.T
    bias[model.classes_] = model.intercept_
    return weights, bias


def nearest_rows(likeness: Floats, labels: Labels, classes: int) -> Floats:
    return np.array([match.neighbour_scores(row, labels, classes) for row in likeness], dtype=np.float32)


def held_out_scores(matrix: sparse.csr_matrix, labels: Labels, classes: int, known: Floats) -> HeldOut:
    """Cross-validation: every message scored by a model fitted without its fold."""
    linear = np.zeros((len(labels), classes), dtype=np.float32)
    neighbours = np.zeros_like(linear)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(np.zeros(len(labels)), labels))
    score = partial(_score_fold, matrix, labels, classes)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        for (_, test), (lines, near) in zip(folds, processes.map(score, folds), strict=True):
            linear[test], neighbours[test] = lines, near
    return HeldOut(linear, neighbours, known)


def _score_fold(
    matrix: sparse.csr_matrix, labels: Labels, classes: int, fold: tuple[Labels, Labels]
) -> tuple[Floats, Floats]:
    fit, test = fold
    weights, bias = fit_linear(matrix[fit], labels[fit], classes)
    telling = matrix @ sparse.diags((~_is_common(matrix)).astype(np.float32))
    alike = (telling[test] @ telling[fit].T).toarray().astype(np.float32)
    return matrix[test] @ weights + bias, nearest_rows(alike, labels[fit], classes)


def _is_common(matrix: sparse.csr_matrix) -> NDArray[np.bool_]:
    counts = np.diff(matrix.tocsc().indptr)
    return np.asarray(counts > _COMMON * matrix.shape[0])


def fit_fusion(held: HeldOut, labels: Labels) -> Floats:
    """The weights of `match.fuse` that make the held-out labels most likely."""

    def loss(weights: NDArray[np.float64]) -> float:
        chances = match.fuse(held.linear, held.neighbours, weights.astype(np.float32))
        return float(-np.log(chances[np.arange(len(labels)), labels] + 1e-9).mean())

    found = minimize(loss, np.array([3.0, 10.0, 0.0]), method="Nelder-Mead", options={"maxiter": 300})
    return np.asarray(found.x, dtype=np.float32)


def fit_confidence(chances: Floats, held: HeldOut, labels: Labels) -> tuple[Floats, Floats]:
    """(weights of `match.confidence`, held-out confidences)."""
    none = chances.shape[1] - 1
    inputs = np.array(
        [
            match.evidence(c, line, near, float(k))
            for c, line, near, k in zip(chances, held.linear, held.neighbours, held.known, strict=True)
        ],
        dtype=np.float32,
    )
    right = (chances[:, :-1].argmax(axis=1) == labels) & (labels != none)
    model = LogisticRegression(C=1.0).fit(inputs, right)
    weights = np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)
    return weights, np.array([match.confidence(row, weights) for row in inputs], dtype=np.float32)


def choose_bands(confidences: Floats, right: NDArray[np.bool_], stranger: NDArray[np.bool_]) -> tuple[float, float]:
    """The lowest confidences from which to answer and to offer, within the allowed shares of mistakes."""
    grid = np.arange(0.05, 0.995, 0.005)
    topical = max(1, int((~stranger).sum()))
    strangers = max(1, int(stranger.sum()))
    answer = next(
        (
            float(t)
            for t in grid
            if ((confidences >= t) & ~right & ~stranger).sum() / topical <= WRONG_ANSWERS
            and ((confidences >= t) & stranger).sum() / strangers <= STRANGERS_ANSWERED
        ),
        0.99,
    )
    offer = next(
        (float(t) for t in grid if ((confidences >= t) & stranger).sum() / strangers <= STRANGERS_OFFERED), answer
    )
    return answer, min(offer, answer)


def postings(matrix: sparse.csr_matrix) -> Arrays:
    """Examples by feature, without the commonest features."""
    columns = matrix.tocsc()
    counts = np.diff(columns.indptr)
    common = _is_common(matrix)
    keep = ~np.repeat(common, counts)
    starts = np.concatenate(([0], np.cumsum(np.where(common, 0, counts))))
    return {
        "posting_starts": starts.astype(np.int64),
        "posting_documents": columns.indices[keep].astype(np.int32),
        "posting_values": columns.data[keep].astype(np.float16),
    }


def language_arrays(corpus: Corpus) -> Arrays:
    texts: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for text, _, lang in corpus.rows():
        texts[lang].append(text)
    model = LanguageModel.train(texts)
    return {
        "language_vocabulary": pack_strings(model.vocabulary),
        "language_weights": model.weights.astype(np.float16),
    }


@dataclass(frozen=True)
class Calibration:
    """What held-out messages taught: how to fuse, how sure to be, from where to answer and to offer."""

    fusion: Floats
    confidence: Floats
    answer_from: float
    offer_from: float
    shares: dict[str, float]


def calibrate(held: HeldOut, labels: Labels) -> Calibration:
    """Fit fusion, confidence and bands on held-out scores; `shares` tell how that went."""
    fusion = fit_fusion(held, labels)
    chances = match.fuse(held.linear, held.neighbours, fusion)
    weights, sure = fit_confidence(chances, held, labels)
    stranger = labels == chances.shape[1] - 1
    right = chances[:, :-1].argmax(axis=1) == labels
    answer, offer = choose_bands(sure, right, stranger)
    answered = sure >= answer
    shares = {
        "messages": float(len(labels)),
        "first_guess": _share(right, ~stranger),
        "answered_right": _share(answered & right, ~stranger),
        "answered_wrong": _share(answered & ~right, ~stranger),
        "offered": _share((sure >= offer) & ~answered, ~stranger),
        "strangers_answered": _share(answered, stranger),
    }
    return Calibration(fusion, weights, answer, offer, shares)


def _share(what: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(what[among].mean()) if among.any() else 0.0


def train(corpus: Corpus) -> tuple[Arrays, dict[str, object]]:
    """All arrays and the JSON of an artefact; deterministic for the same corpus."""
    rows = corpus.rows()
    classes = [*sorted(corpus.examples), NONE]
    labels = np.array([classes.index(topic) for _, topic, _ in rows], dtype=np.int64)
    phrases: PhraseSet = match.concept_phrases(corpus.concepts)
    found = [match.features(prepare(text), phrases) for text, _, _ in rows]
    vectoriser = build_vectoriser(found)
    matrix = to_matrix(vectoriser, found)
    known = np.array([match.known_share(vectoriser, names) for names in found], dtype=np.float32)
    learnt = calibrate(held_out_scores(matrix, labels, len(classes), known), labels)
    linear, bias = fit_linear(matrix, labels, len(classes))
    arrays: Arrays = {
        "vocabulary": pack_strings(list(vectoriser.vocabulary)),
        "idf": vectoriser.idf,
        "weights": linear.astype(np.float16),
        "bias": bias,
        "labels": labels.astype(np.int16),
        "examples": pack_strings([text.replace("\n", " ") for text, _, _ in rows]),
        "fusion": learnt.fusion,
        "confidence": learnt.confidence,
        **postings(matrix),
        **language_arrays(corpus),
    }
    return arrays, {
        "classes": classes,
        "answer_from": learnt.answer_from,
        "offer_from": learnt.offer_from,
        "held_out": learnt.shares,
        "concepts": corpus.concepts,
        "intents": corpus.intents,
        "danger": corpus.danger,
    }


def main(arguments: list[str]) -> int:
    source, target = (Path(argument) for argument in arguments)
    arrays, meta = train(Corpus.from_json(source.read_text(encoding="utf-8")))
    save(target, arrays, meta)
    sys.stdout.write(f"{meta['held_out']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
