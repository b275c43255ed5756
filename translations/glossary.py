"""German office words and the everyday words for them, for checks of content and for machine translation.

The file is the starter; a hub that has loaded its content says with `use` which terms are live.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

GLOSSARY = Path(__file__).parent / "glossary.yaml"


@dataclass(frozen=True, slots=True)
class Term:
    """`de` as on letters; what stands in brackets there only tells two meanings apart."""

    de: str
    bg: str
    ro: str
    uk: str
    en: str

    @property
    def word(self) -> str:
        """'Kündigung' of 'Kündigung (Arbeit)'."""
        return self.de.partition(" (")[0]


_live: list[Sequence[Term]] = []
"""At most one: what `use` was told last."""


def glossary() -> Sequence[Term]:
    return _live[-1] if _live else _starter()


def use(terms: Iterable[Term]) -> None:
    """For the whole process: a hub and its machine share one glossary."""
    _live[:] = [tuple(sorted(terms, key=lambda term: term.de))]


@cache
def _starter() -> Sequence[Term]:
    return tuple(Term(**entry) for entry in yaml.safe_load(GLOSSARY.read_text(encoding="utf-8")))
