"""A flow as plain data: its nodes' exits under one name for all kinds, so that graph, outline and editor speak of the same.

The data may be half done: a draft that its model would refuse still has nodes and exits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Plain = Mapping[str, Any]

LISTS = {"choose": "options", "condition": "cases", "checklist": "items"}
"""Kind of node -> the list that people put in order."""
SINGLE = frozenset({"say", "answer", "service", "set", "letter", "checklist"})
"""Kinds that always go on at one node."""
KINDS = (
    "say", "ask", "choose", "condition", "answer", "service", "hand_over", "set", "letter", "checklist", "go_to", "end",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a node. `name`: next, skip, if_yes, if_no, otherwise, option:<value>, case:<n> or flow.

    `target` is a node of this flow; `away` a topic or flow that the dialogue leaves for ('topic:work.wage_unpaid').
    """

    name: str
    target: str | None = None
    away: str = ""

    @property
    def is_open(self) -> bool:
        return not self.target and not self.away


def nodes_of(data: Plain) -> dict[str, Plain]:
    nodes = data.get("nodes")
    return dict(nodes) if isinstance(nodes, Mapping) else {}


def exits(node: Plain) -> tuple[Exit, ...]:
    """In the order in which the node offers them."""
    return tuple(_exits(node))


def items_of(node: Plain) -> list[Any]:
    """Options, cases or items."""
    found = node.get(LISTS.get(str(node.get("kind")), ""))
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else []


def option_name(option: Plain, place: int) -> str:
    return f"option:{option.get('value') or option.get('topic') or option.get('flow') or place}"


def with_exit(node: Plain, name: str, target: str | None) -> dict[str, Any] | None:
    """The node with this exit leading to `target`. None: the node has no such exit, or it leads away from the flow."""
    if not any(found.name == name for found in exits(node)) and name not in optional(node):
        return None
    kind, _, rest = name.partition(":")
    if kind in ("option", "case"):
        items = items_of(node)
        place = _place(node, name, rest)
        if place is None:
            return None
        away = {"topic": None, "flow": None} if kind == "option" else {}
        items[place] = _clean({**items[place], **away, "next": target})
        return {**node, LISTS[str(node["kind"])]: items}
    return None if name == "flow" else _clean({**node, name: target})


def optional(node: Plain) -> tuple[str, ...]:
    """Exits that a node may have or lack."""
    match node.get("kind"):
        case "ask":
            return ("next", "skip")
        case "hand_over":
            return ("next",)
        case _:
            return ()


def arrows(data: Plain) -> Iterator[tuple[str, Exit]]:
    """(node, exit) of all that leads on to a node, existing or not."""
    for name, node in nodes_of(data).items():
        yield from ((name, found) for found in exits(node) if found.target)


def reading_order(data: Plain) -> list[str]:
    """Nodes as one walks: from the start, then from where who is stuck goes on, then what nobody gets to."""
    nodes = nodes_of(data)
    found: dict[str, None] = {}
    for root in (data.get("start"), data.get("stuck"), *_without_arrows(data), *sorted(nodes)):
        todo = [root]
        while todo:
            name = todo.pop()
            if isinstance(name, str) and name in nodes and name not in found:
                found[name] = None
                todo += [each.target for each in reversed(exits(nodes[name]))]
    return list(found)


def _without_arrows(data: Plain) -> list[str]:
    targets = {found.target for _, found in arrows(data)}
    return sorted(nodes_of(data).keys() - targets)


def _exits(node: Plain) -> Iterator[Exit]:
    kind = node.get("kind")
    match kind:
        case "choose":
            for place, option in enumerate(items_of(node)):
                away = next((f"{to}:{option[to]}" for to in ("topic", "flow") if option.get(to)), "")
                yield Exit(option_name(option, place), option.get("next"), away)
        case "condition":
            for place, case in enumerate(items_of(node)):
                yield Exit(f"case:{place}", case.get("next"))
            yield Exit("otherwise", node.get("otherwise"))
        case "ask":
            yield from _of_question(node)
        case "hand_over" if node.get("next"):
            yield Exit("next", node["next"])
        case "go_to":
            yield Exit("flow", None, f"flow:{node['flow']}" if node.get("flow") else "")
        case _ if kind in SINGLE:
            yield Exit("next", node.get("next"))


def _of_question(node: Plain) -> Iterator[Exit]:
    if node.get("what") == "yes_no":
        for name in ("if_yes", "if_no"):
            if node.get(name) or not node.get("next"):
                yield Exit(name, node.get(name))
    if node.get("what") != "yes_no" or node.get("next"):
        yield Exit("next", node.get("next"))
    if node.get("skip"):
        yield Exit("skip", node["skip"])


def _place(node: Plain, name: str, rest: str) -> int | None:
    if name.startswith("case:"):
        return int(rest) if rest.isascii() and rest.isdigit() and int(rest) < len(items_of(node)) else None
    names = [option_name(option, place) for place, option in enumerate(items_of(node))]
    return names.index(name) if name in names else None


def _clean(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}
