"""Looks content over before it goes live: each issue names where, in which language, and why."""

import re
from collections.abc import Iterator
from datetime import date

from flows.canned import check_canned
from flows.dialogue.check import check_flows
from flows.examples import check_examples
from flows.findings import Issue
from flows.load import Content
from flows.model import ANSWER_LANGUAGES, MESSAGES, PLACEHOLDER, Answer, Entry, LocalAnswer, Service
from flows.plain import amounts_by_hand, long_sentences, unexplained_words

OLD_YEARS = 2  # an address or hours that nobody has looked at for longer are not told as if they were sure


def check_content(content: Content, today: date | None = None) -> list[Issue]:
    """All issues, the gravest first. With `today`, also what has become old."""
    issues = [issue for entry in content.entries for issue in _check_entry(entry, content)]
    issues += _check_places(content)
    issues += [issue for service in content.services for issue in check_service(service, content, today)]
    issues += _check_coverage(content)
    issues += check_flows(content)
    places, files = {place.slug for place in content.places}, {file.name for file in content.files}
    issues += [issue for reply in content.canned for issue in check_canned(reply, places, files)]
    issues += check_examples(content.examples, (entry.topic for entry in content.entries))
    if today is not None:
        issues += [issue for entry in content.entries for issue in _check_age(entry, today)]
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
    files = {file.name for file in content.files}
    for spoken, name in entry.audio.items():
        if name not in files:
            yield Issue("error", entry.topic, f"names the recording {name}, which is not there", spoken)
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


def _check_age(entry: Entry, today: date) -> Iterator[Issue]:
    if entry.valid_until and entry.valid_until < today:
        yield Issue("warning", entry.topic, f"is not said any more: it was valid until {entry.valid_until}")
    if entry.review_on <= today:
        yield Issue("warning", entry.topic, f"was to be reviewed on {entry.review_on}")


def _check_plain(where: str, language: str, texts: tuple[str, ...]) -> Iterator[Issue]:
    """Signs that a text is hard to read; each is for somebody to look at."""
    for text in texts:
        for start in long_sentences(text):
            yield Issue("warning", where, f"has a long sentence: {start}", language)
        for word in unexplained_words(text, language):
            yield Issue("warning", where, f"has the German word {word} outside brackets", language)
        for amount in amounts_by_hand(text):
            yield Issue("warning", where, f"has the amount {amount} written by hand; no figure reminds of it", language)


def _check_words(where: str, language: str, answer: Answer, content: Content) -> Iterator[Issue]:
    if answer.approved_by is None:
        yield Issue("warning", where, "is a draft: nobody has approved it", language)
    yield from _check_figures(where, language, (*answer.messages, answer.sms), content)
    yield from _check_plain(where, language, answer.messages)


def _check_local(where: str, language: str, answer: Answer, local: LocalAnswer, content: Content) -> Iterator[Issue]:
    if local.local is not None and len(answer.messages) + 1 > MESSAGES:
        yield Issue("error", where, f"makes more than {MESSAGES} messages with the general ones", language)
    texts = (*(local.messages or ()), local.local or "", local.sms or "")
    yield from _check_figures(where, language, texts, content)
    yield from _check_plain(where, language, texts)


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


def check_service(service: Service, content: Content, today: date | None) -> Iterator[Issue]:
    """What is closed for good is not asked about any more."""
    if service.closed_on is not None:
        return
    where = f"service {service.slug}"
    topics = {entry.topic for entry in content.entries}
    places = {place.slug for place in content.places}
    for topic in service.topics:
        if topic not in topics:
            yield Issue("error", where, f"helps with the topic {topic}, which has no entry")
    for place in service.places:
        if place not in places:
            yield Issue("error", where, f"lies in the unknown place {place}")
    for name, texts in (("about", service.about), ("how", service.how)):
        for language in ANSWER_LANGUAGES:
            if language not in texts and (texts or name == "about"):
                yield Issue("error", where, f"says nothing in this language ({name})", language)
    if service.ask_first and service.hours.known:
        yield Issue("error", where, "has hours although its source is old (ask_first)")
    if today and not service.ask_first and not service.hours.always and _is_old(service, today):
        yield Issue(
            "warning", where, f"was last looked at more than {OLD_YEARS} years ago, or nobody knows when: ask_first"
        )
    yield from _service_gaps(service, where)


def _is_old(service: Service, today: date) -> bool:
    """By the day on which a coordinator confirmed it, else by the source's; 'undated' is old."""
    seen = service.checked_on.isoformat() if service.checked_on else service.source.seen or ""
    years = re.findall(r"\b\d{4}\b", seen)
    if not years:
        return True
    month = re.match(r"\d{4}-(\d\d)\b", seen)
    age = (today.year - int(max(years))) * 12 + today.month - (int(month[1]) if month else 12)
    return age > OLD_YEARS * 12


def _service_gaps(service: Service, where: str) -> Iterator[Issue]:
    if not (service.phones or service.address or service.web or service.email):
        yield Issue("gap", where, "cannot be reached: no address, phone or page is known")
    for phone in service.phones:
        if phone.tested_on is None:
            yield Issue("gap", where, f"the number {phone.number} ({phone.who}) has not been called yet")
    for gap in service.gaps:
        yield Issue("gap", where, gap)


def _check_coverage(content: Content) -> Iterator[Issue]:
    """What nobody in the directory helps with, in a place and those it lies in."""
    parents = {place.slug: place.parent for place in content.places}
    helping = [service for service in content.services if service.closed_on is None]
    for place in content.places:
        around: list[str] = []
        here: str | None = place.slug
        while here and here not in around:
            around.append(here)
            here = parents.get(here)
        helped = {t for each in helping if set(around) & set(each.places) for t in each.topics}
        missing = sorted({entry.topic for entry in content.entries} - helped)
        if place.served and missing:
            yield Issue("gap", place.slug, f"the directory knows nobody here for: {', '.join(missing)}")
