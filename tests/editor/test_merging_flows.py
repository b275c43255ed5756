"""Two people's changes of one flow, put together value by value."""

from typing import Any

from app.editor.merging import merge

BASE: dict[str, Any] = {
    "nodes": {"a": {"text": {"de": "A", "ro": "A"}}, "b": {"options": [{"value": "x", "next": "a"}, {"value": "y"}]}},
    "topics": ["one"],
}


def nodes(**changed: Any) -> dict[str, Any]:
    return {**BASE, "nodes": {**BASE["nodes"], **changed}}


def test_changes_in_different_places_stand_both() -> None:
    mine = nodes(a={"text": {"de": "Mine", "ro": "A"}}, c={"kind": "end"})
    theirs = nodes(
        a={"text": {"de": "A", "ro": "Theirs"}}, b={"options": [{"value": "y"}, {"value": "x", "next": "b"}]}
    )
    merged = merge(BASE, mine, theirs)
    assert merged.clashes == ()
    assert merged.data["nodes"] == {
        "a": {"text": {"de": "Mine", "ro": "Theirs"}},
        "b": {"options": [{"value": "y"}, {"value": "x", "next": "b"}]},
        "c": {"kind": "end"},
    }


def test_lines_that_each_added_stand_both() -> None:
    first, second = BASE["nodes"]["b"]["options"]
    merged = merge(BASE, nodes(b={"options": [first, second, {"value": "z"}]}), nodes(b={"options": [second]}))
    assert merged.data["nodes"]["b"]["options"] == [second, {"value": "z"}]
    assert merged.clashes == ()


def test_what_both_changed_or_one_deleted_is_a_clash_and_the_preferred_side_stands() -> None:
    mine, theirs = nodes(a={"text": {"de": "Mine"}}), {**BASE, "nodes": {"b": BASE["nodes"]["b"]}, "topics": []}
    merged = merge(BASE, mine, theirs, "mine")
    assert [clash.path for clash in merged.clashes] == [("nodes", "a")]
    assert merged.data["nodes"]["a"] == {"text": {"de": "Mine"}}
    assert merged.data["topics"] == []
    assert "a" not in merge(BASE, mine, theirs).data["nodes"]
