"""Days as people type them. A day that is misread costs a deadline: what is not certain is None."""

from datetime import date

import pytest

from flows.dialogue.whens import read_date, read_number

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("bg", "днес", (2026, 11, 22)),
        ("bg", "вчера", (2026, 11, 21)),
        ("bg", "wchera", (2026, 11, 21)),
        ("bg", "онзи ден", (2026, 11, 20)),
        ("bg", "преди 19 дни", (2026, 11, 3)),
        ("bg", "predi deset dni", (2026, 11, 12)),
        ("bg", "преди три седмици", (2026, 11, 1)),
        ("bg", "на 3 ноември", (2026, 11, 3)),
        ("bg", "от 3-ти ноември 2026 г.", (2026, 11, 3)),
        ("bg", "на първи ноември", (2026, 11, 1)),
        ("bg", "3.11", (2026, 11, 3)),
        ("bg", "получих го на 05.11.", (2026, 11, 5)),
        ("bg", "3 11 2026", (2026, 11, 3)),
        ("bg", "03112026", (2026, 11, 3)),
        ("bg", "15/11/26", (2026, 11, 15)),
        ("bg", "в понеделник", (2026, 11, 16)),
        ("ro", "ieri", (2026, 11, 21)),
        ("ro", "alaltaieri", (2026, 11, 20)),
        ("ro", "acum 19 zile", (2026, 11, 3)),
        ("ro", "in urma cu 5 zile", (2026, 11, 17)),
        ("ro", "pe 3 noiembrie", (2026, 11, 3)),
        ("ro", "luni", (2026, 11, 16)),
        ("ro", "marti", (2026, 11, 17)),
        ("ro", "3 martie", (2026, 3, 3)),
        ("uk", "позавчора", (2026, 11, 20)),
        ("uk", "три тижні тому", (2026, 11, 1)),
        ("uk", "3 лист", (2026, 11, 3)),
        ("uk", "у п'ятницю", (2026, 11, 20)),
        ("uk", "vchora", (2026, 11, 21)),
        ("de", "am 3.11.", (2026, 11, 3)),
        ("de", "vor drei Wochen", (2026, 11, 1)),
        ("en", "3rd of November", (2026, 11, 3)),
        ("en", "Nov 3rd", (2026, 11, 3)),
        ("ru", "неделю назад", (2026, 11, 15)),
        ("tr", "19 gün önce", (2026, 11, 3)),
        ("bg", "2026-11-03", (2026, 11, 3)),
        ("bg", "3. Dezember 2025", (2025, 12, 3)),  # German months are known in every language
    ],
)
def test_days(language: str, text: str, expected: tuple[int, int, int]) -> None:
    assert read_date(text, language, TODAY) == date(*expected)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bg", "не знам"),
        ("bg", "30 февруари"),
        ("bg", "31.2"),
        ("bg", "преди 2 месеца"),  # too vague for a deadline
        ("bg", "вчера или днес"),
        ("bg", "3.11 или 4.11"),
        ("bg", "15ти"),
        ("bg", "3"),
        ("bg", ""),
        ("ro", "acum 2 luni"),  # months, not Mondays
        ("ro", "saptamana trecuta"),
        ("uk", "минулого понеділка"),  # this week's or the one before?
        ("de", "letzten Montag"),
    ],
)
def test_what_is_not_certain_is_asked_again(language: str, text: str) -> None:
    assert read_date(text, language, TODAY) is None


def test_a_day_that_is_still_to_come_is_told_as_such() -> None:
    assert read_date("3 грудня", "uk", TODAY) == date(2026, 12, 3)
    assert read_date("завтра", "uk", TODAY) == date(2026, 11, 23)
    assert read_date("след 3 дни", "bg", TODAY) == date(2026, 11, 25)


def test_without_a_year_it_is_the_last_such_day_or_the_nearest() -> None:
    assert read_date("15.3", "bg", TODAY) == date(2026, 3, 15)
    assert read_date("15.3", "bg", TODAY, future=True) == date(2027, 3, 15)


@pytest.mark.parametrize(("word", "number"), [("4", 4), ("четири", 4), ("patru", 4), ("чотири", 4), ("дума", None)])
def test_numbers(word: str, number: int | None) -> None:
    assert read_number(word) == number
