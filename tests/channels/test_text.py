"""split_text: nothing is lost, nothing visible is torn."""

import random
import re

import pytest

from channels.text import split_text, utf16_length

FAMILY = "👨‍👩‍👧‍👦"
THUMB = "👍🏽"
FLAGS = "🇧🇬🇷🇴🇺🇦"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
KEYCAP = "1\ufe0f\u20e3"


def test_short_texts_stay_as_they_are() -> None:
    assert split_text("  Здравей\n", 10) == ["  Здравей\n"]
    assert split_text("", 10) == []


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("Първо изречение. Второ изречение", 25, ["Първо изречение.", "Второ изречение"]),
        ("ред едно\nред две три", 14, ["ред едно", "ред две три"]),
        ("абзац едно\n\nабзац. Две три", 20, ["абзац едно", "абзац. Две три"]),
        ("абзац едно\r\n\r\nабзац две", 15, ["абзац едно", "абзац две"]),
        ("само няколко думи тук", 12, ["само няколко", "думи тук"]),
        ("„Ела тук.“ Каза той на нея", 14, ["„Ела тук.“", "Каза той на", "нея"]),
        ("а. дълга дума след кратка", 20, ["а. дълга дума след", "кратка"]),
        ("x" * 25, 10, ["x" * 10, "x" * 10, "x" * 5]),
        ("виж § 5 тук", 6, ["виж", "§ 5", "тук"]),
        ("          край", 5, ["край"]),
    ],
)
def test_prefers_paragraphs_then_lines_sentences_words(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text.replace("§ 5", "§\u00a05"), limit) == [part.replace("§ 5", "§\u00a05") for part in parts]


@pytest.mark.parametrize("cluster", [FAMILY, THUMB, WALES, KEYCAP, "e\u0301\u0323", "i\u0306", "❤\ufe0f", "🇧🇬"])
@pytest.mark.parametrize("limit", [11, 12, 13, 20])
def test_visible_characters_stay_whole(cluster: str, limit: int) -> None:
    parts = split_text("аб" + cluster * 9, limit, measure=utf16_length)
    assert "".join(parts) == "аб" + cluster * 9
    if utf16_length(cluster) <= limit:
        assert all(part.removeprefix("аб").replace(cluster, "") == "" for part in parts)
    assert all(utf16_length(part) <= limit for part in parts)


def test_flags_are_cut_between_countries() -> None:
    assert split_text(FLAGS, 3) == ["🇧🇬", "🇷🇴", "🇺🇦"]


def test_a_surrogate_pair_in_two_halves_stays_together() -> None:
    assert split_text("ab\ud83d\ude00", 3) == ["ab", "\ud83d\ude00"]


def test_a_character_longer_than_the_limit_is_cut_rather_than_lost() -> None:
    text = "a" + "\u0301" * 30
    parts = split_text(text, 10)
    assert "".join(parts) == text
    assert all(len(part) <= 10 for part in parts)


def test_one_code_point_longer_than_the_limit_does_not_loop() -> None:
    assert split_text("😀😀", 1, measure=utf16_length) == ["😀", "😀"]


def test_a_space_with_an_accent_is_not_white_space() -> None:
    assert "".join(split_text("абв \u0301где", 3)) == "абв \u0301где"


def test_an_impossible_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        split_text("x", 0)


def test_a_measure_may_jump() -> None:
    """SMS: one Cyrillic letter more than halves what fits."""

    def septets(text: str) -> int:
        return len(text) if text.isascii() else len(text) * 2

    parts = split_text("plain words here and then кирилица follows in the text", 20, measure=septets)
    assert all(septets(part) <= 20 for part in parts)
    assert " ".join(parts) == "plain words here and then кирилица follows in the text"


def test_random_texts() -> None:
    chance = random.Random(7)
    pieces = [
        *"абвxyz.!? \n\t",
        "\n\n",
        "\r\n",
        " \u0301",
        FAMILY,
        THUMB,
        FLAGS,
        WALES,
        KEYCAP,
        "\u0301",
        "\u200d",
        "…",
    ]
    for _ in range(1500):
        text = "".join(chance.choices(pieces, k=chance.randrange(60)))
        limit = chance.randrange(1, 40)
        parts = split_text(text, limit, measure=utf16_length)
        assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
        assert all(utf16_length(part) <= max(limit, 2) for part in parts)
        assert all(part.strip() for part in parts) or len(parts) <= 1
