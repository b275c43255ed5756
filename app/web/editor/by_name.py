"""Answers, flows, figures and services by their names, for the command palette: quick, from what is live in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import BadInput
from app.needle import read_needle
from app.web.editor.naming import edit_url
from app.web.i18n import texts
from app.web.pages import flow_name
from flows.library import Library

MOST = 8


@dataclass(frozen=True, slots=True)
class Named:
    kind: str
    key: str
    name: str
    url: str


def texts_named(library: Library, words: str, language: str) -> list[Named]:
    """Those whose name, in any language, has all the words; answers first."""
    try:
        needle = read_needle(words)
    except BadInput:
        return []
    fitting = (each for each, names in _all(library, language) if needle.holds(names))
    return [each for each, _ in zip(fitting, range(MOST), strict=False)]


def _all(library: Library, language: str) -> Iterator[tuple[Named, str]]:
    """With all the names that each is known by."""
    for topic, (_, entry) in library.entries.items():
        names = [name for answer in entry.answers.values() for name in (answer.label, answer.question)]
        yield _named("entry", topic, library.label(topic, language) or topic), " ".join([topic, *names])
    for slug, (_, flow) in library.flows.items():
        yield _named("flow", slug, flow_name(library, slug, language)), " ".join([slug, *flow.label.values()])
    for key in library.figures:
        name = texts(language).term("figure", key)
        yield _named("figure", key, name), f"{key} {name}"
    for slug, service in library.services.items():
        yield _named("service", slug, service.name), service.name


def _named(kind: str, key: str, name: str) -> Named:
    return Named(kind, key, name, edit_url(kind, key))
