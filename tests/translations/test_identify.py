"""Language and script of short messages."""

import pytest

from translations.identify import LANGUAGES, LanguageModel, seed_texts, seeds_only_model


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return seeds_only_model()


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("шефът не ми плаща парите", "bg", "Cyrl"), ("Къде да отида утре?", "bg", "Cyrl"),
        ("6efyt ne mi plashta parite", "bg", "Latn"), ("iskam da popitam neshto za decata", "bg", "Latn"),
        ("kade da otida utre s dokumentite", "bg", "Latn"), ("nqmam pari za lekarstva", "bg", "Latn"),
        ("seful nu ma plateste de doua luni", "ro", "Latn"), ("șeful nu mă plătește", "ro", "Latn"),
        ("unde trebuie sa merg cu actele", "ro", "Latn"), ("мені не заплатили за роботу", "uk", "Cyrl"),
        ("шо робить з квартирою", "uk", "Cyrl"), ("скажіть пожалуста де можна получить бумажку", "uk", "Cyrl"),
        ("хто знає шо за письмо", "uk", "Cyrl"), ("мне не заплатили за работу", "ru", "Cyrl"),
        ("подскажите как получить деньги", "ru", "Cyrl"), ("mein Chef bezahlt mich nicht", "de", "Latn"),
        ("my boss does not pay me", "en", "Latn"), ("patron maaşımı vermedi", "tr", "Latn"),
        ("patron maasimi vermiyor ne yapayim", "tr", "Latn"), ("dobryi den, skazhit bud laska de tse", "uk", "Latn"),
    ],
)  # fmt: skip
def test_languages(model: LanguageModel, text: str, language: str, script: str) -> None:
    found = model.identify(text)

    assert (found.language, found.script) == (language, script)


@pytest.mark.parametrize("text", ["2", "ok", "👍", "", "Jobcenter?"])
def test_what_says_nothing_keeps_the_conversations_language(model: LanguageModel, text: str) -> None:
    found = model.identify(text, "ro")

    assert found.language == "ro"
    assert not found.sure


def test_a_whole_sentence_changes_the_language(model: LanguageModel) -> None:
    assert model.identify("мені не заплатили за роботу", "bg").language == "uk"


def test_a_conversations_language_in_an_impossible_script_is_not_kept(model: LanguageModel) -> None:
    assert model.identify("привіт", "ro").language == "uk"


def test_an_unknown_conversation_language_is_ignored(model: LanguageModel) -> None:
    assert model.identify("2", "xx").language in LANGUAGES


def test_seeds_are_balanced() -> None:
    sizes = {language: sum(map(len, seed_texts(language))) for language in LANGUAGES}

    assert max(sizes.values()) < 2 * min(sizes.values())
