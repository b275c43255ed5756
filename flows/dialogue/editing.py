"""What one does to a flow in the editor, as pure functions: plain data in, new plain data out, nothing else is changed.

The data may be half done before and after; `check` says what still lacks. What makes no sense raises `CannotEdit` with words.
"""

import re
from dataclasses import dataclass
from typing import Any

from flows.dialogue.exits import (
    KINDS,
    LISTS,
    Exit,
    Plain,
    exits,
    items_of,
    nodes_of,
    optional,
    with_exit,
)
from flows.dialogue.graph import OPTIONS
from flows.model import ANSWER_LANGUAGES
from translations.phrases import phrase

NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
NAME_CHARS = 20


class CannotEdit(ValueError):
    """The first argument is a sentence for coordinators, `detail` fills it."""

    def __init__(self, message: str, **detail: object) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Edited:
    """`node`: where to look now. `loose`: (node, exit) that led to what is gone, and lead nowhere yet."""

    data: dict[str, Any]
    node: str = ""
    loose: tuple[tuple[str, str], ...] = ()


def add(data: Plain, kind: str, *, after: str = "", exit: str = "", name: str = "") -> Edited:
    """A new node; behind an exit of another one, and then it goes on where that exit led before."""
    if kind not in KINDS:
        raise CannotEdit("There is no such kind of step.")
    new = free_name(data, name or kind)
    before = _exit(data, after, exit).target if after else None
    nodes = {**nodes_of(data), new: blank(kind, before)}
    if after:
        nodes[after] = _led(nodes[after], exit, new)
    start = {} if data.get("start") in nodes_of(data) else {"start": new}
    return Edited({**data, **start, "nodes": nodes}, new)


def blank(kind: str, following: str | None = None) -> dict[str, Any]:
    """A node as it begins: nothing said yet, and all its ways lead on to the same node."""
    leads = {"next": following} if following else {}
    match kind:
        case "say":
            made: dict[str, Any] = {"text": {}, **leads}
        case "ask":
            both = {"if_yes": following, "if_no": following} if following else {}
            made = {"text": {}, "what": "yes_no", **both}
        case "choose":
            made = {"text": {}, "options": [{"value": each, "label": _button(each), **leads} for each in ("yes", "no")]}
        case "checklist":
            made = {"text": {}, "items": [{"item": "one", "label": {}}], **leads}
        case "condition":
            made = {"cases": [{"when": {}, **leads}], **({"otherwise": following} if following else {})}
        case "hand_over":
            made = {"reason": "asked", **leads}
        case "set":
            made = {"values": {}, **leads}
        case "end" | "go_to":
            made = {}
        case _:
            made = dict(leads)
    return {"kind": kind, **made}


def _button(answer: str) -> dict[str, str]:
    return {language: phrase(f"button.{answer}", language) for language in ANSWER_LANGUAGES}


def change(data: Plain, name: str, node: Plain) -> Edited:
    """The node as a form gives it."""
    _node(data, name)
    return Edited({**data, "nodes": {**nodes_of(data), name: dict(node)}}, name)


def connect(data: Plain, name: str, exit: str, target: str) -> Edited:
    """An exit leads to another node; with an empty target it leads nowhere yet."""
    if target:
        _node(data, target)
    node = _node(data, name)
    return Edited({**data, "nodes": {**nodes_of(data), name: _led(node, exit, target or None)}}, name)


def reorder(data: Plain, name: str, place: int, by: int) -> Edited:
    """An option, case or item moves up (-1) or down (1); at the end of its list it stays."""
    node, items = _list(data, name)
    if not 0 <= place < len(items):
        raise CannotEdit("There is no such line.")
    other = min(max(place + by, 0), len(items) - 1)
    items.insert(other, items.pop(place))
    return change(data, name, {**node, LISTS[node["kind"]]: items})


def add_line(data: Plain, name: str) -> Edited:
    """One more option, case or item."""
    node, items = _list(data, name)
    if len(items) >= OPTIONS and node["kind"] != "condition":
        raise CannotEdit("There is room for {most} lines: each has a digit to type by SMS.", most=OPTIONS)
    taken = {item.get("value") or item.get("item") for item in items}
    free = next(f"new_{number}" for number in range(1, len(items) + 2) if f"new_{number}" not in taken)
    made: dict[str, dict[str, Any]] = {
        "choose": {"value": free, "label": {}},
        "checklist": {"item": free, "label": {}},
        "condition": {"when": {}},
    }
    return change(data, name, {**node, LISTS[node["kind"]]: [*items, made[node["kind"]]]})


