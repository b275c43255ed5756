"""Looks content over before it goes live: each issue names where, in which language, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flows.load import Content
from flows.model import ANSWER_LANGUAGES, MESSAGES, PLACEHOLDER, Answer, Entry, LocalAnswer

Severity = Literal["error", "warning", "gap"]
"""error: must not go live; warning: somebody should look; gap: the coordinator must find it out."""


@dataclass(frozen=True, slots=True)
class Issue:
    severity: Severity
    where: str
    text: str
    language: str | None = None


def check_content(content: Content) -> list[Issue]:
    """All issues, the gravest first."""
    issues = [issue for entry in content.entries for issue in _check_entry(entry, content)]
    issues += _check_places(content)
    order = ("error", "warning", "gap")
    return sorted(issues, key=lambda issue: order.index(issue.severity))


def _check_entry(entry: Entry, content: Content) -> Iterator[Issue]:
    topics = {other.topic for other in content.entries}
    places = {place.slug for place in content.places}
    for language in ANSWER_LANGUAGES:
        if language not in entry.answers:
            yield Issue("error", entry.topic, "has no answer in this language", language)
    for slug in entry.next:
        if slug not in topics:
            yield Issue("error", entry.topic, f"names the topic {slug} as next, which has no entry")
    for place in entry.places:
        if place not in places:
            yield Issue("error", entry.topic, f"has a text for the unknown place {place}")
    if entry.valid_from and entry.valid_until and entry.valid_from > entry.valid_until:
        yield Issue("error", entry.topic, "is valid until a day before it is valid from")
    for language, answer in entry.answers.items():
        yield from _check_words(entry.topic, language, answer, content)
        for place, locals_ in entry.places.items():
            if language in locals_:
                yield from _check_local(f"{entry.topic} in {place}", language, answer, locals_[language], content)
    for phone in entry.phones:
        if phone.tested_on is None:
            yield Issue("gap", entry.topic, f"the number {phone.number} ({phone.who}) has not been called yet")
    for gap in entry.gaps:
        yield Issue("gap", entry.topic, gap)


def _check_words(where: str, language: str, answer: Answer, content: Content) -> Iterator[Issue]:
    if answer.approved_by is None:
        yield Issue("warning", where, "is a draft: nobody has approved it", language)
    yield from _check_figures(where, language, (*answer.messages, answer.sms), content)


def _check_local(where: str, language: str, answer: Answer, local: LocalAnswer, content: Content) -> Iterator[Issue]:
    if local.local is not None and len(answer.messages) + 1 > MESSAGES:
        yield Issue("error", where, f"makes more than {MESSAGES} messages with the general ones", language)
    texts = (*(local.messages or ()), local.local or "", local.sms or "")
    yield from _check_figures(where, language, texts, content)


def _check_figures(where: str, language: str, texts: tuple[str, ...], content: Content) -> Iterator[Issue]:
    known = {figure.key for figure in content.figures} | {"year"}
    for key in {match for text in texts for match in PLACEHOLDER.findall(text)} - known:
        yield Issue("error", where, f"names the unknown figure {{{key}}}", language)


def _check_places(content: Content) -> Iterator[Issue]:
    slugs = {place.slug for place in content.places}
    for place in content.places:
        if place.parent and place.parent not in slugs:
            yield Issue("error", place.slug, f"lies in the unknown place {place.parent}")
        if place.served and not place.duty.known:
            yield Issue("gap", place.slug, "nobody has entered when a person is on duty")
