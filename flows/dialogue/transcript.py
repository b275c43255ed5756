"""Dialogues on disk: one file is one dialogue on one channel in one language, with a fixed clock.

    flow: dismissal
    language: ro
    channel: sms
    place: weissenfels
    today: 2026-11-22
    known: {child_ages: [4, 9]}

    > azi
    < …what the hub says, as it says it today
      [1] Da

Lines that begin with `>` are the person's (words, a number, `[2]` for the second button, `(photo)`); all others are made by
playing it. A file that differs from what is played is an error; `--rewrite` writes it anew, and people review the change.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from flows.dialogue import engine
from flows.dialogue.effects import (
    Begin,
    Effect,
    Ended,
    Learn,
    MakeLetter,
    OpenCase,
    Phrase,
    Pick,
    Say,
    SayAnswer,
    SayServices,
)
from flows.dialogue.reading import means
from flows.dialogue.world import Given, World
from flows.findings import Issue
from flows.library import Library, NotSayable
from flows.load import Content
from flows.understand.corpus import read_yaml
from flows.understand.intents import IntentLists
from flows.understand.normalise import prepare
from translations.phrases import phrase
from translations.script import skeleton

LEAVES = {"human": "* a human", "menu": "* the menu", "stop": "* stop", "delete": "* delete", "language": "* language"}
"""What ends a flow from outside; the router sees to it."""


class BadTranscript(ValueError):
    """A file that can't be played; the message names file and line."""


@dataclass(frozen=True)
class Transcript:
    name: str
    head: dict[str, Any]
    said: tuple[str, ...]
    text: str


@dataclass
class _Play:
    """A conversation that goes on: where it stands and what numbers mean."""

    library: Library
    world: World
    reads: Callable[[str], str | None]
    lines: list[str] = field(default_factory=list)
    state: engine.State | None = None
    picks: tuple[Pick, ...] = ()

    def show(self, step: engine.Step) -> None:
        self.state = step.state
        for effect in step.effects:
            self._show(effect)

    def _show(self, effect: Effect) -> None:
        match effect:
            case Say(text, picks, files):
                self._speak(text)
                self.lines += [f"  [{at}] {pick.label}" for at, pick in enumerate(picks, 1)]
                self.lines += [f"  ({name})" for name in files]
                self.picks = picks
            case Phrase(key):
                self._speak(phrase(key, self.world.language))
            case SayAnswer(topic):
                self.lines.append(f"* answer {topic}")
            case SayServices(topic):
                self.lines.append(f"* who helps with {topic}")
            case OpenCase():
                self.lines.append(_case_line(effect))
            case Learn(key, value):
                if key == "place":
                    self.world = replace(self.world, place=value if value in self.library.places else "")
                self.lines.append(f"* learned {key}: {json.dumps(value, ensure_ascii=False)}")
            case MakeLetter(letter):
                self.lines.append(f"* letter {letter}")
            case Begin(flow, node, fields):
                version, other = self.library.flows[flow]
                self.show(engine.start(other, version, fields, self.world, node))
            case Ended(topics):
                self.lines.append(" ".join(["* end", *topics]))

    def _speak(self, text: str) -> None:
        self.lines += [f"{'<' if at == 0 else ' '} {line}".rstrip() for at, line in enumerate(text.splitlines())]

    def hear(self, said: str) -> None:
        self.lines += ["", f"> {said}"]
        given = self._given(said)
        leaves = "human" if given.text == "0" else self.reads(given.text)
        if given.button is None and leaves in LEAVES and not means("back", given.text):
            self.lines.append(LEAVES[leaves])
            self.state = None
            return
        kind, _, what = (given.button or "").partition(":")
        if kind == "topic":
            self.state = None
            self.lines.append(f"* answer {what}")
            return
        if kind == "human":
            self.lines.append(LEAVES["human"])
            return
        if kind == "flow":
            self._show(Begin(what))
            return
        if self.state is None:
            raise BadTranscript(f"'{said}' is said after the end")
        _, flow = self.library.flows[self.state.flow]
        step = engine.step(flow, self.state, given, self.world)
        self.show(step if step.understood else engine.again(flow, self.state, step.problem, self.world))

    def _given(self, said: str) -> Given:
        if kind := re.fullmatch(r"\((\w+)\)", said):
            return Given(kind=kind[1])
        number = re.fullmatch(r"\[(\d+)\]|(\d+)", said)
        at = int(number[1] or number[2]) if number else 0
        if number and 1 <= at <= len(self.picks):
            return Given(text="" if number[1] else said, button=self.picks[at - 1].id)
        if number and number[1]:
            raise BadTranscript(f"there is no button {said}")
        wanted = skeleton(said).split()
        pressed = next((p.id for p in self.picks if wanted and skeleton(p.label).split() == wanted), None)
        reads = self.reads(said)
        return Given(text=said, button=pressed, says=reads if reads in ("yes", "no") else None)


