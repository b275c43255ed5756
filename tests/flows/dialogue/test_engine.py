"""Walking through a flow: forwards, back, by button and by words, with wrong answers and things that are known."""

from typing import Any

from flows.dialogue import engine
from flows.dialogue.effects import Begin, Ended, Learn, OpenCase, Phrase, Say, SayAnswer
from flows.dialogue.graph import WRONG_ANSWERS
from tests.flows.dialogue.small import Walk, small, words


def test_from_the_first_word_to_the_end() -> None:
    walk = Walk(small())
    assert walk.texts[0] == "Hello."
    assert walk.texts[1].startswith("How many rooms?\nYou do not know it? Write: ?\n\n0 = a person.")
    walk.says("three")
    assert walk.effects[0] == Learn("rooms", 3)
    assert walk.texts == ["Warm?"]
    walk.presses("No")
    walk.says("yesterday")
    assert walk.texts == ["Which heating, 3 rooms, cold since Saturday, 21 November 2026?"]
    walk.says("oil")
    assert walk.last.state is None
    assert walk.effects[-2:] == (Say("Good."), Ended(()))


def test_a_condition_leads_to_a_human() -> None:
    walk = Walk(small())
    for said in ("2", "no"):
        walk.says(said, says=said if said == "no" else None)
    walk.says("1.11.2026")
    walk.presses("Gas")
    assert OpenCase("cold_flat", (), urgent=True) in walk.effects
    assert walk.effects[-1] == Ended()


def test_wrong_answers_get_kind_words_and_then_a_human() -> None:
    walk = Walk(small(nodes=node_without_skip()))
    kinds = []
    for said in ("many", "12", "no idea what you mean"):
        walk.says(said)
        kinds.append(walk.effects[0])
    assert kinds[:2] == [Phrase("flow.again.number"), Phrase("flow.again.number_range")]
    assert len(kinds) == WRONG_ANSWERS
    assert walk.effects == (Phrase("flow.stuck"), OpenCase("flow_stuck", ()), Ended())


def node_without_skip() -> dict[str, Any]:
    return {"how_many": {**small()["nodes"]["how_many"], "skip": None}}


def test_where_not_knowing_has_a_way_on_the_third_wrong_answer_takes_it() -> None:
    walk = Walk(small())
    for said in ("many", "12", "no idea what you mean"):
        walk.says(said)
    assert walk.texts == ["Warm?"]


def test_a_right_answer_forgets_the_wrong_ones() -> None:
    walk = Walk(small())
    walk.says("many")
    walk.says("2")
    walk.says("maybe")
    walk.says("perhaps")
    assert walk.effects[0] == Phrase("flow.again.yes_no")
    assert walk.last.state is not None


def test_who_does_not_know_goes_on_where_that_is_foreseen() -> None:
    walk = Walk(small())
    walk.says("не знам")
    assert walk.texts == ["Warm?"]
    assert walk.state.fields["rooms"] is None
    walk.says("?")
    assert walk.effects[0] == Phrase("flow.again.yes_no")


def test_back_to_the_question_before_and_at_the_first_to_itself() -> None:
    walk = Walk(small())
    walk.says("2")
    walk.says("назад")
    assert walk.texts == ["How many rooms?\nYou do not know it? Write: ?"]
    walk.says("back")
    assert walk.effects[0] == Phrase("flow.first")
    assert Learn("rooms", 5) in walk.says("5").effects


def test_a_button_under_an_earlier_question_corrects_that_answer() -> None:
    walk = Walk(small())
    walk.says("2")
    no = walk.picks[1]
    walk.presses("No")
    walk.says("today")
    walk.says("No", button=no.id)
    assert walk.state.node == "when"
    assert walk.state.path == ("how_many", "warm")


def test_a_button_of_another_flow_is_no_answer() -> None:
    walk = Walk(small())
    walk.says("2")
    walk.says("Yes", button="pick:other:warm:yes")
    assert walk.effects[0] == Phrase("flow.again.yes_no")


def test_a_date_that_is_still_to_come_is_asked_again() -> None:
    walk = Walk(small())
    walk.says("2")
    walk.presses("No")
    walk.says("3.12.2026")
    assert walk.effects[0] == Phrase("flow.again.date_future")


