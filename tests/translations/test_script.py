"""Alphabets, the skeleton, informal transliteration."""

import pytest

from translations.script import clean, latin_spellings, mend_lookalikes, script_of, skeleton, to_cyrillic


@pytest.mark.parametrize(
    "spellings",
    [
        ("шеф", "shef", "6ef", "ШЕФ", "шeф", "шшшеф"),
        ("чакам", "chakam", "4akam"),
        ("плаща", "plashta", "pla6ta"),
        ("ядох", "yadoh", "qdoh", "iadox"),
        ("жена", "zhena", "jena"),
        ("școala", "şcoala", "scoala", "SCOALA"),
        ("гроші", "groshi"),
        ("щось", "shchos"),
        ("працюю", "pratsyuyu"),
        ("Müll", "mull"),
    ],
)
def test_spellings_have_one_skeleton(spellings: tuple[str, ...]) -> None:
    assert len({skeleton(s) for s in spellings}) == 1


@pytest.mark.parametrize(("text", "kept"), [("24", "24"), ("4 деца", "4 deca"), ("46 евро", "46 evro"), ("§ 24", "24")])
def test_numbers_stay_numbers(text: str, kept: str) -> None:
    assert skeleton(text) == kept


@pytest.mark.parametrize(
    ("text", "script"), [("шеф", "Cyrl"), ("sef", "Latn"), ("шеф ok", "Cyrl"), ("12 🙂", None), ("", None)]
)
def test_scripts(text: str, script: str | None) -> None:
    assert script_of(text) == script


def test_latin_lookalikes_in_cyrillic_words_are_mended() -> None:
    assert mend_lookalikes("шeф и boss") == "шеф и boss"


def test_control_characters_go() -> None:
    assert clean("a\0b\u200b c\n d") == "a b c d"


def test_informal_latin() -> None:
    assert "6efyt ne pla6ta" in latin_spellings("шефът не плаща", "bg")
    assert latin_spellings("text", "ro") == ()


def test_back_to_cyrillic() -> None:
    assert to_cyrillic("6ef4eto pla6ta zhena", "bg") == "шефчето плаща жена"
    assert to_cyrillic("hroshi", "uk") == "гроші"
    assert to_cyrillic("seful", "ro") == "seful"
