"""What the ABC's pages show: words by letter, questions by area, one answer with its helpers, the directory."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from babel.dates import format_date, format_skeleton

from app.directory import caution_words, helpers, is_reachable, language_names, opening_words
from app.web.abc_order import first_letter, sort_key
from app.web.abc_text import Part, writer
from app.web.i18n import local_day
from flows.library import Library, NotSayable, Said
from flows.model import ANSWER_LANGUAGES, Answer, Entry, Service, Source
from flows.services import Found, find_services
from translations.phrases import page_phrase

AREAS: Mapping[str, str] = {
    "work": "briefcase",
    "housing": "house",
    "residence": "id-card",
    "health": "heart-pulse",
    "education": "graduation-cap",
    "benefits": "hand-coins",
    "money": "landmark",
    "debt": "credit-card",
    "everyday": "mail",
    "safety": "shield-alert",
    "local": "handshake",
}
"""The topics' areas in the order of the needs that people come with, each with its pictogram."""

HELPERS = 4
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Word:
    """`hint` tells apart what stands under the same word."""

    text: str
    topic: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    topic: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Helper:
    """A service as a page shows it."""

    service: Service
    about: str
    how: str
    hours: str
    languages: str
    caution: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class AnswerPage:
    said: Said
    question: str
    label: str
    messages: list[list[Part]]
    local: list[list[Part]]
    helpers: list[Helper]
    next: list[Question]
    sources: list[tuple[Source, str]]
    stand: str
    languages: list[str]  # in which this answer can be read


class Abc:
    """The published content as one reader sees it: in one language, in one place, at one moment."""

    def __init__(self, library: Library, language: str, place: str, now: datetime) -> None:
        self.library = library
        self.language = language
        self.place = place
        self.now = now
        self.today: date = local_day(now)

    def answer(self, topic: str) -> Answer | None:
        entry = self._entry(topic)
        return entry.answers.get(self.language) if entry else None  # type: ignore[call-overload]

    def _entry(self, topic: str) -> Entry | None:
        found = self.library.entries.get(topic)
        return found[1] if found else None

    def sayable(self, topic: str, language: str = "") -> bool:
        """Whether the answer may be shown today: it exists, is valid, and all its figures are."""
        try:
            self.library.say(topic, language or self.language, self.place, self.today)
        except NotSayable:
            return False
        return True

    def questions(self, topics: Iterable[str]) -> list[Question]:
        return [
            Question(topic, answer.label, answer.question)
            for topic in topics
            if self.sayable(topic) and (answer := self.answer(topic)) is not None
        ]

    def letters(self) -> dict[str, list[Word]]:
        """Everyday words, and the answers' own labels, under their letters."""
        meant: dict[str, dict[str, Word]] = {}
        for each in self.questions(self.library.entries):
            for text in self._words(each):
                meant.setdefault(text.casefold(), {})[each.topic] = Word(text, each.topic, each.label)
        words = [
            word if len(same) > 1 and word.text != word.hint else replace(word, hint="")
            for same in meant.values()
            for word in same.values()
        ]
        found: dict[str, list[Word]] = {}
        for word in sorted(words, key=lambda word: sort_key(word.text, self.language)):
            found.setdefault(first_letter(word.text, self.language), []).append(word)
        return found

    def _words(self, question: Question) -> list[str]:
        """The label is one of them unless a word begins as it does: 'mould' stands for 'mould and repairs'."""
        answer = self.answer(question.topic)
        words = list(answer.words) if answer else []
        start = re.split(r"\W+", question.label.casefold())[0]
        if not any(word.casefold().startswith(start) for word in words):
            words.append(question.label.rstrip("?"))
        return words

    def areas(self) -> dict[str, list[Question]]:
        questions = self.questions(sorted(self.library.entries))
        found = {area: [each for each in questions if each.topic.split(".")[0] == area] for area in AREAS}
        return {area: each for area, each in found.items() if each}

    def page(self, topic: str) -> AnswerPage:
        """Raises NotSayable."""
        said = self.library.say(topic, self.language, self.place, self.today)
        entry, answer = self._entry(topic), self.answer(topic)
        assert entry is not None
        assert answer is not None
        local = self.library.local(topic, self.language, self.place, self.today)
        general = said.messages[: len(said.messages) - len(local)]  # empty where the place's words stand alone
        writes = writer(entry, self.language, self._numbers())
        return AnswerPage(
            said=said,
            question=answer.question,
            label=answer.label,
            messages=[writes.parts(text) for text in general],
            local=[writes.parts(text) for text in local],
            helpers=[self.helper(each) for each in self.helpers(topic)],
            next=self.questions(said.next),
            sources=[(source, self._seen(source)) for source in entry.sources],
            stand=self.long_date(entry.law_as_of),
            languages=[language for language in ANSWER_LANGUAGES if self.sayable(topic, language)],
        )

    def helpers(self, topic: str, limit: int | None = HELPERS) -> list[Found]:
        return helpers(self.library, topic, self.place, self.language, self.now)[:limit]

    def directory(self, area: str = "") -> tuple[list[Helper], list[Helper]]:
        """Services of the reader's place and what it lies in, and those of the whole country."""
        found = find_services(self.library, self.now, place=self.place, language=self.language)
        fitting = [each for each in found if not area or any(t.startswith(f"{area}.") for t in each.service.topics)]
        near = [self.helper(each) for each in fitting if each.service.places]
        far = [self.helper(each) for each in fitting if not each.service.places]
        return sorted(near, key=lambda helper: not helper.reachable), far

    def by_numbers(self, numbers: Iterable[str]) -> list[Helper]:
        """The services behind these numbers, in their order."""
        wanted = list(numbers)
        found = {
            phone.number: each
            for each in find_services(self.library, self.now, language=self.language)
            for phone in each.service.phones
        }
        return [self.helper(found[number]) for number in wanted if number in found]

    def helper(self, found: Found) -> Helper:
        service = found.service
        return Helper(
            service=service,
            about=service.about.get(self.language, ""),  # type: ignore[call-overload]
            how=service.how.get(self.language, ""),  # type: ignore[call-overload]
            hours=opening_words(found, self.language),
            languages=", ".join(language_names(service, self.language)),
            caution=caution_words(service, self.language),
            reachable=is_reachable(service),
        )

    def long_date(self, day: date) -> str:
        return format_date(day, "long", locale=self.language)

    def _seen(self, source: Source) -> str:
        """'2026-02' as people read it; what is no month stays as it is."""
        if source.seen is None:
            return ""
        if source.seen == "undated":
            return page_phrase("undated", self.language)
        month = _MONTH.fullmatch(source.seen)
        if month is None:
            return source.seen
        return format_skeleton("yMMMM", date(int(month[1]), int(month[2]), 1), locale=self.language)

    def _numbers(self) -> set[str]:
        return {phone.number for service in self.library.services.values() for phone in service.phones}
