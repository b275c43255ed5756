"""Reads the development set and scores an `Understander` on it, per language and kind of message."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.understand import Understander, Understanding

DEV_SETS = Path(__file__).parent / "dev"
STEPS = 10  # of the calibration curve


@dataclass(frozen=True)
class Case:
    language: str
    kind: str
    text: str
    topics: tuple[str, ...]
    intent: str | None
    danger: str | None
    deadline: bool

    @property
    def stranger(self) -> bool:
        return not (self.topics or self.intent or self.danger or self.deadline)


@dataclass
class Tally:
    """Shares of right outcomes; `values` holds one 0 or 1 per message that counts for the measure."""

    values: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def share(self, name: str) -> float:
        found = self.values[name]
        return sum(found) / len(found) if found else float("nan")


@dataclass
class Report:
    """`tallies`: by language, by kind and for "all"; `sure`: (confidence, whether the first guess was right)."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    mistakes: list[str] = field(default_factory=list)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # milliseconds a message


def read_cases(folder: Path = DEV_SETS) -> Iterator[Case]:
    """Lines `language | label | kind | message`; labels are described in the folder's README."""
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            language, label, kind, text = (part.strip() for part in line.split("|", 3))
            names = label.split("+")
            yield Case(
                language=language,
                kind=kind,
                text=text,
                topics=tuple(name for name in names if "." in name),
                intent=next((n.removeprefix("intent:") for n in names if n.startswith("intent:")), None),
                danger=next((n.removeprefix("danger:") for n in names if n.startswith("danger:")), None),
                deadline="deadline" in names,
            )


def measure(understander: Understander, cases: list[Case]) -> Report:
    report = Report()
    for case in cases:
        began = time.perf_counter()
        read = understander.understand(case.text)
        report.times.append((time.perf_counter() - began) * 1000)
        for name, right in _outcomes(case, read).items():
            for group in (case.language, case.kind, "all"):
                report.tallies[group].values[name].append(right)
            if not right:
                named = " ".join(f"{c.topic}:{c.score:.2f}" for c in read.candidates)
                told = [*read.danger, *(["deadline"] if read.deadline else [])]
                report.mistakes.append(
                    f"{name} | {case.language} | {case.kind} | {'+'.join(case.topics) or case.intent or case.danger} | "
                    f"{case.text} -> {read.language} {read.decision} {read.intent} {named} {told}"
                )
        if case.topics:
            best = read.candidates[0].topic
            report.sure.append((read.confidence, best in case.topics))
            if best not in case.topics:
                report.confused[(case.topics[0], best)] += 1
    return report


def _outcomes(case: Case, read: Understanding) -> dict[str, bool]:
    """Each measure that this message counts for, and whether it came out right."""
    found: dict[str, bool] = {}
    if len(case.text.split()) > 1:
        found["language"] = read.language == case.language
    if case.topics and case.kind != "crisis":
        names = [candidate.topic for candidate in read.candidates]
        answered = read.decision == "answer"
        found["topic"] = names[0] in case.topics
        found["top3"] = any(topic in names for topic in case.topics)
        found["answered_right"] = answered and read.topics[0] in case.topics
        found["not_answered_wrong"] = not (answered and read.topics[0] not in case.topics)
    if len(case.topics) > 1 and case.kind == "two":
        found["both_needs"] = set(case.topics) <= {*read.topics, *(c.topic for c in read.candidates)}
    if case.stranger:
        found["stranger_not_answered"] = read.decision != "answer"
    if case.intent:
        found["intent"] = read.intent == case.intent
    if case.danger or case.deadline:
        found["urgent"] = (
            read.urgent and (not case.deadline or read.deadline) and (not case.danger or case.danger in read.danger)
        )
        found["alerted"] = read.urgent
    else:
        found["no_false_alarm"] = not read.urgent
    return found


def calibration(report: Report) -> list[tuple[float, float, int]]:
    """(mean confidence, share of right first guesses, messages) of each tenth of the messages, the least sure first."""
    ordered = sorted(report.sure)
    size = max(1, len(ordered) // STEPS)
    groups = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    return [(sum(c for c, _ in g) / len(g), sum(r for _, r in g) / len(g), len(g)) for g in groups if g]