def test_what_is_known_is_not_asked_again_where_the_flow_says_so() -> None:
    nodes = {"how_many": {**small()["nodes"]["how_many"], "unless_known": True}}
    assert Walk(small(nodes=nodes), known={"rooms": 4}).texts[-1].startswith("Warm?")
    assert Walk(small(), known={"rooms": 4}).texts[-1].startswith("How many rooms?")


def test_what_the_person_has_just_told_is_not_asked_at_all() -> None:
    walk = Walk(small())
    step = engine.start(walk.flow, 1, {"rooms": 4}, walk.world, told=("rooms",))
    assert step.state is not None
    assert step.state.node == "warm"


def test_short_words_where_every_letter_costs() -> None:
    nodes = {"how_many": {**small()["nodes"]["how_many"], "sms": words("Rooms?")}}
    assert (
        Walk(small(nodes=nodes), short=True).texts[-1]
        == "Rooms?\nYou do not know it? Write: ?\n\n0 = person, BACK, MENU"
    )


def test_an_option_may_be_for_some_only() -> None:
    kind: dict[str, Any] = small()["nodes"]["kind"]
    kind["options"][0]["when"] = {"field": "rooms", "at_least": 5}
    walk = Walk(small(nodes={"kind": kind}))
    walk.says("2")
    walk.presses("No")
    walk.says("today")
    assert [pick.label for pick in walk.picks] == ["Oil stove"]


def test_a_discreet_flow_leaves_nothing_behind() -> None:
    walk = Walk(small(discreet=True))
    walk.says("2")
    assert not any(isinstance(effect, Learn) for effect in walk.effects)


def test_what_a_colleague_must_know_goes_with_the_case_of_a_discreet_flow() -> None:
    human = {**small()["nodes"]["human"], "tell": ["rooms"]}
    walk = Walk(small(discreet=True, nodes={"warm": human}))
    walk.says("2")
    assert walk.effects[:2] == (Learn("rooms", 2), OpenCase("cold_flat", (), urgent=True))


def test_on_in_another_flow() -> None:
    walk = Walk(small(nodes={"warm": {"kind": "go_to", "flow": "small", "node": "when"}}))
    walk.says("2")
    assert walk.effects[-1] == Begin("small", "when", {"rooms": 2})


LIST: dict[str, Any] = {
    "kind": "checklist",
    "field": "todo",
    "text": words("Your list:"),
    "items": [
        {"item": "bank", "label": words("Bank"), "topic": "money.bank_account"},
        {"item": "kita", "label": words("Kita"), "when": {"field": "child_ages", "at_most": 5}},
    ],
    "next": "fine",
}


def test_a_list_is_explained_ticked_and_kept() -> None:
    walk = Walk(small(start="todo", nodes={"todo": LIST}), known={"child_ages": [3, 9]})
    assert [pick.label for pick in walk.picks] == ["⬜ Bank", "⬜ Kita", "Enough for now"]
    walk.presses("⬜ Bank")
    assert walk.effects[0] == SayAnswer("money.bank_account")
    assert Learn("todo", {"bank": True, "kita": False}) in walk.presses("✅ Yes, done").effects
    assert [pick.label for pick in walk.picks] == ["✅ Bank", "⬜ Kita", "Enough for now"]
    walk.presses("⬜ Kita")
    walk.says("да", says="yes")
    assert walk.state.fields["todo"] == {"bank": True, "kita": True}
    walk.presses("✅ Bank")  # pressed again: not done after all
    assert walk.picks[0].label == "⬜ Bank"
    walk.presses("Enough for now")
    assert walk.effects[-1] == Ended()


def test_a_list_has_only_what_concerns_one() -> None:
    walk = Walk(small(start="todo", nodes={"todo": LIST}), known={"child_ages": [9]})
    assert [pick.label for pick in walk.picks] == ["⬜ Bank", "Enough for now"]


def test_each_step_says_which_ways_were_taken() -> None:
    walk = Walk(small())
    found = [walk.last.ways]
    for said in ("3", "back", "4"):
        found.append(walk.says(said).ways)
    walk.presses("No")
    walk.says("yesterday")
    found.append(walk.says("oil").ways)
    assert found == [
        (("", "hello"), ("hello", "how_many")),
        (("how_many", "warm"),),
        (("warm", "<"), ("<", "how_many")),
        (("how_many", "warm"),),
        (("kind", "long"), ("long", "fine")),
    ]
