"""All published content at one moment, and what of it may be said: by topic, language, place and date."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flows.dialogue.graph import Flow, FlowField, LetterTemplate
from flows.examples import Examples
from flows.model import (
    PLACEHOLDER,
    Answer,
    ContentFile,
    Entry,
    Figure,
    FigureValue,
    LocalAnswer,
    MessageTemplate,
    Place,
    Service,
    Strict,
)
from translations.script import skeleton

NO_BREAK_SPACE = "\u00a0"

MODELS: Mapping[str, type[Strict]] = {
    "entry": Entry,
    "figure": Figure,
    "place": Place,
    "service": Service,
    "template": MessageTemplate,
    "flow": Flow,
    "field": FlowField,
    "letter": LetterTemplate,
    "file": ContentFile,
    "examples": Examples,
}
"""The kinds of content, as they are stored; in the order of the Library's fields."""
PINNED = frozenset({"entry", "flow"})
"""Kinds whose version matters to those who use them."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer ready to be sent, and where its words come from."""

    topic: str
    version: int
    language: str
    messages: tuple[str, ...]
    sms: str
    next: tuple[str, ...]
    draft: bool  # nobody of the town has approved these words yet
    audio: str = ""  # the name of the file in which these words are read aloud


class NotSayable(Exception):
    """There is no valid text: `reason` is `no_entry`, `no_language`, `not_valid` or `no_figure`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, eq=False)  # by identity: what was found out about one can be remembered
class Library:
    entries: Mapping[str, tuple[int, Entry]]  # topic -> version, entry
    figures: Mapping[str, Figure]
    places: Mapping[str, Place]
    services: Mapping[str, Service]
    templates: Mapping[str, MessageTemplate]
    flows: Mapping[str, tuple[int, Flow]]  # slug -> version, flow
    fields: Mapping[str, FlowField]
    letters: Mapping[str, LetterTemplate]
    files: Mapping[str, ContentFile]
    examples: Mapping[str, Examples]

    @classmethod
    def empty(cls) -> "Library":
        return cls(*({} for _ in MODELS))

    @classmethod
    def from_data(cls, rows: Iterable[tuple[str, str, int, Mapping[str, Any]]]) -> "Library":
        """From stored rows of (kind, key, version, data). Raises pydantic's ValidationError on damaged data."""
        return cls.of(
            (kind, key, version, MODELS[kind].model_validate(data))
            for kind, key, version, data in rows
            if kind in MODELS
        )

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, str, int, Strict]]) -> "Library":
        """From (kind, key, version, piece)."""
        found: dict[str, dict[str, Any]] = {kind: {} for kind in MODELS}
        for kind, key, version, piece in pieces:
            found[kind][key] = (version, piece) if kind in PINNED else piece
        return cls(*(found[kind] for kind in MODELS))

    def chain(self, place: str) -> list[str]:
        """The place and those it lies in, nearest first."""
        found: list[str] = []
        while (here := self.places.get(place)) is not None and place not in found:
            found.append(place)
            place = here.parent or ""
        return found

    def label(self, topic: str, language: str) -> str | None:
        """The topic's words for a button, or None where there is no entry in that language."""
        entry = self.entries.get(topic)
        answer = entry[1].answers.get(language) if entry else None  # type: ignore[call-overload]
        return answer.label if answer else None

    @cached_property
    def _flow_words(self) -> Mapping[str, str]:
        """Skeletons of the whole messages that start a flow -> its slug."""
        return {
            skeleton(word): slug
            for slug, (_, flow) in self.flows.items()
            for words in flow.words.values()
            for word in words
        }

    def flow_started_by(self, text: str) -> str | None:
        """The flow that this message starts, such as 'my list'."""
        return self._flow_words.get(skeleton(text))

    @property
    def served(self) -> dict[str, Place]:
        """The places that people are offered to choose from."""
        return {slug: place for slug, place in self.places.items() if place.served}

    def flow_for(self, topic: str) -> Flow | None:
        """The flow that leads people on from this topic's answer."""
        return next((flow for _, flow in self.flows.values() if topic in flow.topics), None)

    def say(self, topic: str, language: str, place: str, on: date) -> Said:
        """The words for a topic on a day. Raises NotSayable: the question then goes to a human."""
        if topic not in self.entries:
            raise NotSayable("no_entry")
        version, entry = self.entries[topic]
        if (entry.valid_from and on < entry.valid_from) or (entry.valid_until and on > entry.valid_until):
            raise NotSayable("not_valid")
        answer = entry.answers.get(language)  # type: ignore[call-overload]
        if answer is None:
            raise NotSayable("no_language")
        messages, sms, approved = self._for_place(entry, answer, language, place)
        return Said(
            topic=topic,
            version=version,
            language=language,
            messages=tuple(self.fill(text, language, on) for text in messages),
            sms=self.fill(sms, language, on),
            next=tuple(slug for slug in entry.next if self.label(slug, language)),
            draft=not approved,
            audio=self._audio(entry, language, place),
        )

    def local(self, topic: str, language: str, place: str, on: date) -> tuple[str, ...]:
        """Only what is said about a topic in one place beyond (or in the stead of) the general words."""
        found = self._local(self.entries[topic][1], language, place) if topic in self.entries else None
        if found is None:
            return ()
        return tuple(self.fill(text, language, on) for text in found.messages or (found.local,) if text)

    def _for_place(self, entry: Entry, answer: Answer, language: str, place: str) -> tuple[tuple[str, ...], str, bool]:
        approved = answer.approved_by is not None
        local = self._local(entry, language, place)
        if local is None:
            return answer.messages, answer.sms, approved
        messages = local.messages or (*answer.messages, *filter(None, [local.local]))
        return messages, local.sms or answer.sms, approved and local.approved_by is not None

    def _audio(self, entry: Entry, language: str, place: str) -> str:
        """A recording of the general words says nothing of those that stand in their stead."""
        local = self._local(entry, language, place)
        name: str = entry.audio.get(language, "")  # type: ignore[call-overload]
        return name if name in self.files and not (local and local.messages) else ""

    def _local(self, entry: Entry, language: str, place: str) -> LocalAnswer | None:
        """The nearest place upwards that has words of its own."""
        found = (entry.places.get(slug, {}).get(language) for slug in self.chain(place))  # type: ignore[call-overload]
        return next((local for local in found if local is not None), None)

    def fill(self, text: str, language: str, on: date) -> str:
        """Put the day's figures into a text. Raises NotSayable('no_figure') where none is valid on that day."""

        def value(match: re.Match[str]) -> str:
            key = match[1]
            if key == "year":
                return str(on.year)
            figure = self.figures.get(key)
            valid = figure_on(figure, on) if figure else None
            if figure is None or valid is None:
                raise NotSayable("no_figure")
            return write_figure(valid.value, figure.unit, language)

        return PLACEHOLDER.sub(value, text)


def figure_on(figure: Figure, on: date) -> FigureValue | None:
    return next((v for v in figure.values if v.since <= on and (v.until is None or on <= v.until)), None)


def write_figure(value: str, unit: str, language: str) -> str:
    """A figure as people of that language write it: '13,90 €', in English '13.90 €'; thousands with a space."""
    whole, _, cents = value.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", NO_BREAK_SPACE)
    mark = "." if language == "en" else ","
    number = f"{whole}{mark}{cents}" if cents else whole
    return f"{number}{NO_BREAK_SPACE}€" if unit == "eur" else number
