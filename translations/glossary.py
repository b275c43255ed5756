"""German office words and the everyday words for them: for checks of content, later for machine translation."""

from collections.abc import Sequence
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


@cache
def glossary() -> Sequence[Term]:
    return tuple(Term(**entry) for entry in yaml.safe_load(GLOSSARY.read_text(encoding="utf-8")))
