"""The pattern language of the phrase lists."""

import pytest

from flows.understand.normalise import prepare
from flows.understand.phrases import PhraseSet, blot


def find(pattern: str, text: str, language: str = "bg") -> bool:
    phrases = PhraseSet({2: ["две"]})
    phrases.add("label", language, [pattern], {"who": ["мъжът", "той"]})
    return bool(phrases.find(prepare(text).text))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("бие*", "биеше го", True),
        ("бие", "биеше го", False),
        ("мъжът .. бие", "мъжът ми ме бие", True),
        ("мъжът .. бие", "мъжът на леля ми вчера ме бие", False),
        ("мъжът ... бие", "мъжът на леля ми вчера ме бие", True),
        ("мъжът .. бие", "дойде мъжът. Бие часът", False),
        ("(бие|удря .. силно) ме", "удря много силно ме", True),
        ("{who} бие", "той бие", True),
        ("преди <2-4> дни", "преди 3 дни", True),
        ("преди <2-4> дни", "преди две дни", True),
        ("преди <2-4> дни", "преди 5 дни", False),
        ("утре & съд", "в съд съм утре", True),
        ("мъж*", "myj mi", True),
        ("мъж*", "maj mi", True),
    ],
)
def test_patterns(pattern: str, text: str, found: bool) -> None:
    assert find(pattern, text) is found


def test_a_stem_before_a_melting_vowel_is_found() -> None:
    assert find("încui*", "suntem încuiați", "ro")


@pytest.mark.parametrize("pattern", ["", "*", "a)", "(a"[1:] + ")"])
def test_an_unreadable_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        find(pattern, "текст")


def test_blotting_hides_words() -> None:
    phrases = PhraseSet()
    phrases.add("idiom", "bg", ["умирам от смях"])
    text = prepare("умирам от смях с теб").text

    assert blot(text, phrases.find(text)) == "_ _ _ s teb"
