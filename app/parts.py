"""German in pieces: those that exist in the person's language already, such as canned replies, and what lies between them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.rendering import Recalled
from flows.canned import OPEN

FILLED = r"([^\n]{1,200}?)"  # what a writer puts in the place of {date}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the German: `text` where it exists in the other language, with what its writer filled in that has words,
    for nobody has translated them; else what is remembered of it."""

    german: str
    text: str | None
    filled: tuple[str, ...] = ()
    recalled: Recalled | None = None


def parts_of(whole: str, ready: Sequence[tuple[str, str]]) -> Iterable[Part]:
    """`ready`: German, and the same in the other language."""
    found: list[tuple[int, int, str, tuple[str, ...]]] = []
    for german, text in sorted(ready, key=lambda pair: -len(pair[0])):
        for match in _pattern(german).finditer(whole):
            if all(match.end() <= start or match.start() >= end for start, end, *_ in found):
                words = tuple(given for given in match.groups() if _has_words(given))
                found.append((match.start(), match.end(), _fill(german, text, match.groups()), words))
    at = 0
    for start, end, text, words in [*sorted(found), (len(whole), len(whole), "", ())]:
        if between := whole[at:start]:
            yield Part(between, None if between.strip() else between)
        if end > start:
            yield Part(whole[start:end], text, words)
        at = end


def _pattern(german: str) -> re.Pattern[str]:
    """Whole lines; the places to fill in may hold what their writer put there."""
    pieces = [re.escape(piece) for piece in OPEN.split(lines_of(german))]
    return re.compile(r"(?m)^" + FILLED.join(pieces) + "$")


def _has_words(given: str) -> bool:
    return any(char.isalpha() for char in given) and not OPEN.fullmatch(given)


def _fill(german: str, text: str, filled: tuple[str, ...]) -> str:
    put = dict(zip(OPEN.findall(german), filled, strict=True))
    return OPEN.sub(lambda match: put.get(match.group(), match.group()), text)


def lines_of(text: str) -> str:
    """Forms send line breaks their own way, and replies are sent without space around them."""
    return text.replace("\r\n", "\n").strip()
