"""Danger, deadlines and wishes recognised by what was learnt from examples, beside the lists that people keep.

One linear score per kind over the same features as the topics; `calibrate` sets the thresholds. Danger and deadlines share a
score of "anything urgent", because they look more like each other than like everyday life.
"""

from dataclasses import dataclass

import numpy as np

from flows.understand.features import Floats

CATEGORIES = ("violence", "self_harm", "child", "medical", "shelter", "exploitation")
DEADLINE = "deadline"
KINDS = (*CATEGORIES, DEADLINE)
WISHES = ("greeting", "thanks", "human", "stop", "menu", "language", "about", "delete")
_PLAIN = 0.0  # score that a learnt wish to stop must reach: what an example of its own scores
_ALSO = 0.5  # under the strongest kind's score: how near another kind must come to be named as well


@dataclass(frozen=True)
class Thresholds:
    """Scores from which a danger (`life`), a deadline or a wish is believed; from `listed` the lists are asked as well."""

    life: float
    deadline: float
    wish: float
    listed: float


@dataclass(frozen=True)
class Reading:
    """`kinds` and `wishes`: scores by name, the strongest first. A kind's score includes that of "anything urgent"."""

    kinds: tuple[tuple[str, float], ...]
    wishes: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, scores: Floats) -> "Reading":
        """`scores`: one of each kind, of "anything urgent", of each wish, as training puts them."""
        kinds = scores[: len(KINDS)] + scores[len(KINDS)]
        return cls(_ranked(KINDS, kinds), _ranked(WISHES, scores[len(KINDS) + 1 :]))

    def alarms(self, thresholds: Thresholds) -> list[str]:
        """The kinds to warn of, the likeliest first; another one that is nearly as likely is named too."""
        needed = {kind: thresholds.deadline if kind == DEADLINE else thresholds.life for kind in KINDS}
        best = next((score for kind, score in self.kinds if score >= needed[kind]), None)
        return [] if best is None else [kind for kind, score in self.kinds if score >= best - _ALSO]

    def wish(self, thresholds: Thresholds) -> str | None:
        """The likeliest wish. Who is taken for leaving by mistake hears nothing more: that needs a plain word."""
        name, score = self.wishes[0]
        return name if score >= (_PLAIN if name == "stop" else thresholds.wish) else None


def _ranked(names: tuple[str, ...], scores: Floats) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-scores, kind="stable")
    return tuple((names[i], float(scores[i])) for i in order)
