"""Reads the development set and scores an `Understander` on it, per language."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.understand import Understander, Understanding

DEV_SET = Path(__file__).parent / "dev.txt"


@dataclass(frozen=True)
class Case:
    language: str
    text: str
    topic: str | None
    intent: str | None
    danger: str | None
    deadline: bool

    @property
    def stranger(self) -> bool:
        return not (self.topic or self.intent or self.danger or self.deadline)


@dataclass
class Tally:
    """Shares of right outcomes; `values` holds one 0 or 1 per message that counts for the measure."""

    values: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    mistakes: list[str] = field(default_factory=list)

    def share(self, name: str) -> float:
        found = self.values[name]
        return sum(found) / len(found) if found else float("nan")


def read_cases(path: Path = DEV_SET) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        language, label, text = (part.strip() for part in line.split("|", 2))
        kinds = label.split("+")
        yield Case(
            language=language,
            text=text,
            topic=next((k for k in kinds if "." in k), None),
            intent=next((k.removeprefix("intent:") for k in kinds if k.startswith("intent:")), None),
            danger=next((k.removeprefix("danger:") for k in kinds if k.startswith("danger:")), None),
            deadline="deadline" in kinds,
        )


def measure(understander: Understander, cases: list[Case]) -> tuple[dict[str, Tally], list[float]]:
    """Tallies per language and for "all", and the milliseconds of each message."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    times: list[float] = []
    for case in cases:
        began = time.perf_counter()
        read = understander.understand(case.text)
        times.append((time.perf_counter() - began) * 1000)
        for tally in (tallies[case.language], tallies["all"]):
            _count(tally, case, read)
    return tallies, times


def _count(tally: Tally, case: Case, read: Understanding) -> None:
    def count(name: str, right: bool) -> None:
        tally.values[name].append(right)
        if not right:
            named = [c.topic for c in read.candidates]
            tally.mistakes.append(
                f"{name}: {case.text} -> {read.language} {read.decision} {read.intent} {named} {read.danger}"
            )

    if len(case.text.split()) > 1:
        count("language", read.language == case.language)
    if case.topic:
        names = [candidate.topic for candidate in read.candidates]
        count("topic", names[0] == case.topic)
        count("top3", case.topic in names)
        tally.values["answered_right"].append(read.decision == "answer" and case.topic in read.topics)
        count("not_answered_wrong", not (read.decision == "answer" and case.topic not in read.topics))
    if case.stranger:
        count("stranger_not_answered", read.decision != "answer")
    if case.intent:
        count("intent", read.intent == case.intent)
    if case.danger or case.deadline:
        kind = read.deadline if case.deadline else case.danger in read.danger
        count("urgent", read.urgent and kind)
    else:
        count("no_false_alarm", not read.urgent)