def read_transcripts(folder: Path) -> Iterator[Transcript]:
    """All files of a folder. Raises BadTranscript."""
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        head, _, body = text.partition("\n\n")
        try:
            data = yaml.safe_load(head)
        except yaml.YAMLError as error:
            raise BadTranscript(f"{path.name}: {error}") from None
        if not isinstance(data, dict) or not {"flow", "language", "channel", "today"} <= set(data):
            raise BadTranscript(f"{path.name}: begins with flow, language, channel and today, then an empty line")
        said = tuple(line[1:].strip() for line in body.splitlines() if line.startswith(">"))
        yield Transcript(path.stem, data, said, text)


def check_transcripts(content: Content, folder: Path, *, rewrite: bool = False) -> list[Issue]:
    """Play every dialogue of a content folder; one that says something else than its file is an error, or is rewritten."""
    library = Library.from_data((kind, key, 1, data) for kind, key, data in content.pieces())
    intents = IntentLists(read_yaml(folder / "intents.yaml"))
    issues: list[Issue] = []
    names = folder / "transcripts"
    try:
        for transcript in read_transcripts(names):
            played = play(transcript, library, intents)
            if played != transcript.text and rewrite:
                (names / f"{transcript.name}.txt").write_text(played, encoding="utf-8")
            elif played != transcript.text:
                issues.append(Issue("error", f"dialogue {transcript.name}", _first_difference(transcript.text, played)))
    except (BadTranscript, NotSayable, engine.BrokenFlow) as error:
        issues.append(Issue("error", "dialogues", str(error)))
    return issues


def _first_difference(expected: str, played: str) -> str:
    pairs = zip_longest(expected.splitlines(), played.splitlines(), fillvalue="(nothing)")
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return f"line {number} should be '{old.strip()}', but is '{new.strip()}'"
    return "differs in its line ends"


def play(transcript: Transcript, library: Library, intents: IntentLists) -> str:
    """The whole file as it is today. Raises BadTranscript, NotSayable, BrokenFlow."""
    head = transcript.head
    if head["flow"] not in library.flows:
        raise BadTranscript(f"{transcript.name}: there is no flow {head['flow']}")
    version, flow = library.flows[head["flow"]]
    today = head["today"] if isinstance(head["today"], date) else date.fromisoformat(head["today"])
    short = head["channel"] == "sms"
    world = World(library, head["language"], head["channel"], head.get("place", ""), today, short)

    def reads(text: str) -> str | None:
        found = intents.read(prepare(text))
        return found.name if found else None

    playing = _Play(library, world, reads)
    playing.show(engine.start(flow, version, head.get("known") or {}, world))
    for said in transcript.said:
        try:
            playing.hear(said)
        except BadTranscript as error:
            raise BadTranscript(f"{transcript.name}: {error}") from None
    opening = transcript.text.partition("\n\n")[0]
    return "\n".join([opening, "", *playing.lines]) + "\n"


def _case_line(case: OpenCase) -> str:
    words = ["* case", case.reason]
    words += ["urgent"] if case.urgent else []
    words += [f"until {case.deadline}"] if case.deadline else []
    words += [f"team {case.team}"] if case.team else []
    return " ".join([*words, *case.needs])
