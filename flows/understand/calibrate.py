"""How far the trained scores may be trusted: fitted on calibration messages, which no score has seen.

Cross-validation over the examples would be too gloomy: they are written to be unlike each other, while people repeat themselves.
The calibration messages (`content/calibration`) are mixed as people send them, by authors who had not seen the examples.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from flows.understand.artefact import Arrays
from flows.understand.corpus import NONE
from flows.understand.danger import DangerScreen
from flows.understand.embed import Embedder
from flows.understand.features import Floats, Vector
from flows.understand.match import Matcher, evidence, fuse, logistic
from flows.understand.normalise import prepare
from flows.understand.signals import DEADLINE, KINDS, Reading, Thresholds
from translations.script import script_of

WRONG_ANSWERS = 0.015  # share of messages with a topic that may be answered with another one
STRANGERS_ANSWERED = 0.02  # share of messages without a topic that may be answered
STRANGERS_OFFERED = 0.2  # share of them that may be shown a menu
FALSE_LIFE = 0.022  # share of all other messages that may sound like danger to life …
FALSE_DEADLINE = 0.011  # … or like a deadline
FALSE_WISH = 0.012
FALSE_LISTED = 0.008  # share of all other messages that may be alarming because a list says so
_WEIGHTS, _MEANING = (4.0, 7.0), 5.0  # of linear scores and neighbours, of embeddings: where the search begins
_SURENESS_PENALTY = 0.3  # C of the two logistic regressions
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """A calibration message: `label` is a topic, NONE, a kind of danger, "deadline", "calm" or "intent.…"."""

    label: str
    vector: Vector
    lines: Floats
    listed: bool  # whether the danger lists find anything
    meaning: Floats | None


def _samples(
    calibration: Mapping[str, Mapping[str, Sequence[str]]], matcher: Matcher, danger: Any, embedder: Embedder | None
) -> Iterator[Sample]:
    screen = DangerScreen(danger)
    for labelled in calibration.values():
        for label, texts in labelled.items():
            meanings = embedder.embed(texts) if embedder else [None] * len(texts)
            for text, meaning in zip(texts, meanings, strict=True):
                prepared = prepare(text)
                alarm = screen.screen(prepared.text, script_of(text))
                vector = matcher.vectoriser.vector(prepared)
                yield Sample(label, vector, matcher.lines(vector), alarm.urgent, meaning)


def calibrate(
    arrays: Arrays,
    meta: dict[str, Any],
    calibration: Mapping[str, Mapping[str, Sequence[str]]],
    embedder: Embedder | None = None,
) -> tuple[Arrays, dict[str, Any]]:
    """The artefact's arrays and JSON with fusion, sureness, bands and thresholds; "calibrated" tells how that went."""
    start = np.array([*_WEIGHTS, *([_MEANING] if embedder else []), 0.0], dtype=np.float32)
    raw: Arrays = {**arrays, "fusion": start, "sureness": np.zeros((2, 16), dtype=np.float32)}
    matcher = Matcher(raw, meta)
    found = list(_samples(calibration, matcher, meta["danger"], embedder))
    sureness, bands = _calibrate_topics(matcher, [s for s in found if s.label in matcher.classes or s.label == "calm"])
    thresholds, shares = _calibrate_signals(found, [matcher.reading(sample.lines) for sample in found])
    bands["calibrated"] |= shares
    arrays = {**raw, "fusion": matcher.fusion, "sureness": sureness}
    return arrays, {**meta, **bands, "thresholds": asdict(thresholds)}


def _calibrate_topics(matcher: Matcher, found: list[Sample]) -> tuple[Floats, dict[str, Any]]:
    """Weights of the two logistic regressions behind a `Match`, and the bands."""
    labels = np.array([matcher.classes.index(s.label if s.label != "calm" else NONE) for s in found], dtype=np.int64)
    scores = [matcher.scores(sample.vector, sample.lines, sample.meaning) for sample in found]
    parts = [np.array(rows, dtype=np.float32) for rows in zip(*(each.parts for each in scores), strict=True)]
    matcher.fusion = fit_fusion(parts, matcher.fusion, labels)
    chances = fuse(parts, matcher.fusion)
    inputs = np.array(
        [evidence(c, s, sample.vector) for c, s, sample in zip(chances, scores, found, strict=True)], dtype=np.float32
    )
    stranger = labels == len(matcher.classes) - 1
    right = chances[:, :-1].argmax(axis=1) == labels
    sureness = np.array([_logistic_weights(inputs, stranger), _logistic_weights(inputs[~stranger], right[~stranger])])
    strange = np.array([logistic(row, sureness[0]) for row in inputs])
    sure = np.array([(1 - s) * logistic(row, sureness[1]) for s, row in zip(strange, inputs, strict=True)])
    return sureness, choose_bands(strange, sure, right, stranger)


