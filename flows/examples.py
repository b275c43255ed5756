"""How people ask about a topic, per language: what understanding learns from. A piece of content for each topic.

Danger lists, intents, signals and calibration messages are files on purpose: what they find must not change by one publication.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, field_validator

from flows.findings import Issue
from flows.model import Strict
from flows.understand.corpus import NONE

Language = Literal["bg", "ro", "uk", "de", "en", "ru", "tr"]
ExampleTopic = Annotated[str, StringConstraints(pattern=rf"^([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*|{NONE})$")]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")  # in YAML
EXAMPLE_CHARS = 300  # longer than what people write at once; the longest of the starter content has 230
FEW = {"bg": 12, "ro": 12, "uk": 12}
"""Messages in a language under which a topic is seldom understood, in the languages of the people the hub is for."""


class Examples(Strict):
    """`topic` is `none` for messages that no topic answers."""

    topic: ExampleTopic
    texts: Mapping[Language, tuple[Words, ...]]

    @field_validator("texts", mode="after")
    @classmethod
    def _once(cls, texts: Mapping[Language, tuple[str, ...]]) -> Mapping[Language, tuple[str, ...]]:
        """On one line each, and each once."""
        return {lang: tuple(dict.fromkeys(one_line(each) for each in told)) for lang, told in texts.items()}

    @cached_property
    def digest(self) -> str:
        """Whatever the order: training does not know one."""
        rows = sorted((lang, text) for lang, told in self.texts.items() for text in told)
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    @property
    def count(self) -> int:
        return sum(len(told) for told in self.texts.values())

    @cached_property
    def plain(self) -> frozenset[str]:
        """Kept, because all topics are compared whenever one is looked over."""
        return frozenset(same for told in self.texts.values() for text in told if (same := plain(text)))


def one_line(text: str) -> str:
    return " ".join(_UNWRITABLE.sub("", text).split())


def plain(text: str) -> str:
    """What makes two messages the same to people: neither capitals nor marks."""
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())


def examples_from_file(topic: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    """A file of examples (`flows.understand.corpus.read_texts`) as the piece that is stored."""
    return {"topic": topic, "texts": {lang: list(told) for lang, told in texts.items()}}


def check_examples(examples: Iterable[Examples], topics: Iterable[str]) -> Iterator[Issue]:
    """What is wrong or weak; `topics`: those that have an entry."""
    known, answered = list(examples), set(topics)
    homes: dict[str, set[str]] = defaultdict(set)
    for each in known:
        yield from _check_one(each, answered)
        for text in each.plain:
            homes[text].add(each.topic)
    for text, of in homes.items():
        for topic in sorted(of) if len(of) > 1 else ():
            others = ", ".join(sorted(of - {topic}))
            yield Issue("warning", f"examples {topic}", f"has the message '{text}', which is also one of {others}")
    if known:
        for topic in sorted(answered - {each.topic for each in known if each.count}):
            yield Issue("warning", f"examples {topic}", "has no example messages: nobody who asks will be understood")


def _check_one(examples: Examples, answered: set[str]) -> Iterator[Issue]:
    where = f"examples {examples.topic}"
    for language, told in examples.texts.items():
        for text in told:
            if len(text) > EXAMPLE_CHARS:
                yield Issue("error", where, f"has a message of more than {EXAMPLE_CHARS} characters", language)
    if examples.topic == NONE or not examples.count:
        return
    if examples.topic not in answered:
        yield Issue("warning", where, "has no entry: who asks is passed on to a person")
    for code, least in FEW.items():
        if (count := len(examples.texts.get(code, ()))) < least:  # type: ignore[call-overload]
            yield Issue("warning", where, f"has only {count} messages; {least} or more are understood well", code)
