"""A flow as a nested list in the order of walking: the graph's twin for who reads with ears, keyboard or a phone.

Where a dialogue parts, the branches are nested; where they come together again, the list goes on at the outer level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flows.dialogue.exits import Exit, exits, nodes_of, reading_order

ROOT = ""  # no node has this name

Goes = Literal["on", "inside", "elsewhere", "away", "nowhere"]
"""on: with the very next line; inside: with the lines nested here; elsewhere: to a line that stands in another place."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Exits that lead to the same node."""

    exits: tuple[Exit, ...]
    goes: Goes
    target: str | None = None
    away: str = ""
    lines: "tuple[Line, ...]" = ()


@dataclass(frozen=True, slots=True)
class Line:
    node: str
    branches: tuple[Branch, ...]


def outline(data: Mapping[str, Any]) -> tuple[Line, ...]:
    """Every node stands in it exactly once."""
    order = reading_order(data)
    targets = {name: _targets(nodes_of(data), name) for name in order}
    walk = _Walk(nodes_of(data), targets, _roots(data, order, targets))
    return tuple(walk.block(walk.inside[ROOT]))


class _Walk:
    """`inside`: which nodes every way to leads through this one, and no later node (its dominator tree's children)."""

    def __init__(self, nodes: Mapping[str, Any], targets: dict[str, list[str]], roots: list[str]) -> None:
        self.nodes = nodes
        self.targets = targets
        self.before: dict[str, set[str]] = {name: set() for name in targets}
        for name, found in [(ROOT, roots), *targets.items()]:
            for target in found:
                self.before[target].add(name)
        order = _forward({ROOT: roots, **targets})
        above = _dominators(order, self.before)
        self.inside: dict[str, list[str]] = {name: [] for name in order}
        for name in order[1:]:
            self.inside[above[name]].append(name)

    def block(self, names: list[str]) -> list[Line]:
        """These nodes on one level, each followed by what comes after its branches are together again."""
        found: list[Line] = []
        todo = list(names)
        while todo:
            name = todo.pop(0)
            nested = [child for child in self.inside[name] if self._is_branch(name, child)]
            after = [child for child in self.inside[name] if child not in nested]
            follows = (after + todo)[0] if after or todo else ""
            found.append(Line(name, tuple(self._branches(name, nested, follows))))
            todo = after + todo
        return found

    def _is_branch(self, name: str, child: str) -> bool:
        return self.before[child] == {name} and len(self.targets[name]) > 1

    def _branches(self, name: str, nested: list[str], follows: str) -> list[Branch]:
        together: dict[str, list[Exit]] = {}
        for found in exits(self.nodes[name]):
            together.setdefault(found.target or found.away or f" {found.name}", []).append(found)
        return [self._branch(tuple(ways), nested, follows) for ways in together.values()]

    def _branch(self, ways: tuple[Exit, ...], nested: list[str], follows: str) -> Branch:
        target = ways[0].target
        if ways[0].away:
            return Branch(ways, "away", away=ways[0].away)
        if not target or target not in self.nodes:
            return Branch(ways, "nowhere", target)
        if target in nested:
            return Branch(ways, "inside", target, lines=tuple(self.block([target])))
        return Branch(ways, "on" if target == follows else "elsewhere", target)


def _targets(nodes: Mapping[str, Any], name: str) -> list[str]:
    return list(dict.fromkeys(each.target for each in exits(nodes[name]) if each.target and each.target in nodes))


def _roots(data: Mapping[str, Any], order: list[str], targets: dict[str, list[str]]) -> list[str]:
    """The start, where the stuck go on, and one node of each part that nobody gets to."""
    roots: list[str] = []
    reached: set[str] = set()
    for name in [data.get("start"), data.get("stuck"), *order]:
        if name not in targets or (name in reached and name != data.get("stuck")) or name in roots:
            continue
        roots.append(name)
        todo = [name]
        while todo:
            here = todo.pop()
            if here not in reached:
                reached.add(here)
                todo += targets[here]
    return roots


def _forward(graph: dict[str, list[str]]) -> list[str]:
    """Before each node stand those that lead to it, circles aside (reverse postorder)."""
    done: list[str] = []
    seen = {ROOT}
    stack = [(ROOT, iter(reversed(graph[ROOT])))]
    while stack:
        name, rest = stack[-1]
        nearest = next((each for each in rest if each not in seen), None)
        if nearest is None:
            done.append(name)
            stack.pop()
        else:
            seen.add(nearest)
            stack.append((nearest, iter(reversed(graph[nearest]))))
    return done[::-1]


def _dominators(order: list[str], before: Mapping[str, set[str]]) -> dict[str, str]:
    """For each node the nearest that every way from the root passes (Cooper, Harvey, Kennedy)."""
    place = {name: number for number, name in enumerate(order)}
    above = {ROOT: ROOT}

    def meet(one: str, other: str) -> str:
        while one != other:
            while place[one] > place[other]:
                one = above[one]
            while place[other] > place[one]:
                other = above[other]
        return one

    moved = True
    while moved:
        moved = False
        for name in order[1:]:
            known = [each for each in before[name] if each in above]
            found = known[0]
            for each in known[1:]:
                found = meet(found, each)
            if above.get(name) != found:
                above[name], moved = found, True
    return above