def fit_fusion(parts: Sequence[Floats], start: Floats, labels: NDArray[np.int64]) -> Floats:
    """The weights of `match.fuse` that make the labels most likely."""

    def loss(weights: NDArray[np.float64]) -> float:
        chances = fuse(parts, weights.astype(np.float32))
        return float(-np.log(chances[np.arange(len(labels)), labels] + 1e-9).mean())

    found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 400})
    return np.asarray(found.x, dtype=np.float32)


def _logistic_weights(inputs: Floats, wanted: Truths) -> Floats:
    """Weights for `match.logistic` (the intercept last), fitted on standardised inputs."""
    if wanted.all() or not wanted.any():
        return np.append(np.zeros(inputs.shape[1]), 4.0 if wanted.all() else -4.0).astype(np.float32)
    scaler = StandardScaler().fit(inputs)
    model = LogisticRegression(C=_SURENESS_PENALTY, max_iter=1000).fit(scaler.transform(inputs), wanted)
    weights = model.coef_[0] / scaler.scale_
    return np.append(weights, model.intercept_[0] - float(weights @ scaler.mean_)).astype(np.float32)


def choose_bands(strange: Floats, sure: Floats, right: Truths, stranger: Truths) -> dict[str, Any]:
    """From which confidence to answer (if no stranger) and to offer: as many right answers as the limits allow."""

    def shares(answered: Truths) -> tuple[float, float, float]:
        return _share(answered & right, ~stranger), _share(answered & ~right, ~stranger), _share(answered, stranger)

    best, chosen = -1.0, (1.0, 0.0)
    for confidence in np.arange(0.2, 0.99, 0.01):
        for strangeness in np.arange(0.02, 0.6, 0.01):
            good, wrong, strangers = shares((sure >= confidence) & (strange <= strangeness))
            if wrong <= WRONG_ANSWERS and strangers <= STRANGERS_ANSWERED and good > best:
                best, chosen = good, (float(confidence), float(strangeness))
    answered = (sure >= chosen[0]) & (strange <= chosen[1])
    offer = next(
        (float(t) for t in np.arange(0.02, 0.99, 0.01) if _share(sure >= t, stranger) <= STRANGERS_OFFERED), chosen[0]
    )
    good, wrong, strangers = shares(answered)
    return {
        "answer_from": chosen[0],
        "answer_strange": chosen[1],
        "offer_from": min(offer, chosen[0]),
        "calibrated": {
            "messages": float(len(sure)),
            "first_guess": _share(right, ~stranger),
            "answered_right": good,
            "answered_wrong": wrong,
            "offered": _share((sure >= offer) & ~answered, ~stranger),
            "strangers_answered": strangers,
        },
    }


def _calibrate_signals(found: list[Sample], readings: list[Reading]) -> tuple[Thresholds, dict[str, float]]:
    """Thresholds as low as the allowed shares of false alarms permit."""
    labels = np.array([sample.label for sample in found])
    urgent = np.isin(labels, KINDS)
    kinds = [dict(reading.kinds) for reading in readings]
    life = np.array([max(score for kind, score in each.items() if kind != DEADLINE) for each in kinds])
    due = np.array([each[DEADLINE] for each in kinds])
    wish = np.array([reading.wishes[0][1] for reading in readings])
    listed = np.array([sample.listed for sample in found])
    thresholds = Thresholds(
        life=_lowest(life, ~urgent, FALSE_LIFE),
        deadline=_lowest(due, ~urgent, FALSE_DEADLINE),
        wish=_lowest(wish, np.array([not label.startswith("intent.") for label in labels]), FALSE_WISH),
        listed=_lowest(np.where(listed, np.maximum(life, due), -np.inf), ~urgent, FALSE_LISTED),
    )
    alarmed = (life >= thresholds.life) | (due >= thresholds.deadline)
    alarmed |= listed & (np.maximum(life, due) >= thresholds.listed)
    wished = [
        r.wish(thresholds) == label.removeprefix("intent.")
        for r, label in zip(readings, labels, strict=True)
        if label.startswith("intent.")
    ]
    return thresholds, {
        "urgent": _share(alarmed, urgent),
        "false_alarms": _share(alarmed, ~urgent),
        "wishes": sum(wished) / max(1, len(wished)),
    }


def _lowest(scores: Floats, others: Truths, allowed: float) -> float:
    """The lowest threshold that at most the allowed share of the others reach."""
    ordered = np.sort(scores[others])[::-1]
    reached = float(ordered[int(allowed * len(ordered))]) if len(ordered) else 0.0
    return reached + 1e-6 if np.isfinite(reached) else float(scores[np.isfinite(scores)].min(initial=0.0))


def _share(what: Truths, among: Truths) -> float:
    return float(what[among].mean()) if among.any() else 0.0
