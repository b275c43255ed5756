"""What a check found: which piece of content, in which language, and why."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "gap"]
"""error: must not go live; warning: somebody should look; gap: the coordinator must find it out."""


@dataclass(frozen=True, slots=True)
class Issue:
    severity: Severity
    where: str
    text: str
    language: str | None = None
