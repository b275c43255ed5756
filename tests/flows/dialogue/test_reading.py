"""Typed answers other than days: ages of children, numbers, places, words that mean one thing."""

import pytest

from flows.dialogue.graph import Ask
from flows.dialogue.reading import means, read, read_ages
from flows.dialogue.world import Given
from tests.flows.dialogue.small import Walk, small, words


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("4, 9", [4, 9]),
        ("9 и 4", [4, 9]),
        ("на 4 и на 9 години", [4, 9]),
        ("две деца, на 4 и 9", [4, 9]),
        ("doi copii, 4 si 9 ani", [4, 9]),
        ("четири и девет", [4, 9]),
        ("8 місяців і 3 роки", [0, 3]),
        ("бебе на 18 месеца", [1]),
        ("7", [7]),
        ("5 5 12", [5, 5, 12]),
        ("Kinder: 2, 6, 14", [2, 6, 14]),
        ("имам бебе", [0]),
        ("baby 7 months", [0]),
        ("много", []),
        ("40", []),
        ("", []),
    ],
)
def test_ages(text: str, ages: list[int]) -> None:
    assert read_ages(text) == ages


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3 стаи", 3),
        ("1 500 евро", 1500),
        ("1.500", 1500),
        ("1200,50 euro", 1200),
        ("trei", 3),
        ("2 или 3", None),
        ("x", None),
        ("99", 99),
    ],
)
def test_numbers(text: str, value: int | None) -> None:
    ask = Ask(kind="ask", what="number", field="rooms", text=words("?"), next="x")
    assert read(ask, Given(text), Walk(small()).world).value == value


def test_a_place_in_the_words_of_any_language() -> None:
    ask = Ask(kind="ask", what="place", field="where", text=words("?"), next="x")
    world = Walk(small()).world
    assert read(ask, Given("i live in Town, near the station"), world).value == "town"
    assert read(ask, Given("Berlin"), world).value is None


@pytest.mark.parametrize("text", ["назад", "nazad", "Înapoi", "inapoi", "zurück", "BACK"])
def test_back_in_any_language(text: str) -> None:
    assert means("back", text)


@pytest.mark.parametrize("text", ["?", "не знам", "ne znam", "nu știu", "nu stiu", "не знаю", "weiß nicht"])
def test_not_knowing_in_any_language(text: str) -> None:
    assert means("dont_know", text)


def test_a_question_is_not_not_knowing() -> None:
    assert not means("dont_know", "не знам какво да правя с това писмо?")
