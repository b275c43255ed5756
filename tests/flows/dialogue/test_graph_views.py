"""The graph and the outline of a flow: the same nodes, nothing on top of another, and always the same picture."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from app.content import CONTENT_DIR
from flows.dialogue.layout import HEIGHT, WIDTH, layout
from flows.dialogue.outline import Line, outline
from flows.load import read_content

FLOWS = {flow.flow: flow.model_dump(mode="json", exclude_none=True) for flow in read_content(CONTENT_DIR).flows}


def lines(found: Iterable[Line]) -> Iterator[Line]:
    for line in found:
        yield line
        for branch in line.branches:
            yield from lines(branch.lines)


def say(following: str | None = None) -> dict[str, Any]:
    return {"kind": "say", "text": {}} | ({"next": following} if following else {})


@pytest.mark.parametrize("slug", FLOWS)
def test_every_real_flow_is_drawn_without_overlaps_and_outlined_with_the_same_nodes(slug: str) -> None:
    data = FLOWS[slug]
    drawn = layout(data)
    assert drawn == layout(data)
    places = list(drawn.places.values())
    for number, (x, y) in enumerate(places):
        assert 0 <= x <= drawn.width - WIDTH
        assert 0 <= y <= drawn.height - HEIGHT
        assert not [1 for a, b in places[:number] if abs(a - x) < WIDTH and abs(b - y) < HEIGHT]
    outlined = [line.node for line in lines(outline(data))]
    assert sorted(outlined) == sorted(drawn.places) == sorted(data["nodes"])


@pytest.mark.parametrize("slug", FLOWS)
def test_every_arrow_stands_in_the_outline(slug: str) -> None:
    drawn = {(arrow.source, arrow.target, arrow.exits) for arrow in layout(FLOWS[slug]).arrows}
    outlined = {
        (line.node, branch.target, branch.exits)
        for line in lines(outline(FLOWS[slug]))
        for branch in line.branches
        if branch.goes in ("on", "inside", "elsewhere")
    }
    assert drawn == outlined


def test_circles_loops_and_what_nobody_gets_to_are_drawn_too() -> None:
    nodes = {
            "a": say("b"), "b": say("c"), "c": say("a"), "self": say("self"), "gone": say("nowhere"), "open": say(),
            "x": say("y"), "y": say("x"),
        }  # fmt: skip
    data = {"start": "a", "nodes": nodes}
    drawn = layout(data)
    assert drawn.places.keys() == nodes.keys()
    back = {(arrow.source, arrow.target) for arrow in drawn.arrows if arrow.back}
    assert back == {("c", "a"), ("self", "self"), ("y", "x")}
    assert sorted(line.node for line in lines(outline(data))) == sorted(nodes)


def test_a_flow_without_nodes_and_without_a_start_has_a_picture() -> None:
    half_done: list[dict[str, Any]] = [{}, {"nodes": {}}, {"start": "gone", "nodes": {"a": say()}}]
    for data in half_done:
        assert layout(data).places.keys() == data.get("nodes", {}).keys()
        assert len(outline(data)) == len(data.get("nodes", {}))


def test_branches_are_nested_and_go_on_outside_where_they_meet() -> None:
    ask = {"kind": "ask", "what": "yes_no", "if_yes": "yes", "if_no": "no"}
    data = {"start": "ask", "nodes": {"ask": ask, "yes": say("both"), "no": say("both"), "both": {"kind": "end"}}}
    asked, both = outline(data)
    assert [(b.exits[0].name, b.goes, [line.node for line in b.lines]) for b in asked.branches] == [
        ("if_yes", "inside", ["yes"]),
        ("if_no", "inside", ["no"]),
    ]
    assert both.node == "both"
