"""What differs, word by word, and how each place is named."""

from typing import Any

import pytest

from app.editor.differences import differences, word_changes
from app.web.editor.showing import name_of
from app.web.i18n import texts
from flows.library import Library

OLD: dict[str, Any] = {
    "topic": "work.tips",
    "review_on": "2026-01-01",
    "answers": {"de": {"label": "Lohn", "messages": ["Kommen Sie um zehn."]}, "ro": {"label": "Salariu", "messages": ["A", "B"]}},
}  # fmt: skip


def test_words_and_punctuation_are_compared_on_their_own() -> None:
    assert word_changes("come at ten.", "come at nine, please.") == (
        ("same", "come at"),
        ("gone", " ten"),
        ("new", " nine, please"),
        ("same", "."),
    )


def test_structure_comes_first_then_the_languages() -> None:
    answers = OLD["answers"]
    changed = {"de": {**answers["de"], "messages": ["Kommen Sie um neun."]}, "ro": {**answers["ro"], "messages": ["A"]}}
    new = OLD | {"review_on": "2027-01-01", "answers": changed}
    found = differences(OLD, new)
    assert [(each.aspect, each.path[-1]) for each in found] == [("structure", "review_on"), ("ro", "1"), ("de", "0")]
    assert found[1].words == (("gone", "B"),)
    assert ("gone", " zehn") in found[2].words


def test_what_is_new_altogether_is_all_put_in() -> None:
    assert {what for each in differences(None, OLD) for what, _ in each.words} == {"new"}


@pytest.mark.parametrize(
    ("path", "german", "english"),
    [
        (("answers", "ro", "messages", "1"), "Text auf Rumänisch, 2. Nachricht", "Text in Romanian, message 2"),
        (
            ("nodes", "job", "options", "yes", "label", "ro"),
            "Schritt job, Antwort yes, Beschriftung auf Rumänisch",
            None,
        ),
        (("nodes", "job", "text", "de"), "Schritt job, Text auf Deutsch", "Step job, Text in German"),
        (("values", "meat", "bg"), "Wert meat, Bulgarisch", None),
        (("label", "uk"), "Beschriftung auf Ukrainisch", None),
        (("sources", "0", "law"), "1. Quelle, Gesetz", None),
        (("nodes", "#"), "Schritte, Reihenfolge", None),
        (("words", "tr", "0"), "Alltagswörter auf Türkisch, 1.", None),
    ],
)
def test_places_have_names(path: tuple[str, ...], german: str, english: str | None) -> None:
    library = Library.empty()
    assert name_of(texts("de"), library, path) == german
    if english:
        assert name_of(texts("en"), library, path) == english
