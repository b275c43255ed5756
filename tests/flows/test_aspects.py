"""A piece taken apart: what belongs to a language, what moved, what is empty."""

from flows.aspects import STRUCTURE, changed, leaves


def test_words_belong_to_their_language_and_the_rest_to_the_structure() -> None:
    data = {"topic": "work.wage", "answers": {"bg": {"label": "Пари", "approved_by": "Ana"}, "de": {"label": "Lohn"}}}
    found = {path: (leaf.aspect, leaf.value) for path, leaf in leaves(data).items()}
    assert found == {
        ("topic",): (STRUCTURE, "work.wage"),
        ("answers", "bg", "label"): ("bg", "Пари"),
        ("answers", "de", "label"): ("de", "Lohn"),
    }


def test_an_option_that_moves_changes_the_structure_and_no_words() -> None:
    yes, no = ({"value": value, "label": {"bg": word, "de": word}} for value, word in (("yes", "Да"), ("no", "Не")))
    assert changed({"options": [yes, no]}, {"options": [no, yes]}) == {STRUCTURE}


def test_absent_and_empty_are_the_same_but_a_day_without_hours_is_closed() -> None:
    assert changed({"next": [], "gaps": None, "note": ""}, {}) == set()
    assert changed({"hours": {"days": {}}}, {"hours": {"days": {"2026-12-24": []}}}) == {STRUCTURE}
