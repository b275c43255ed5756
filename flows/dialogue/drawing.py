"""From places to lines: where each arrow leaves and arrives, how it bends, and where its words stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.dialogue.layout import HEIGHT, WIDTH, Arrow, Layout, Point

ROWS = 3  # words of neighbouring arrows stand at different heights
ROW = 17
ABOVE = 20  # between an arrow's words and the layer that it goes to


@dataclass(frozen=True, slots=True)
class Curve:
    """`path` as SVG writes it; `label`: where the middle of the arrow's words stands."""

    arrow: Arrow
    path: str
    label: Point


def curves(found: Layout) -> list[Curve]:
    leaving = _ports(found, [(arrow.source, arrow.points[1], arrow) for arrow in found.arrows])
    arriving = _ports(found, [(arrow.target, arrow.points[-2], arrow) for arrow in found.arrows])
    routes = [_route(arrow, leaving[number], arriving[number]) for number, arrow in enumerate(found.arrows)]
    labels = _labels(routes)
    return [
        Curve(arrow, _path(points), label) for arrow, points, label in zip(found.arrows, routes, labels, strict=True)
    ]


def _ports(found: Layout, ends: Sequence[tuple[str, Point, Arrow]]) -> dict[int, float]:
    """Several arrows at one side of a box stand beside each other, in the order of where they go: x by arrow."""
    sides: dict[tuple[str, bool], list[int]] = {}
    for number, (name, _, arrow) in enumerate(ends):
        sides.setdefault((name, arrow.back), []).append(number)
    ports: dict[int, float] = {}
    for (name, _), numbers in sides.items():
        numbers.sort(key=lambda number: ends[number][1][0])
        for place, number in enumerate(numbers, 1):
            ports[number] = round(found.places[name][0] + WIDTH * place / (len(numbers) + 1), 1)
    return ports


def _route(arrow: Arrow, leaving: float, arriving: float) -> tuple[Point, ...]:
    if arrow.source == arrow.target:
        return arrow.points
    return ((leaving, arrow.points[0][1]), *arrow.points[1:-1], (arriving, arrow.points[-1][1]))


def _path(points: tuple[Point, ...]) -> str:
    """Upright where it leaves and arrives."""
    x, y = points[0]
    parts = [f"M{x:g} {y:g}"]
    for x2, y2 in points[1:]:
        half = (y + y2) / 2
        parts.append(f"C{x:g} {half:g} {x2:g} {half:g} {x2:g} {y2:g}")
        x, y = x2, y2
    return " ".join(parts)


def _labels(routes: Sequence[tuple[Point, ...]]) -> list[Point]:
    """At the end of the first part of the way, where neighbours are apart from each other."""
    layers: dict[float, list[int]] = {}
    for number, points in enumerate(routes):
        layers.setdefault(points[1][1], []).append(number)
    found: dict[int, Point] = {}
    for numbers in layers.values():
        numbers.sort(key=lambda number: routes[number][1][0])
        for place, number in enumerate(numbers):
            (_, y1), (x, y) = routes[number][:2]
            off = ABOVE + ROW * (place % ROWS)
            found[number] = (x, y - off if y1 < y else y + HEIGHT / 4)
    return [found[number] for number in range(len(routes))]
