"""Builds the artefact from a corpus: `python -m flows.understand.train corpus.json out.npz [encoder folder]`, a subprocess.

Only this module and `calibrate` import scikit-learn.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.svm import LinearSVC

from flows.understand.artefact import Arrays, pack_strings, save
from flows.understand.calibrate import calibrate
from flows.understand.corpus import NONE, Corpus
from flows.understand.embed import Embedder
from flows.understand.features import Floats, Vector, Vectoriser
from flows.understand.normalise import grams, prepare
from flows.understand.signals import KINDS, WISHES
from translations.identify import LANGUAGES, LanguageModel

PROCESSES = 2  # columns fitted at once: the smallest server has two cores
PENALTY = 2.0  # LinearSVC's C for topics: the flattest part of the curve
SIGNAL_PENALTY = 1.0
SIGNAL_WEIGHT = 1.5  # of a signal's message: there are twenty others for each
_FEW = 4000  # messages, under which starting processes takes longer than fitting
_MIN_COUNT = 2  # a feature seen in one message only teaches nothing
_COMMON = 0.02  # features in more than this share of messages leave the postings: they cost five times the time, and say nothing

Labels = NDArray[np.int64]


def build_vectoriser(texts: list[str]) -> Vectoriser:
    """The vocabulary of features in at least two messages, with their inverse document frequency."""
    counts: dict[str, int] = {}
    for text in texts:
        for name in set(grams(prepare(text).words)):
            counts[name] = counts.get(name, 0) + 1
    vocabulary = sorted(name for name, count in counts.items() if count >= _MIN_COUNT)
    idf = np.array([1 + np.log((1 + len(texts)) / (1 + counts[name])) for name in vocabulary], dtype=np.float32)
    return Vectoriser(vocabulary, idf)


def to_matrix(vectors: list[Vector], width: int) -> sparse.csr_matrix:
    starts = np.cumsum([0] + [len(vector.rows) for vector in vectors])
    columns = np.concatenate([vector.rows for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    return sparse.csr_matrix((values, columns, starts), shape=(len(vectors), width), dtype=np.float32)


class _Worker:
    """What a fitting process holds: sent once, because the matrix is far larger than a column's labels."""

    matrix: sparse.csr_matrix
    penalty: float
    weight: float


def _begin(matrix: sparse.csr_matrix, penalty: float, weight: float) -> None:
    _Worker.matrix, _Worker.penalty, _Worker.weight = matrix, penalty, weight


def _fit_column(wanted: NDArray[np.bool_]) -> tuple[Floats, float]:
    """(weights, bias) of a linear support vector machine that tells the wanted messages from the others."""
    if not wanted.any():
        return np.zeros(_Worker.matrix.shape[1], dtype=np.float32), -1.0  # nothing to learn from: never chosen
    weights = {True: _Worker.weight, False: 1.0}
    model = LinearSVC(C=_Worker.penalty, random_state=0, tol=1e-3, class_weight=weights)
    model.fit(_Worker.matrix, wanted)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def fit_columns(
    matrix: sparse.csr_matrix, wanted: list[NDArray[np.bool_]], *, penalty: float, weight: float = 1.0
) -> tuple[Floats, Floats]:
    """(features x columns weights, biases): one-against-rest scores, fitted in processes.

    Threads would share liblinear's random numbers, and the same content would give another artefact.
    """
    if matrix.shape[0] < _FEW:
        _begin(matrix, penalty, weight)
        fitted = [_fit_column(each) for each in wanted]
    else:
        context = get_context("spawn")
        with ProcessPoolExecutor(PROCESSES, context, _begin, (matrix, penalty, weight)) as processes:
            fitted = list(processes.map(_fit_column, wanted))
    return np.array([w for w, _ in fitted], dtype=np.float32).T, np.array([b for _, b in fitted], dtype=np.float32)


def signal_columns(kinds: list[str]) -> list[NDArray[np.bool_]]:
    """In the order that `signals.Reading.of` takes: the kinds, anything urgent, the wishes."""
    names = np.array(kinds)
    return [
        *(names == kind for kind in KINDS),
        np.isin(names, KINDS),
        *(names == f"intent.{wish}" for wish in WISHES),
    ]


def postings(matrix: sparse.csr_matrix) -> Arrays:
    """Examples by feature, without the commonest features."""
    columns = matrix.tocsc()
    counts = np.diff(columns.indptr)
    common = counts > _COMMON * matrix.shape[0]
    keep = ~np.repeat(common, counts)
    starts = np.concatenate(([0], np.cumsum(np.where(common, 0, counts))))
    return {
        "posting_starts": starts.astype(np.int32),
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


def centres(embedder: Embedder, texts: list[str], labels: Labels, classes: int) -> Arrays:
    """Each class's mean embedding, of length 1."""
    meanings = embedder.embed(texts)
    found = np.array([meanings[labels == at].mean(axis=0) for at in range(classes)], dtype=np.float32)
    return {"centres": found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)}


def train(corpus: Corpus, embedder: Embedder | None = None) -> tuple[Arrays, dict[str, object]]:
    """All arrays and the JSON of an artefact; deterministic for the same corpus."""
    rows, signals = corpus.rows(), corpus.signal_rows()
    classes = [*sorted(corpus.examples), NONE]
    texts = sorted({text for text, _, _ in rows} | {text for text, _ in signals})
    vectoriser = build_vectoriser(texts)
    place = {text: at for at, text in enumerate(texts)}
    matrix = to_matrix([vectoriser.vector(prepare(text)) for text in texts], len(vectoriser.vocabulary))
    topical = matrix[[place[text] for text, _, _ in rows]]
    labels = np.array([classes.index(topic) for _, topic, _ in rows], dtype=np.int64)
    topic_weights, topic_bias = fit_columns(topical, [labels == at for at in range(len(classes))], penalty=PENALTY)
    signal_weights, signal_bias = fit_columns(
        matrix[[place[text] for text, _ in signals]],
        signal_columns([kind for _, kind in signals]),
        penalty=SIGNAL_PENALTY,
        weight=SIGNAL_WEIGHT,
    )
    arrays: Arrays = {
        "vocabulary": pack_strings(list(vectoriser.vocabulary)),
        "idf": vectoriser.idf,
        "weights": np.hstack([topic_weights, signal_weights]).astype(np.float16),
        "bias": np.append(topic_bias, signal_bias),
        "labels": labels.astype(np.int16),
        "examples": pack_strings([text.replace("\n", " ") for text, _, _ in rows]),
        **postings(topical),
        **language_arrays(corpus),
        **(centres(embedder, [text for text, _, _ in rows], labels, len(classes)) if embedder else {}),
    }
    meta: dict[str, object] = {"classes": classes, "intents": corpus.intents, "danger": corpus.danger}
    return calibrate(arrays, meta, corpus.calibration, embedder)


def main(arguments: list[str]) -> int:
    source, target, *encoder = (Path(argument) for argument in arguments)
    embedder = Embedder(encoder[0]) if encoder else None
    arrays, meta = train(Corpus.from_json(source.read_text(encoding="utf-8")), embedder)
    save(target, arrays, meta)
    sys.stdout.write(f"{meta['calibrated']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
