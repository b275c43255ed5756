"""What a text costs by SMS, and the copy of a text that is worth sending by SMS.

Texts of the GSM alphabet take 160 characters in one message and 153 in each part of a longer one; a single other
character makes that 70 and 67. Stored answers are never changed: only the copy for SMS is folded, and nothing is cut.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from channels.transliterate import transliterate

# GSM 03.38: the default alphabet, and its extension, where each character takes an escape before it.
_GREEK_AND_SIGNS = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
_GSM = frozenset(_GREEK_AND_SIGNS + _LETTERS)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

# One sign for another that every phone has; as many units as before in either encoding.
_SIGNS = {
    **dict.fromkeys("„“”‟«»‹›″＂", '"'),
    **dict.fromkeys("‘’‚‛′ʼ`´＇", "'"),
    **dict.fromkeys("–—―−‐‑‒⁃﹣－", "-"),
    **dict.fromkeys(
        "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "
    ),
    **dict.fromkeys("•▪●◦‣·∙■▫○", "-"),
    "\u2028": "\n",
    "\u2029": "\n",
    "⁄": "/",
}
# Only for texts that fit the GSM alphabet afterwards: these grow.
_LONGER = {"…": "...", "№": "No.", "→": "->", "⇒": "=>", "←": "<-", "×": "x", "÷": ":", "°": "", "©": "(c)", "®": "(R)"}
_STROKES = {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ð": "d", "þ": "th", "ẞ": "SS"}
_INVISIBLE = dict.fromkeys(
    "\u00ad\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_ALWAYS = str.maketrans({**_SIGNS, **_INVISIBLE})
_FOLDING = str.maketrans({**_LONGER, **_STROKES})

_PICTURE = (
    "[\U0001f000-\U0001faff\U000e0020-\U000e007f\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"
    "\u3030\u303d\ufe00-\ufe0f\u200d\u20e3]+"
)
_PICTURES = re.compile(rf" *{_PICTURE}(?: *{_PICTURE})*(?P<space> *)(?P<mark>[.,!?;:)]?)")


@dataclass(frozen=True, slots=True)
class Segments:
    """How a text travels by SMS: `units` are septets or UTF-16 units, `per_segment` what one part can hold."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int
    per_segment: int


def is_gsm(text: str) -> bool:
    return all(char in _GSM or char in _GSM_EXTENSION for char in text)


def segments(text: str) -> Segments:
    """An escaped character or an emoji is never parted, so a part may stay one unit short."""
    if is_gsm(text):
        return _segments("GSM-7", [2 if char in _GSM_EXTENSION else 1 for char in text], alone=160, joined=153)
    return _segments("UCS-2", [2 if char > "\uffff" else 1 for char in text], alone=70, joined=67)


def _segments(encoding: Literal["GSM-7", "UCS-2"], sizes: list[int], *, alone: int, joined: int) -> Segments:
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, units, 1 if units else 0, alone)
    return Segments(encoding, units, _parts_needed(sizes, joined), joined)


def _parts_needed(sizes: Iterable[int], room: int) -> int:
    count, filled = 1, 0
    for size in sizes:
        if filled + size > room:
            count, filled = count + 1, 0
        filled += size
    return count


def price(text: str, per_segment_cents: Decimal) -> Decimal:
    return segments(text).count * per_segment_cents


def for_sms(text: str, language: str, script: str | None) -> str:
    """The copy for SMS: no emoji, plain signs, GSM letters where that makes it cheaper; Cyrillic for Cyrillic writers.

    `script` is the one that the person writes (ISO 15924): "Latn" turns Bulgarian and Ukrainian into their official
    Latin spelling. What has no GSM letters even so keeps its own.
    """
    plain = _without_pictures(unicodedata.normalize("NFC", text).translate(_ALWAYS).replace("\r\n", "\n"))
    if not plain.strip():
        return text  # Nothing but emoji: dearer, but not nothing.
    if script == "Latn":
        plain = transliterate(plain, language)
    folded = _folded(plain)
    return folded if is_gsm(folded) else plain


def _without_pictures(text: str) -> str:
    """Emoji and the spaces that they leave behind; "1" stays of a keycap."""

    def gap(match: re.Match[str]) -> str:
        before = text[match.start() - 1 : match.start()]
        at_line_start = before in ("", "\n")
        at_line_end = match.end() == len(text) or text[match.end()] == "\n"
        if match["mark"] or at_line_start or at_line_end:
            return match["mark"]
        return " "

    return _PICTURES.sub(gap, text)


def _folded(text: str) -> str:
    """GSM letters stay (German ones are among them); others lose their accents: ș and ţ become s and t."""
    return "".join(char if char in _GSM or char in _GSM_EXTENSION else _plain_letter(char) for char in text)


def _plain_letter(char: str) -> str:
    replaced = char.translate(_FOLDING)
    if replaced != char:
        return replaced
    bare = "".join(
        part for part in unicodedata.normalize("NFKD", char).translate(_ALWAYS) if not unicodedata.combining(part)
    )
    return bare if bare and is_gsm(bare) else char
