"""Text to sentences that a model can take, and back: nothing between them is lost, not even a blank line."""

import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_PIECES = 150  # tokens: the translator cuts its output off at 256, and other languages need more of them
MOST_WORDS = 40  # a run-on is cut here, for models were trained on single sentences
# A point before a number is "Nr. 3", "Tel. 0176", "15. 3."; line breaks of every kind end a sentence.
_END = re.compile(
    r"(?<=[!?…])[\"'”“»)\]]*[^\S\n]+(?=[^\s.!?…])|(?<=\.)[\"'”“»)\]]*[^\S\n]+(?=[^\s\d.!?…])"
    r"|(?<!\s)\s*[\n\r\v\f\x85\u2028\u2029]\s*"
)
_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_SOFT = re.compile(r"(?<=[,;:–—])\s+|\s+(?=\()")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:\w|\d{1,2}(?:\.\d{1,2})?|z\.\s?B|d\.\s?h|u\.\s?a|i\.\s?V|bzw|ca|Dr|Fr|Hr|Nr|Str|Tel|Abs|Art|Az|evtl|ggf"
    r"|inkl|zzgl|vgl|usw|etc|bl|ap|sc|et|ул|вул|бул|бл|вх|ет|ап|буд|кв|др|тел|гр|обл|ст|чл|ал|лв|грн|напр)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` to translate, or, where it isn't `spoken`, white space to keep."""

    text: str
    spoken: bool


def pieces_of(text: str) -> list[Piece]:
    """The joined texts are the text."""
    found: list[Piece] = []
    start = 0
    for end in _END.finditer(text):
        if not _BREAK.search(end.group()) and _ABBREVIATED.search(text[start : end.start()]):
            continue
        gap = (
            end.start() + len(end.group()) - len(end.group().lstrip("\"'”“»)]"))
        )  # closing quotes stay with their sentence
        _add(found, text[start:gap], text[gap : end.end()])
        start = end.end()
    _add(found, text[start:], "")
    return found


def _add(found: list[Piece], sentence: str, gap: str) -> None:
    inner = sentence.strip()
    before, _, after = sentence.partition(inner) if inner else (sentence, "", "")
    for text, spoken in ((before, False), (inner, True), (after + gap, False)):
        if text:
            found.append(Piece(text, spoken))


def cut(sentence: str, pieces: Callable[[str], int]) -> list[str]:
    """A sentence that is too long, cut at commas, else between words; joined by single spaces it is whole.

    A single "word" of hundreds of letters comes back as it is: `fits` tells.
    """
    words = sentence.split()
    if len(words) < 2 or (len(words) <= MOST_WORDS and fits(sentence, pieces)):
        return [sentence]
    clauses = _SOFT.split(sentence)
    if len(clauses) > 1:
        middle = len(clauses) // 2
        halves = [" ".join(clauses[:middle]), " ".join(clauses[middle:])]
    else:
        middle = len(words) // 2
        halves = [" ".join(words[:middle]), " ".join(words[middle:])]
    return [part for half in halves for part in cut(half, pieces)]


def fits(sentence: str, pieces: Callable[[str], int]) -> bool:
    return pieces(sentence) <= MOST_PIECES
