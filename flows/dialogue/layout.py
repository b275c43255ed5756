"""Places a flow's nodes and arrows on a plane, in layers from the start downwards. The same flow always looks the same.

The layers come from `fast_sugiyama`. It ends the whole process on a circle or a loop, so it is only given what has neither:
arrows that lead back are turned round for it, and drawn the right way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fast_sugiyama import from_edges

from flows.dialogue.exits import Exit, arrows, nodes_of, reading_order

WIDTH, HEIGHT = 220, 96
ACROSS, DOWN = 36, 84  # between neighbours, between layers; labels of arrows stand there
THIN = 28  # what a long arrow needs that passes through a layer
LOOP = 26  # how far an arrow of a node to itself goes out

Point = tuple[float, float]
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a node to another, with all exits that lead there. `back`: against the direction of reading."""

    source: str
    target: str
    exits: tuple[Exit, ...]
    points: tuple[Point, ...]
    back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """`places`: the upper left corner of each node."""

    places: dict[str, Point]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


@dataclass(slots=True)
class _Part:
    """Nodes that hang together. `ways`: of each forward edge the points in the layers between."""

    middles: dict[str, Point]
    ways: dict[Edge, list[Point]]
    width: float


def layout(data: Mapping[str, Any]) -> Layout:
    """Parts that do not hang together stand side by side."""
    order = reading_order(data)
    together = _together(data)
    edges = [edge for edge in together if edge[0] != edge[1]]
    backward = _backward(order, edges)
    forward = list(dict.fromkeys((b, a) if (a, b) in backward else (a, b) for a, b in edges))
    middles: dict[str, Point] = {}
    ways: dict[Edge, list[Point]] = {}
    left = 0.0
    for names in _parts(order, forward):
        part = _place(names, [edge for edge in forward if edge[0] in names])
        middles |= {name: (x + left, y) for name, (x, y) in part.middles.items()}
        ways |= {edge: [(x + left, y) for x, y in points] for edge, points in part.ways.items()}
        left += part.width + ACROSS * 2
    places = {name: (x - WIDTH / 2, y) for name, (x, y) in middles.items()}
    drawn = tuple(_arrow(edge, tuple(found), places, ways, edge in backward) for edge, found in together.items())
    bottom = max((y for _, y in places.values()), default=0.0) + HEIGHT
    return Layout(places, drawn, max(left - ACROSS * 2, WIDTH), bottom)


def _together(data: Mapping[str, Any]) -> dict[Edge, list[Exit]]:
    nodes = nodes_of(data)
    found: dict[Edge, list[Exit]] = {}
    for name, each in arrows(data):
        if each.target in nodes:
            found.setdefault((name, str(each.target)), []).append(each)
    return found


def _backward(order: list[str], edges: Iterable[Edge]) -> set[Edge]:
    """Edges that close a circle, as one meets them when walking in this order."""
    following: dict[str, list[str]] = {name: [] for name in order}
    for source, target in edges:
        following[source].append(target)
    found: set[Edge] = set()
    done: set[str] = set()
    for root in order:
        path, stack = [root], [iter(following[root])] if root not in done else []
        while stack:
            here = next(stack[-1], None)
            if here is None:
                done.add(path.pop())
                stack.pop()
            elif here in path:
                found.add((path[-1], here))
            elif here not in done:
                path.append(here)
                stack.append(iter(following[here]))
    return found


def _parts(order: list[str], edges: list[Edge]) -> list[set[str]]:
    part = {name: {name} for name in order}
    for one, other in edges:
        if part[one] is not part[other]:
            joined = part[one] | part[other]
            part |= dict.fromkeys(joined, joined)
    found: list[set[str]] = []
    for name in order:
        if not any(part[name] is each for each in found):
            found.append(part[name])
    return found


def _place(names: set[str], edges: list[Edge]) -> _Part:
    if not edges:
        return _Part(dict.fromkeys(names, (WIDTH / 2, 0.0)), {}, WIDTH)
    ((positions, _, _, chains),) = from_edges(edges, dummy_vertices=True, check_layout=False)
    spread = _spread(dict(positions))
    left = min(x - _half(each) for each, (x, _) in spread.items())
    placed = {each: (x - left, y) for each, (x, y) in spread.items()}
    width = max(x + _half(each) for each, (x, _) in placed.items())
    middles = {each: point for each, point in placed.items() if isinstance(each, str)}
    return _Part(middles, _ways(list(chains or []), placed), width)


def _spread(positions: Mapping[int | str, Point]) -> dict[int | str, Point]:
    """Wide enough for our boxes: in each layer nothing overlaps its neighbour."""
    layers: dict[float, list[int | str]] = {}
    for each, (_, y) in positions.items():
        layers.setdefault(y, []).append(each)
    found: dict[int | str, Point] = {}
    scale = (WIDTH + ACROSS) / 72  # the library's own distance
    for depth, y in enumerate(sorted(layers, reverse=True)):
        free = float("-inf")
        for each in sorted(layers[y], key=lambda one: (positions[one][0], str(one))):
            x = float(round(max(positions[each][0] * scale, free + _half(each))))
            found[each] = (x, depth * (HEIGHT + DOWN))
            free = x + _half(each) + ACROSS
    return found


def _half(each: int | str) -> float:
    """Half the width of a node, or of an arrow on its way."""
    return (WIDTH if isinstance(each, str) else THIN) / 2


def _ways(chains: list[tuple[int | str, int | str]], placed: Mapping[int | str, Point]) -> dict[Edge, list[Point]]:
    following = {source: target for source, target in chains if isinstance(source, int)}
    found: dict[Edge, list[Point]] = {}
    for source, target in chains:
        if isinstance(source, str):
            points = []
            while isinstance(target, int):
                points.append(placed[target])
                target = following[target]
            found[source, target] = points
    return found


def _arrow(
    edge: Edge, found: tuple[Exit, ...], places: Mapping[str, Point], ways: Mapping[Edge, list[Point]], back: bool
) -> Arrow:
    source, target = edge
    if source == target:
        x, y = places[source]
        right = x + WIDTH
        loop = ((right, y + 24), (right + LOOP, y + 24), (right + LOOP, y + HEIGHT - 24), (right, y + HEIGHT - 24))
        return Arrow(source, target, found, loop, True)
    upper, lower = (target, source) if back else (source, target)
    (x1, y1), (x2, y2) = places[upper], places[lower]
    between = ways.get((upper, lower), [])
    points = [(x1 + WIDTH / 2, y1 + HEIGHT)]
    for x, y in between:
        points += [(x, y), (x, y + HEIGHT)]
    points.append((x2 + WIDTH / 2, y2))
    return Arrow(source, target, found, tuple(reversed(points) if back else points), back)
