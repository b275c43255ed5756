"""Dialogues as content: one text is one dialogue on one channel in one language, with a fixed clock.

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
playing it. One that differs from what is played is an error; `--rewrite` writes files anew, and people review the change.
`node` begins in the middle of the flow; `retired: true` keeps a dialogue that is no longer played.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
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
from flows.load import Content, write_transcript
from flows.model import ANSWER_LANGUAGES, StoredTranscript
from flows.understand.corpus import CONTENT_DIR, read_yaml
from flows.understand.intents import IntentLists
from flows.understand.normalise import prepare
from translations.phrases import phrase
from translations.script import skeleton

LEAVES = {"human": "* a human", "menu": "* the menu", "stop": "* stop", "delete": "* delete", "language": "* language"}
"""What ends a flow from outside; the router sees to it."""


CHANNELS = ("telegram", "whatsapp-cloud", "whatsapp-twilio", "sms", "webchat")


class BadTranscript(ValueError):
    """A dialogue that can't be played; the message names it and the reason."""


@dataclass(frozen=True)
class Transcript:
    name: str
    flow: str
    language: str
    channel: str
    place: str
    today: date
    known: Mapping[str, Any]
    node: str | None
    retired: bool
    said: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Failure:
    """How a dialogue is no longer what it was. `played`: the whole as it is now, None where it can't be played."""

    name: str
    problem: str
    line: int = 0
    expected: str = ""
    actual: str = ""
    played: str | None = None

    @property
    def issue(self) -> Issue:
        return Issue("error", f"dialogue {self.name}", self.problem)


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


def read_transcript(stored: StoredTranscript) -> Transcript:
    """Raises BadTranscript."""
    head, _, body = stored.text.partition("\n\n")
    try:
        data = yaml.safe_load(head)
    except yaml.YAMLError as error:
        raise BadTranscript(f"{stored.name}: {error}") from None
    if not isinstance(data, dict) or not {"flow", "language", "channel", "today"} <= set(data):
        raise BadTranscript(f"{stored.name}: begins with flow, language, channel and today, then an empty line")
    if data["language"] not in ANSWER_LANGUAGES or data["channel"] not in CHANNELS:
        raise BadTranscript(f"{stored.name}: there are no dialogues in this language or on this channel")
    known = data.get("known") or {}
    if not isinstance(data["today"], date) or not isinstance(known, dict):
        raise BadTranscript(f"{stored.name}: 'today' is a day like 2026-11-22, 'known' a map of fields")
    return Transcript(
        name=stored.name,
        flow=str(data["flow"]),
        language=data["language"],
        channel=data["channel"],
        place=str(data.get("place") or ""),
        today=data["today"],
        known=known,
        node=data.get("node"),
        retired=bool(data.get("retired")),
        said=tuple(line[1:].strip() for line in body.splitlines() if line.startswith(">")),
        text=stored.text,
    )


def check_transcript(stored: StoredTranscript, library: Library, intents: IntentLists) -> Failure | None:
    """Play it; None where it says what stands there, or is retired."""
    try:
        transcript = read_transcript(stored)
        played = stored.text if transcript.retired else play(transcript, library, intents)
    except BadTranscript as error:
        return Failure(stored.name, str(error))
    except (NotSayable, engine.BrokenFlow) as error:
        return Failure(stored.name, f"can't be played: {error}")
    except (KeyError, RecursionError) as error:  # words, a flow or a file that is not there; flows that call each other
        return Failure(stored.name, f"can't be played: {error} is missing" if error.args else "can't be played")
    return None if played == stored.text else _difference(stored, played)


def with_lines(stored: StoredTranscript, said: Sequence[str]) -> StoredTranscript:
    """With other words of the person, not yet played."""
    lines = [f"> {' '.join(words.split())}" for words in said if words.strip()]
    return StoredTranscript(name=stored.name, text="\n".join([_head(stored), "", *lines]))


def with_retired(stored: StoredTranscript, retired: bool) -> StoredTranscript:
    head = [line for line in _head(stored).splitlines() if not line.startswith("retired:")]
    head += ["retired: true"] if retired else []
    _, _, body = stored.text.partition("\n\n")
    return StoredTranscript(name=stored.name, text="\n".join([*head, "", body]))


def check_transcripts(content: Content, folder: Path, *, rewrite: bool = False) -> list[Issue]:
    """Play every dialogue of a content folder; one that says something else than its file is an error, or is rewritten."""
    library = Library.from_data((kind, key, 1, data) for kind, key, data in content.pieces())
    own = folder / "intents.yaml"  # an exported folder has none
    intents = IntentLists(read_yaml(own if own.is_file() else CONTENT_DIR / own.name))
    issues: list[Issue] = []
    for stored in content.transcripts:
        failure = check_transcript(stored, library, intents)
        if failure is not None and failure.played is not None and rewrite:
            write_transcript(folder, StoredTranscript(name=stored.name, text=failure.played))
        elif failure is not None:
            issues.append(failure.issue)
    return issues


def _head(stored: StoredTranscript) -> str:
    return stored.text.partition("\n\n")[0]


def _difference(stored: StoredTranscript, played: str) -> Failure:
    pairs = zip_longest(stored.text.splitlines(), played.splitlines(), fillvalue="(nothing)")
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            problem = f"line {number} should be '{old.strip()}', but is '{new.strip()}'"
            return Failure(stored.name, problem, number, old.strip(), new.strip(), played)
    return Failure(stored.name, "differs in its line ends", played=played)


def play(transcript: Transcript, library: Library, intents: IntentLists) -> str:
    """The whole text as it is today. Raises BadTranscript, NotSayable, BrokenFlow, and KeyError where words are missing."""
    if transcript.flow not in library.flows:
        raise BadTranscript(f"{transcript.name}: there is no flow {transcript.flow}")
    version, flow = library.flows[transcript.flow]
    short = transcript.channel == "sms"
    world = World(library, transcript.language, transcript.channel, transcript.place, transcript.today, short)

    def reads(text: str) -> str | None:
        found = intents.read(prepare(text))
        return found.name if found else None

    playing = _Play(library, world, reads)
    playing.show(engine.start(flow, version, transcript.known, world, transcript.node))
    for said in transcript.said:
        try:
            playing.hear(said)
        except BadTranscript as error:
            raise BadTranscript(f"{transcript.name}: {error}") from None
    return "\n".join([transcript.text.partition("\n\n")[0], "", *playing.lines]).strip()


def _case_line(case: OpenCase) -> str:
    words = ["* case", case.reason]
    words += ["urgent"] if case.urgent else []
    words += [f"until {case.deadline}"] if case.deadline else []
    words += [f"team {case.team}"] if case.team else []
    return " ".join([*words, *case.needs])
