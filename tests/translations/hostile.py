"""Translators that do what models do on a bad day; each answers as if it had translated."""

import re
from collections.abc import Callable

MARK = re.compile(r"Xq(\d+)Z")


def copies(text: str) -> str:
    return text


def drops_marks(text: str) -> str:
    return MARK.sub("", text)


def drops_one_mark(text: str) -> str:
    return MARK.sub("", text, count=1)


def doubles_marks(text: str) -> str:
    return MARK.sub(r"\g<0> \g<0>", text)


def glues_marks(text: str) -> str:
    """Drops every word between."""
    return "".join(match.group() for match in MARK.finditer(text)) + " wort"


def spaces_marks(text: str) -> str:
    """As subword models do; nothing is lost by it."""
    return MARK.sub(r"xq \1 Z", text)


def swaps_numbers(text: str) -> str:
    return MARK.sub(lambda match: f"Xq{int(match[1]) + 1}Z", text)


def adds_digits(text: str) -> str:
    return text + " 450"


def adds_a_link(text: str) -> str:
    return text + " www.boes.de"


def changes_marks(text: str) -> str:
    return MARK.sub(r"Xg\1Z", text)


def stutters(text: str) -> str:
    return text + " да да да да да да да"


def babbles(text: str) -> str:
    return " ".join([text, *(f"{chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(600))])


def repeats_itself(text: str) -> str:
    return f"{text} {text}"


def says_nothing(text: str) -> str:
    return ""


def says_a_dot(text: str) -> str:
    return " . "


def shouts(text: str) -> str:
    return text.upper()


def turns_round(text: str) -> str:
    return " ".join(reversed(text.split()))


ALL: tuple[Callable[[str], str], ...] = (
    copies, drops_marks, drops_one_mark, doubles_marks, glues_marks, spaces_marks, swaps_numbers, adds_digits, adds_a_link,
    changes_marks, stutters, babbles, repeats_itself, says_nothing, says_a_dot, shouts, turns_round,
)  # fmt: skip
