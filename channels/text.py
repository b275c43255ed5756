"""Cutting texts to what one message of a channel can carry, and buttons as numbered lines where there are none."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from channels.base import Button

# Spaces at which a line may break; no-break spaces ("§ 5" with U+00A0) are not among them.
_SPACES = " \t\n\r\f\v\x85\u1680\u2028\u2029\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B) if code != 0x2007
)
_ZWJ = "\u200d"
_ZWNJ = "\u200c"

# From the best place for a cut to the worst: what to find, and how full the part must be at least to cut there.
_PLACES: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"\r?\n[ \t]*\r?\n"), 0.5),
    (re.compile(r"\r?\n"), 0.5),
    (re.compile(rf"(?<=[.!?…])[{_SPACES}]|(?<=[.!?…][»”“\"')\]])[{_SPACES}]"), 0.5),
    (re.compile(rf"[{_SPACES}]+"), 0.0),
)

HUMAN = "human"  # the id of the button that asks for a person: its number is 0 everywhere


def clean_text(text: str) -> str:
    """Without what PostgreSQL and UTF-8 refuse: null characters and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def utf16_length(text: str) -> int:
    """UTF-16 code units, as Telegram and SMS count: most emojis are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def numbered(buttons: Iterable[Button]) -> str:
    """Buttons as lines to answer with a number: "1 Work", "2 Housing"; "0 …" for a person comes last."""
    human: list[str] = []
    lines: list[str] = []
    for button in buttons:
        label = " ".join(button.label.split())
        if button.id == HUMAN:
            human.append(f"0 {label}")
        else:
            lines.append(f"{len(lines) + 1} {label}")
    return "\n".join(lines + human)


def split_text(text: str, limit: int, *, measure: Callable[[str], int] = len) -> list[str]:
    """Parts of at most `limit` as `measure` counts; only white space at a cut is lost.

    `measure` may count anything that never shrinks when text is appended: UTF-16 units, GSM-7 septets.
    What people see as one character stays whole, unless it alone is longer than the limit.
    """
    if limit < 1:
        raise ValueError("limit must be positive")
    parts: list[str] = []
    rest = text
    while measure(rest) > limit:
        cut = _cut(rest, limit, measure)
        if head := rest[:cut].rstrip(_SPACES):
            parts.append(head)
        rest = _without_leading_space(rest[cut:])
    if rest:
        parts.append(rest)
    return parts


def _cut(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """Where to end the first part: the last good place that fits, else the last whole character."""
    fits = _longest_prefix(text, limit, measure)
    whole = fits
    while whole > 0 and _inseparable(text, whole):
        whole -= 1
    if whole == 0:  # One character (with all its accents) is longer than the limit.
        return max(fits, 1)
    for pattern, fullness in _PLACES:
        starts = [match.start() for match in pattern.finditer(text, 0, whole + 4)]
        good = [at for at in starts if whole * fullness < at <= whole and not _inseparable(text, at)]
        if good:
            return good[-1]
    return whole


def _longest_prefix(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """The number of code points that fit, found by halving; `text` as a whole does not fit."""
    low, high = 0, min(limit, len(text))
    while high < len(text) and measure(text[:high]) <= limit:
        low, high = high, min(high * 2, len(text))
    while high - low > 1:
        middle = (low + high) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle
    return low


def _without_leading_space(text: str) -> str:
    """A space that carries an accent is a character, not white space at the cut."""
    stripped = text.lstrip(_SPACES)
    if stripped and len(stripped) < len(text) and _extends(stripped[0]):
        return text[len(text) - len(stripped) - 1 :]
    return stripped


def _inseparable(text: str, at: int) -> bool:
    """Do the code points before and after this place form one visible character?"""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _extends(after) or before == _ZWJ or (before == "\r" and after == "\n"):
        return True
    if _regional(before) and _regional(after):
        start = at
        while start > 0 and _regional(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"


def _extends(char: str) -> bool:
    """Accents, variation selectors, joiners, skin tones and flag tags belong to the character before them."""
    if char.isascii():
        return False
    return (
        char in (_ZWJ, _ZWNJ)
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or unicodedata.category(char) in ("Mn", "Me", "Mc")
    )


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
