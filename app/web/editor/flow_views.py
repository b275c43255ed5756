"""A flow as its page shows it: boxes and arrows of the graph, lines of the outline, problems with where they lead."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from app.editor.flow_issues import Problem
from app.flow_counts import Counts
from app.hub import Hub
from app.web.editor.flow_words import FlowWords
from app.web.editor.issue_words import issue_words
from app.web.editor.showing import name_of
from app.web.i18n import texts
from app.web.pages import reader_language
from flows.dialogue.drawing import Curve, curves
from flows.dialogue.exits import Exit, exits, nodes_of, reading_order
from flows.dialogue.layout import layout
from flows.dialogue.new_fields import ASKING

LINE_CHARS = 28  # of a box, at its width and letters
LINES = 3
LABEL_CHARS = 22
NOTE_CHARS = 34
MARGIN = 40


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    x: float
    y: float
    kind: str
    slug: str  # of the kind
    icon: str
    lines: tuple[str, ...]
    said: str  # for who hears it
    errors: int
    warnings: int
    note: str
    follows: str  # names of the steps behind it, for the arrow keys
    before: str
    unanswered: int


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    words: str
    x: float
    y: float
    back: bool
    source: str
    target: str
    count: str


@dataclass(frozen=True, slots=True)
class Graph:
    boxes: Sequence[Box]
    lines: Sequence[Line]
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A problem in words, and where a click leads."""

    severity: str
    where: str
    words: str
    href: str
    node: str


def graph(said: FlowWords, data: Mapping[str, Any], found: Sequence[Problem], counts: Counts) -> Graph:
    placed = layout(data)
    follows: dict[str, dict[str, None]] = {name: {} for name in placed.places}
    before: dict[str, dict[str, None]] = {name: {} for name in placed.places}
    for arrow in placed.arrows:
        follows[arrow.source][arrow.target] = None
        before[arrow.target][arrow.source] = None
    boxes = [
        Box(
            name, x, y, said.kind(name), str(said.nodes[name].get("kind")), said.icon(name),
            wrapped(said.summary(name)), said.title(name), _count(found, name, "error"), _count(found, name, "warning"),
            cut(str(said.nodes[name].get("notes") or ""), NOTE_CHARS), " ".join(follows[name]), " ".join(before[name]),
            unanswered(said, counts, name),
        )
        for name, (x, y) in placed.places.items()
    ]  # fmt: skip
    lines = [_line(said, counts, each) for each in curves(placed)]
    return Graph(boxes, lines, -MARGIN, -MARGIN, placed.width + 2 * MARGIN, placed.height + 2 * MARGIN)


def unanswered(said: FlowWords, counts: Counts, node: str) -> int:
    """How many were asked here and have not answered."""
    return counts.unanswered(node) if said.nodes[node].get("kind") in ASKING else 0


def counted(counts: Counts, node: str, target: str) -> str:
    """'34 · 12 %', or nothing."""
    count = counts.ways.get((node, target), 0)
    return f"{count} · {counts.share(node, target)}\u202f%" if count else ""


def _line(said: FlowWords, counts: Counts, curve: Curve) -> Line:
    arrow = curve.arrow
    words = way_words(said, arrow.source, arrow.exits)
    count = counted(counts, arrow.source, arrow.target)
    return Line(curve.path, words, *curve.label, arrow.back, arrow.source, arrow.target, count)


def way_words(said: FlowWords, node: str, ways: Sequence[Exit]) -> str:
    """The names of exits that lead to the same step: 'no, doesn't know', 'Job, Home +2'."""
    names = [name for name in (said.exit(node, way) for way in ways) if name]
    if not names:
        return ""
    first = cut(names[0], LABEL_CHARS)
    if len(names) == 2 and len(first) + len(names[1]) < LABEL_CHARS:
        return f"{first}, {names[1]}"
    return first if len(names) == 1 else f"{first} +{len(names) - 1}"


def targets(said: FlowWords, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All steps to choose from, in the order of walking."""
    return [(name, said.title(name)) for name in reading_order(data)]


def ways_of(said: FlowWords, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every exit of every step, to put something behind it: ('job|if_yes', 'Have you work? (job): yes')."""
    found = []
    for name in reading_order(data):
        for way in exits(nodes_of(data)[name]):
            if not way.away:
                words = said.exit(name, way)
                found.append((f"{name}|{way.name}", f"{said.title(name)}{': ' if words else ''}{words}"))
    return found


def problems_shown(request: Request, said: FlowWords, found: Sequence[Problem], slug: str) -> list[Shown]:
    hub: Hub = request.app.state.hub
    words = texts(reader_language(request))
    shown = []
    for each in found:
        about = [issue_words(words, each.text)]
        if each.text == "Field required" and each.path[-1:] == ("field",):
            about = [words.get("choose what the answer is remembered as")]
        elif each.path:
            about.insert(0, name_of(words, hub.shelf.library, each.path))
        if each.exit and each.node in said.nodes and (way := said.exit(each.node, Exit(each.exit))):
            about.insert(0, way)
        language = f" ({words.language_name(each.language)})" if each.language else ""
        where = said.title(each.node) if each.node in said.nodes else each.node or each.other
        shown.append(Shown(each.severity, where, ": ".join(about) + language, _href(slug, each), each.node))
    return shown


def wrapped(text: str) -> tuple[str, ...]:
    lines = textwrap.wrap(" ".join(text.split()), LINE_CHARS)
    return tuple(lines) if len(lines) <= LINES else (*lines[: LINES - 1], cut(" ".join(lines[LINES - 1 :]), LINE_CHARS))


def cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _href(slug: str, problem: Problem) -> str:
    if problem.node:
        return f"/editor/flows/{slug}?node={problem.node}#" + (
            f"text_{problem.language}" if problem.language else "panel"
        )
    return (
        f"/editor/pieces/flow/{slug}"
        if problem.other or "approved" in problem.text
        else f"/editor/flows/{slug}/settings"
    )


def _count(found: Sequence[Problem], node: str, severity: str) -> int:
    return sum(1 for each in found if each.node == node and each.severity == severity)
