"""Finds what is broken in a flow before it is live: each finding says which node, which language, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

from flows.dialogue.graph import (
    SMS_QUESTION_CHARS,
    Answer,
    Ask,
    Checklist,
    Choose,
    Condition,
    Deadline,
    End,
    Flow,
    GoTo,
    HandOver,
    Letter,
    LetterTemplate,
    Node,
    Say,
    Services,
    Set,
    Test,
)
from flows.findings import Issue
from flows.load import Content
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER, PlaceSlug

BUTTON_BYTES = 64  # Telegram's callback data


def check_flows(content: Content) -> Iterator[Issue]:
    """Issues of all flows and letters."""
    known = _Known(content)
    for flow in content.flows:
        yield from _check_graph(flow)
        for name, node in flow.nodes.items():
            where = f"flow {flow.flow}, node {name}"
            yield from _check_words(where, node, known)
            yield from _check_names(where, node, known)
        yield from _check_flow(flow, known)
    for letter in content.letters:
        yield from _check_letter(letter, known)
    for field in content.fields:
        yield from _missing(f"field {field.key}", "names", field.names)


class _Known:
    """What may be named."""

    def __init__(self, content: Content) -> None:
        self.topics = {entry.topic for entry in content.entries}
        self.flows = {flow.flow: flow for flow in content.flows}
        self.fields = {field.key: field for field in content.fields}
        self.letters = {letter.letter for letter in content.letters}
        self.figures = {figure.key for figure in content.figures} | {"year"}
        self.files = {file.name for file in content.files}
        self.places: set[PlaceSlug] = {place.slug for place in content.places}


def _check_graph(flow: Flow) -> Iterator[Issue]:
    """Where one can't get to, can't get on from, and where it turns in a circle."""
    at = f"flow {flow.flow}"
    if flow.start not in flow.nodes:
        yield Issue("error", at, f"starts at the node {flow.start}, which does not exist")
        return
    for name, node in flow.nodes.items():
        for target in dict.fromkeys(node.leads_to()):
            if target not in flow.nodes:
                yield Issue("error", f"{at}, node {name}", f"leads to the node {target}, which does not exist")
    if flow.stuck is not None and flow.stuck not in flow.nodes:
        yield Issue("error", at, f"leads to the node {flow.stuck} when stuck, which does not exist")
    reached = _reachable(flow, flow.start) | _reachable(flow, flow.stuck or flow.start)
    for name in flow.nodes:
        if name not in reached:
            yield Issue("error", f"{at}, node {name}", "cannot be reached from the start")
    ending = {name for name, node in flow.nodes.items() if _ends(node)}
    for name in sorted(reached & set(flow.nodes)):
        if not _reachable(flow, name) & ending:
            yield Issue("error", f"{at}, node {name}", "is a dead end: from here the dialogue never ends")
    yield from _circles(flow)
    if not any(
        isinstance(flow.nodes[name], HandOver | GoTo) or _is_open(flow.nodes[name])
        for name in reached & set(flow.nodes)
    ):
        yield Issue("error", at, "has no way to a human: no node hands over")


def _ends(node: Node) -> bool:
    leaves = isinstance(node, Choose) and any(option.next is None for option in node.options)
    return leaves or isinstance(node, End | GoTo) or (isinstance(node, HandOver) and node.next is None)


def _is_open(node: Node) -> bool:
    return isinstance(node, Choose) and node.open


def _reachable(flow: Flow, start: str) -> set[str]:
    found, todo = set(), [start]
    while todo:
        name = todo.pop()
        if name not in found and name in flow.nodes:
            found.add(name)
            todo += flow.nodes[name].leads_to()
    return found


def _circles(flow: Flow) -> Iterator[Issue]:
    """Nodes that come back to themselves without asking the person anything."""
    silent = {name for name, node in flow.nodes.items() if not isinstance(node, Choose | Ask | Checklist)}
    for name in sorted(silent):
        seen: set[str] = set()
        todo = [target for target in flow.nodes[name].leads_to() if target in silent]
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            todo += [target for target in flow.nodes[here].leads_to() if target in silent]
        if name in seen:
            yield Issue(
                "error", f"flow {flow.flow}, node {name}", "is in a loop without a question: it would never end"
            )


def _check_words(where: str, node: Node, known: _Known) -> Iterator[Issue]:
    for what, texts in node.texts():
        for language in ANSWER_LANGUAGES:
            if language not in texts:
                yield Issue("error", where, f"has no words in this language ({what})", language)
        for language, text in texts.items():
            yield from _check_text(where, language, text, known)
    if isinstance(node, Ask | Choose | Checklist) and node.sms is None:
        for language, text in node.text.items():
            if len(text) > SMS_QUESTION_CHARS:
                yield Issue(
                    "error", where, f"is too long for SMS ({len(text)} of {SMS_QUESTION_CHARS}): give 'sms'", language
                )
    for language, text in (getattr(node, "sms", None) or {}).items():
        if len(text) > SMS_QUESTION_CHARS:
            yield Issue("error", where, f"its SMS is too long ({len(text)} of {SMS_QUESTION_CHARS})", language)


def _check_text(where: str, language: str, text: str, known: _Known) -> Iterator[Issue]:
    for key in sorted(set(PLACEHOLDER.findall(text)) - known.figures - set(known.fields)):
        yield Issue("error", where, f"names {{{key}}}, which is neither a field nor a figure", language)


def _check_names(where: str, node: Node, known: _Known) -> Iterator[Issue]:
    """Topics, fields, letters, places and flows that the node names."""
    for topic in _topics(node):
        if topic not in known.topics:
            yield Issue("error", where, f"names the topic {topic}, which has no entry")
    for key in _fields(node):
        if key not in known.fields:
            yield Issue("error", where, f"names the field {key}, which fields.yaml does not know")
    match node:
        case Choose():
            yield from _check_options(where, node, known)
        case Ask() if (
            node.field in known.fields and known.fields[node.field].kind != node.what and node.what != "photo"
        ):
            yield Issue(
                "error", where, f"asks for a {node.what}, but {node.field} is a {known.fields[node.field].kind}"
            )
        case Say():
            for name in sorted({*(node.image or {}).values(), *(node.audio or {}).values()} - known.files):
                yield Issue("error", where, f"shows the file {name}, which does not exist")
        case Letter() if node.letter not in known.letters:
            yield Issue("error", where, f"makes the letter {node.letter}, which does not exist")
        case GoTo():
            other = known.flows.get(node.flow)
            if other is None:
                yield Issue("error", where, f"goes on in the flow {node.flow}, which does not exist")
            elif node.node is not None and node.node not in other.nodes:
                yield Issue("error", where, f"goes on at {node.flow}.{node.node}, which does not exist")
        case _:
            pass
    for test in _tests(node):
        if test.place is not None and test.place not in known.places:
            yield Issue("error", where, f"tests for the unknown place {test.place}")


def _check_options(where: str, node: Choose, known: _Known) -> Iterator[Issue]:
    values = known.fields[node.field].values if node.field in known.fields else {}
    for option in node.options:
        if option.next and option.label is None and option.value not in values:
            yield Issue("error", where, f"the option {option.value} has no words: neither here nor in the field")
        if option.flow and option.flow not in known.flows:
            yield Issue("error", where, f"leads to the flow {option.flow}, which does not exist")


def _topics(node: Node) -> Iterator[str]:
    match node:
        case Answer() | Services():
            yield node.topic
        case HandOver():
            yield from node.needs
        case Checklist():
            yield from (item.topic for item in node.items if item.topic)
        case End():
            yield from node.next
        case Choose():
            yield from (option.topic for option in node.options if option.topic)
        case _:
            pass


def _fields(node: Node) -> Iterator[str]:
    match node:
        case Ask() | Checklist():
            yield node.field
        case Choose():
            yield from filter(None, (node.field,))
        case HandOver():
            yield from (*filter(None, (node.deadline,)), *node.tell)
        case Set():
            yield from node.values
            yield from (value.since for value in node.values.values() if isinstance(value, Deadline))
        case _:
            pass
    yield from (test.field for test in _tests(node) if test.field)


def _tests(node: Node) -> Iterator[Test]:
    match node:
        case Condition():
            yield from (case.when for case in node.cases)
        case Choose():
            yield from (option.when for option in node.options if option.when)
        case Checklist():
            yield from (item.when for item in node.items if item.when)
        case _:
            pass


def _check_flow(flow: Flow, known: _Known) -> Iterator[Issue]:
    where = f"flow {flow.flow}"
    for topic in flow.topics:
        if topic not in known.topics:
            yield Issue("error", where, f"is offered under the topic {topic}, which has no entry")
    yield from _missing(where, "label", flow.label)
    for language in ANSWER_LANGUAGES:
        if not flow.is_approved(language):
            yield Issue("warning", where, "is a draft: nobody has approved it", language)
    for name, node in flow.nodes.items():
        values = (
            [option.topic or option.flow or option.value for option in node.options] if isinstance(node, Choose) else []
        )
        if len(values) != len(set(values)):
            yield Issue("error", f"{where}, node {name}", "has the same value twice")
        if isinstance(node, Choose) and not any(option.when is None for option in node.options):
            yield Issue("warning", f"{where}, node {name}", "may have nothing to choose: every option has a condition")


def _check_letter(letter: LetterTemplate, known: _Known) -> Iterator[Issue]:
    where = f"letter {letter.letter}"
    for what, texts in (("names", letter.names), ("subject", letter.subject), ("body", letter.body)):
        yield from _missing(where, what, texts)
        for language, text in texts.items():
            yield from _check_text(where, language, text.replace("{today}", ""), known)


def _missing(where: str, what: str, texts: Mapping[Any, str]) -> Iterator[Issue]:
    for language in ANSWER_LANGUAGES:
        if language not in texts:
            yield Issue("error", where, f"has no words in this language ({what})", language)
