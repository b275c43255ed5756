"""What one does to a flow in the editor: new data each time, references that follow, and clear words for what makes no sense."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from app.content import CONTENT_DIR
from flows.dialogue.editing import (
    CannotEdit,
    add,
    add_line,
    connect,
    delete,
    duplicate,
    move,
    remove_line,
    rename,
    reorder,
)
from flows.dialogue.exits import KINDS, arrows, exits
from flows.dialogue.graph import Flow
from flows.load import read_content

ARRIVAL = next(
    flow.model_dump(mode="json", exclude_none=True)
    for flow in read_content(CONTENT_DIR).flows
    if flow.flow == "arrival"
)


@pytest.fixture(autouse=True)
def untouched() -> Any:
    """Nothing is changed in place."""
    before = deepcopy(ARRIVAL)
    yield
    assert before == ARRIVAL


def ways(data: dict[str, Any], name: str) -> dict[str, str | None]:
    return {found.name: found.target for found in exits(data["nodes"][name])}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_step_stands_between_two(kind: str) -> None:
    done = add(ARRIVAL, kind, after="job", exit="if_yes")
    assert ways(done.data, "job")["if_yes"] == done.node
    assert {target for target in ways(done.data, done.node).values() if target} <= {"has_work"}
    assert bool(ways(done.data, done.node)) == (kind not in ("end",))


def test_names_that_are_taken_get_a_number() -> None:
    first = add(ARRIVAL, "say")
    second = add(first.data, "say")
    assert (first.node, second.node, duplicate(second.data, "say_2").node) == ("say", "say_2", "say_3")


def test_what_led_to_a_deleted_step_leads_on() -> None:
    done = delete(ARRIVAL, "has_work")
    assert ways(done.data, "job")["if_yes"] == "registered"
    assert done.loose == ()
    Flow.model_validate(done.data)


def test_a_deleted_question_with_several_ways_leaves_open_what_led_there_and_says_so() -> None:
    done = delete(ARRIVAL, "registered")
    assert done.loose == (("has_work", "next"), ("place_asked", "otherwise"))
    assert ways(done.data, "has_work") == {"next": None}
    assert "registered" not in {found.target for _, found in arrows(done.data)}


def test_the_first_step_deleted_the_next_one_is_first() -> None:
    assert delete(ARRIVAL, "hello").data["start"] == "where"


def test_all_that_leads_to_a_renamed_step_follows() -> None:
    done = rename(ARRIVAL, "registered", "Anmeldung")
    assert done.node == "anmeldung"
    assert len(done.data["nodes"]) == len(ARRIVAL["nodes"])
    assert not [found for _, found in arrows(done.data) if found.target == "registered"]
    Flow.model_validate(done.data)
    assert rename(ARRIVAL, "hello", "first").data["start"] == "first"


def test_an_exit_leads_elsewhere_and_lines_change_their_order() -> None:
    assert ways(connect(ARRIVAL, "papers", "option:eu", "list").data, "papers")["option:eu"] == "list"
    assert connect(ARRIVAL, "where", "skip", "").data["nodes"]["where"].get("skip") is None
    moved = reorder(ARRIVAL, "papers", 2, -1).data
    assert list(ways(moved, "papers")) == ["option:eu", "option:other", "option:ukraine"]
    assert reorder(ARRIVAL, "papers", 0, -1).data == ARRIVAL
    more = add_line(ARRIVAL, "papers").data
    assert list(ways(more, "papers").items())[-1] == ("option:new_1", None)
    assert remove_line(more, "papers", 3).data == ARRIVAL


def test_a_step_with_one_way_on_moves_elsewhere() -> None:
    done = move(ARRIVAL, "address_first", "where", "next").data
    assert ways(done, "order") == {"case:0": "list", "otherwise": "list"}
    assert (ways(done, "where")["next"], ways(done, "address_first")["next"]) == ("address_first", "job")
    Flow.model_validate(done)


@pytest.mark.parametrize(
    "deed",
    [
        lambda: add(ARRIVAL, "dance"),
        lambda: add(ARRIVAL, "say", after="nobody", exit="next"),
        lambda: add(ARRIVAL, "say", after="hello", exit="if_yes"),
        lambda: connect(ARRIVAL, "hello", "next", "nobody"),
        lambda: connect(ARRIVAL, "hello", "case:0", "list"),
        lambda: connect(ARRIVAL, "ages_known", "case:²", "list"),
        lambda: rename(ARRIVAL, "hello", "where"),
        lambda: rename(ARRIVAL, "hello", "Guten Tag!"),
        lambda: delete(ARRIVAL, "nobody"),
        lambda: duplicate(ARRIVAL, ""),
        lambda: reorder(ARRIVAL, "hello", 0, 1),
        lambda: reorder(ARRIVAL, "papers", 9, 1),
        lambda: remove_line(ARRIVAL, "papers", -1),
        lambda: move(ARRIVAL, "papers", "hello", "next"),
        lambda: move(ARRIVAL, "hello", "hello", "next"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(deed: Callable[[], Any]) -> None:
    with pytest.raises(CannotEdit) as refused:
        deed()
    assert refused.value.message.format_map(refused.value.detail).endswith((".", "first."))


def test_there_is_no_tenth_option() -> None:
    data = ARRIVAL
    for _ in range(6):
        data = add_line(data, "papers").data
    with pytest.raises(CannotEdit):
        add_line(data, "papers")
