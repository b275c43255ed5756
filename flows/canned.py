"""Canned replies: short texts that the team writes again and again, per language, with places to fill in.

`flows.load` reads them from YAML; `app.canned` offers them to whoever writes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from flows.findings import Issue
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER, AnswerLanguage, Approval, FileName, PlaceSlug, Strict
from flows.plain import long_sentences, unexplained_words

CANNED_CHARS = 1000  # longer than a screen of a phone is an entry, with sources, not a canned reply

ALL = "all"  # files for every language that has none of its own
FILES = 5  # of one language: who gets more at once opens none of them

Category = Literal["hello", "papers", "meeting", "waiting", "safety", "other"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
Shortcut = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]

KNOWN = ("me", "place", "hours")
"""What the hub fills in where it knows it: who writes, the person's place, when the team is there."""
VARIABLES = (*KNOWN, "name", "date", "time", "address", "documents", "phone", "colleague")
"""All that a text may leave open; what is not known the writer fills in. The person's own name is never known."""

OPEN = re.compile(r"\{[^\W\d_][^{}\n]{0,30}\}")
"""A place in a text that nobody has filled in, however it is spelt."""


class CannedWords(Approval):
    text: Annotated[str, StringConstraints(min_length=1, max_length=CANNED_CHARS, strip_whitespace=True)]


class CannedReply(Strict):
    shortcut: Shortcut
    title: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    category: Category = "other"
    place: PlaceSlug | None = None  # None: everywhere; else there and in what lies in it
    team: str | None = None  # a team's slug; None: for all
    texts: Mapping[AnswerLanguage, CannedWords] = Field(min_length=1)
    files: Mapping[AnswerLanguage | Literal["all"], Annotated[tuple[FileName, ...], Field(max_length=FILES)]] = {}
    deleted: bool = False  # kept as a version, so that it can be had back and starter content doesn't bring it back

    def files_for(self, language: str) -> tuple[str, ...]:
        """Names of content files: the language's own, else those for all."""
        return self.files.get(language) or self.files.get(ALL, ())  # type: ignore[call-overload, no-any-return]

    @property
    def file_names(self) -> frozenset[str]:
        return frozenset(name for names in self.files.values() for name in names)


def open_places(text: str) -> tuple[str, ...]:
    """What still stands empty in a text, each once: ('{date}', '{time}')."""
    return tuple(dict.fromkeys(OPEN.findall(text)))


def check_canned(reply: CannedReply, places: set[str], files: set[str]) -> Iterator[Issue]:
    where = f"canned {reply.shortcut}"
    if reply.deleted:
        return
    if reply.place and reply.place not in places:
        yield Issue("error", where, f"is for the unknown place {reply.place}")
    for name in sorted(reply.file_names - files):
        yield Issue("error", where, f"sends the file {name}, which does not exist")
    if "de" not in reply.texts:
        yield Issue("error", where, "has no German text: colleagues must understand what they send", "de")
    asked: dict[str, set[str]] = {
        language: set(PLACEHOLDER.findall(words.text)) for language, words in reply.texts.items()
    }
    for language in ANSWER_LANGUAGES:
        words = reply.texts.get(language)  # type: ignore[call-overload]
        if words is None:
            yield Issue("warning", where, "has no text in this language: the German one is offered", language)
            continue
        for name in sorted(asked[language] - set(VARIABLES)):
            yield Issue("error", where, f"names the unknown variable {{{name}}}", language)
        if asked[language] != asked.get("de", asked[language]):
            yield Issue("warning", where, "has other variables than the German text", language)
        if words.approved_by is None:
            yield Issue("warning", where, "is a draft: nobody has approved it", language)
        for start in long_sentences(words.text):
            yield Issue("warning", where, f"has a long sentence: {start}", language)
        for word in unexplained_words(words.text, language):
            yield Issue("warning", where, f"has the German word {word} outside brackets", language)
