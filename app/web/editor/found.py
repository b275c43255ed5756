"""What the checks found, as the pages before a publication say it: in the reader's words, with the place where it is mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from app.editor.flow_issues import problems
from app.editor.trial import concerns
from app.hub import Hub
from app.web.editor.flow_views import problems_shown
from app.web.editor.flow_words import FlowWords
from app.web.editor.issue_words import issue_words
from app.web.editor.naming import edit_url, issue_url, title
from app.web.editor.service_texts import issue_words as service_words
from app.web.editor.showing import name_of
from app.web.i18n import Texts, texts
from app.web.pages import flow_name, place_name, reader_language
from flows.dialogue.exits import nodes_of
from flows.findings import Issue
from flows.library import Library

ORDER = ("error", "warning", "gap")


@dataclass(frozen=True, slots=True)
class Found:
    severity: str
    words: str
    where: str
    url: str


def in_words(request: Request, kind: str, key: str, data: Mapping[str, Any], issues: Sequence[Issue]) -> list[Found]:
    """The gravest first. What is about a flow's own steps is said as its editor says it."""
    hub: Hub = request.app.state.hub
    library, words = hub.shelf.library, texts(reader_language(request))
    own = [issue for issue in issues if kind == "flow" and (concerns(issue, kind, key) or _of_model(issue))]
    others = [issue for issue in issues if issue not in own]
    name = title(kind, key, data, words.language)
    shown = _of_steps(request, key, data, own) if own else []
    shown += [_found(words, library, issue, kind, key, name) for issue in others]
    return sorted(shown, key=lambda each: ORDER.index(each.severity))


def _of_steps(request: Request, key: str, data: Mapping[str, Any], issues: Sequence[Issue]) -> list[Found]:
    hub: Hub = request.app.state.hub
    said = FlowWords(texts(reader_language(request)), hub.shelf.library, data)
    rows = problems_shown(request, said, problems(data, key, list(issues)), key)
    return [Found(row.severity, row.words, row.where, row.href) for row in rows]


def _found(words: Texts, library: Library, issue: Issue, kind: str, key: str, name: str) -> Found:
    about, _, _ = issue.where.partition(" ")
    if about == "service":
        said = service_words(issue, words.language)
    else:
        language = f" ({words.language_name(issue.language)})" if issue.language else ""
        said = f"{issue_words(words, issue.text)}{language}"
    if _of_model(issue):
        where = f"{name}, {name_of(words, library, issue.where.split('.'))}"
    else:
        where = name if issue.where in (key, f"{kind} {key}") else where_words(words, library, issue.where)
    return Found(issue.severity, said, where, issue_url(library, issue) or edit_url(kind, key))


def _of_model(issue: Issue) -> bool:
    """Of a draft that can't be read as it is: `where` is a path, such as 'nodes.job.ask' or 'sources.0'."""
    return issue.language is None and " " not in issue.where and issue.where.split(".")[0] in PATHS


PATHS = frozenset(
    {"nodes", "label", "start", "stuck", "topics", "answers", "places", "sources", "values", "texts", "phones", "audio"}
)
"""First steps of paths in a piece; no topic and no place begins so."""


def where_words(words: Texts, library: Library, where: str) -> str:
    """'work.tips in weissenfels', 'flow arrival, node job', 'dialogue x' by the names that people know."""
    first, _, rest = where.partition(" ")
    if first in library.entries:
        label = library.label(first, words.language) or first
        place = rest.removeprefix("in ")
        return f"{label}, {place_name(library, place, words.language)}" if place else label
    if first in library.places and not rest:
        return place_name(library, first, words.language)
    key, _, inside = rest.partition(", ")
    match first:
        case "flow":
            name = flow_name(library, key, words.language)
            return f"{name}: {_step(words, library, key, inside)}" if inside else name
        case "service" if key in library.services:
            return library.services[key].name
        case "dialogue":
            return f"{words.term('content', 'transcript')} {key}"
        case "canned" | "examples" | "field":
            return f"{words.term('content', first)} {library.label(key, words.language) or key}"
        case _:
            return where


def _step(words: Texts, library: Library, flow: str, inside: str) -> str:
    name = inside.removeprefix("node ").split(" ")[0]
    data = library.flows[flow][1].model_dump() if flow in library.flows else {}
    return FlowWords(words, library, data).title(name) if name in nodes_of(data) else inside
