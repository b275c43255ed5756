"""Three states of one piece become one: what one side changed is kept, what both changed is a clash."""

from typing import Any

from app.editor.merging import merge

BASE: dict[str, Any] = {
    "label": {"de": "Lohn", "ro": "Salariu"},
    "messages": ["A", "B"],
    "days": {},
    "nodes": {"one": {"text": "1"}, "two": {"text": "2"}},
    "options": [{"value": "yes", "next": "a"}, {"value": "no", "next": "b"}],
}


def test_what_only_one_side_changed_is_kept_from_that_side() -> None:
    mine = BASE | {"label": {"de": "Geld", "ro": "Salariu"}, "messages": ["A!", "B"], "days": {"2026-12-24": []}}
    theirs = BASE | {"label": {"de": "Lohn", "ro": "Bani"}, "messages": ["A", "B!"]}
    merged = merge(BASE, mine, theirs)
    assert merged.clashes == ()
    assert merged.data["label"] == {"de": "Geld", "ro": "Bani"}
    assert merged.data["messages"] == ["A!", "B!"]
    assert merged.data["days"] == {"2026-12-24": []}


def test_elements_with_names_come_go_and_move() -> None:
    mine = BASE | {
        "options": [{"value": "no", "next": "b"}, {"value": "yes", "next": "a"}],
        "nodes": {"two": {"text": "2"}},
    }
    theirs = BASE | {
        "options": [{"value": "yes", "next": "a"}, {"value": "maybe", "next": "c"}, {"value": "no", "next": "d"}]
    }
    merged = merge(BASE, mine, theirs)
    assert [each["value"] for each in merged.data["options"]] == ["no", "yes", "maybe"]
    assert merged.data["options"][0]["next"] == "d"
    assert list(merged.data["nodes"]) == ["two"]


def test_what_both_changed_is_a_clash_that_somebody_decides() -> None:
    mine = BASE | {"label": {"de": "Geld", "ro": "Salariu"}, "nodes": {"two": {"text": "2"}}}
    theirs = BASE | {"label": {"de": "Verdienst", "ro": "Salariu"}, "nodes": BASE["nodes"] | {"one": {"text": "eins"}}}
    merged = merge(BASE, mine, theirs, "mine")
    assert [clash.name for clash in merged.clashes] == ["label/de", "nodes/one"]
    assert merged.data["label"]["de"] == "Geld"
    choices = {"label/de": "theirs"}
    assert [clash.name for clash in merged.undecided(choices)] == ["nodes/one"]
    decided = merge(BASE, mine, theirs, choices=choices | {"nodes/one": "mine"})
    assert decided.data["label"]["de"] == "Verdienst"
    assert list(decided.data["nodes"]) == ["two"]


def test_who_approved_what_is_no_change() -> None:
    mine = {"answers": {"de": {"label": "A", "approved_by": "Ana"}}}
    theirs = {"answers": {"de": {"label": "A", "approved_by": None}}}
    assert merge({}, mine, theirs).clashes == ()