def remove_line(data: Plain, name: str, place: int) -> Edited:
    node, items = _list(data, name)
    if not 0 <= place < len(items):
        raise CannotEdit("There is no such line.")
    if len(items) == 1:
        raise CannotEdit("The last line must stay: delete the whole step instead.")
    return change(data, name, {**node, LISTS[node["kind"]]: items[:place] + items[place + 1 :]})


def duplicate(data: Plain, name: str) -> Edited:
    """A copy that leads where the first leads; nothing leads to it yet."""
    new = free_name(data, name)
    return Edited({**data, "nodes": {**nodes_of(data), new: dict(_node(data, name))}}, new)


def delete(data: Plain, name: str) -> Edited:
    """What led there leads on to where it led, if that is one node; else it leads nowhere yet."""
    following = _only_way(_node(data, name), name)
    nodes = {key: node for key, node in nodes_of(data).items() if key != name}
    loose: list[tuple[str, str]] = []
    for key, node in list(nodes.items()):
        for found in exits(node):
            if found.target == name:
                nodes[key] = _led(nodes[key], found.name, following)
                if following is None and found.name not in optional(node):
                    loose.append((key, found.name))
    changed = {**data, "nodes": nodes}
    for field in ("start", "stuck"):
        if data.get(field) == name:
            changed[field] = following
    return Edited({key: value for key, value in changed.items() if value is not None}, loose=tuple(loose))


def rename(data: Plain, name: str, new: str) -> Edited:
    """All that leads there follows."""
    node = _node(data, name)
    new = new.strip().lower()
    if not NAME.fullmatch(new):
        raise CannotEdit("A step's name has small letters, digits and _ only, {most} at most.", most=NAME_CHARS)
    if new == name:
        return Edited(dict(data), name)
    if new in nodes_of(data):
        raise CannotEdit("There is already a step with this name.")
    nodes = {new if key == name else key: each for key, each in {**nodes_of(data), name: node}.items()}
    for key, each in list(nodes.items()):
        for found in exits(each):
            if found.target == name:
                nodes[key] = _led(nodes[key], found.name, new)
        if each.get("kind") == "go_to" and each.get("flow") == data.get("flow") and each.get("node") == name:
            nodes[key] = {**each, "node": new}
    follow = {field: new for field in ("start", "stuck") if data.get(field) == name}
    return Edited({**data, **follow, "nodes": nodes}, new)


def move(data: Plain, name: str, after: str, exit: str) -> Edited:
    """A node that goes on at one other is taken out and put behind an exit elsewhere."""
    node = _node(data, name)
    if after == name:
        raise CannotEdit("A step cannot come after itself.")
    if _only_way(node, name) is None and [each for each in exits(node) if each.target]:
        raise CannotEdit("Only a step with one way on can be moved. Lead the arrows elsewhere instead.")
    _exit(data, after, exit)
    without = delete(data, name).data
    following = _exit(without, after, exit).target
    for found in exits(node):
        if following is not None and not found.away:
            node = _led(node, found.name, following)
    nodes = {**nodes_of(without), name: node}
    nodes[after] = _led(nodes[after], exit, name)
    start = {} if without.get("start") else {"start": data.get("start")}
    return Edited({**without, **start, "nodes": nodes}, name)


def free_name(data: Plain, wanted: str) -> str:
    """The name itself, or with a number behind it."""
    base = re.sub(r"_\d+$", "", re.sub(r"[^a-z0-9_]", "", wanted.lower()).lstrip("_0123456789")) or "step"
    taken = nodes_of(data)
    names = (base[:NAME_CHARS], *(f"{base[: NAME_CHARS - 4]}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _node(data: Plain, name: str) -> dict[str, Any]:
    found = nodes_of(data).get(name)
    if found is None:
        raise CannotEdit("The step {name} does not exist any more.", name=name)
    return dict(found)


def _exit(data: Plain, name: str, exit: str) -> Exit:
    node = _node(data, name)
    found = next((each for each in exits(node) if each.name == exit), None)
    if found is None and exit in optional(node):
        return Exit(exit)
    if found is None:
        raise CannotEdit("The step {name} has no such way on any more.", name=name)
    return found


def _led(node: Plain, exit: str, target: str | None) -> dict[str, Any]:
    found = with_exit(node, exit, target)
    if found is None:
        raise CannotEdit("This way leads to another dialogue. Choose another step in its place first.")
    return found


def _list(data: Plain, name: str) -> tuple[dict[str, Any], list[Any]]:
    node = _node(data, name)
    if node.get("kind") not in LISTS:
        raise CannotEdit("This step has no lines.")
    return node, items_of(node)


def _only_way(node: Plain, name: str) -> str | None:
    """Where the node leads, if all its ways lead there."""
    targets = {found.target for found in exits(node) if found.target != name}
    return targets.pop() if len(targets) == 1 else None
