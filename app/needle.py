"""What somebody searches for: as a query of the words' columns, and as marks in what was found.

Words are compared as skeletons (`translations.script`), so every spelling in either script is found, from its beginning.
"""

import re
from dataclasses import dataclass

from app.errors import BadInput
from app.models.words import LONGEST_WORD
from translations.script import skeleton

LONGEST = 200  # characters of a search
MOST_WORDS = 8
BEFORE, AFTER = 50, 150  # characters shown around the first word found
_WORD = re.compile(r"[^\W_]+(?:['’‘`´ʼ@$][^\W_]*)*")
# A word that is typed halfway may end in the first half of a pair that the skeleton makes one letter: "famili" → "famila".
_HALVES = {"i": ("a", "e", "o", "u"), "t": ("c",), "k": ("h",), "z": ("j",)}


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A single letter or digit stands for itself; anything longer is the beginning of a word."""

    spellings: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return len(self.spellings[0]) == 1

    @property
    def query(self) -> str:
        end = "" if self.whole else ":*"
        return "(" + " | ".join(f"'{each}'{end}" for each in self.spellings) + ")"

    def fits(self, word: str) -> bool:
        return word in self.spellings if self.whole else word.startswith(self.spellings)


@dataclass(frozen=True, slots=True)
class Needle:
    words: tuple[Word, ...]

    @property
    def query(self) -> str:
        """For a cast to tsquery: skeletons hold letters and digits only."""
        return " & ".join(word.query for word in self.words)

    def fits(self, text: str) -> bool:
        return any(word.fits(part) for part in skeleton(text).split() for word in self.words)

    def holds(self, text: str) -> bool:
        """Every word, as in a search; `fits` is content with one."""
        parts = skeleton(text).split()
        return all(any(word.fits(part) for part in parts) for word in self.words)

    def marked(self, text: str) -> tuple[Piece, ...]:
        """The part of a text around the first word found, with all that were found in it."""
        spans = [match.span() for match in _WORD.finditer(text) if self.fits(match[0])]
        begin, end = _window(text, spans[0][0] if spans else 0)
        pieces, at = [Piece("… ")] if begin else [], begin
        for start, stop in spans:
            if start < at or stop > end:
                continue
            pieces += [Piece(text[at:start]), Piece(text[start:stop], found=True)]
            at = stop
        pieces.append(Piece(text[at:end] + (" …" if end < len(text) else "")))
        return tuple(piece for piece in pieces if piece.text)


def read_needle(text: str) -> Needle:
    if len(text) > LONGEST:
        raise BadInput("That is too long: at most {limit} characters.", limit=LONGEST)
    words = dict.fromkeys(word[:LONGEST_WORD] for word in skeleton(text).split())
    if not any(len(word) > 1 for word in words):
        raise BadInput("Please write at least two letters of a word.")
    if len(words) > MOST_WORDS:
        raise BadInput("Please search for at most {limit} words.", limit=MOST_WORDS)
    return Needle(tuple(Word(_spellings(word)) for word in words))


def _spellings(word: str) -> tuple[str, ...]:
    if len(word) < 3:
        return (word,)
    return (word, *(word[:-1] + letter for letter in _HALVES.get(word[-1], ())))


def _window(text: str, first: int) -> tuple[int, int]:
    """From a word's beginning to a word's end, where there is one near."""
    begin, end = max(0, first - BEFORE), min(len(text), first + AFTER)
    if begin:
        space = text.find(" ", begin, first)
        begin = space + 1 if space >= 0 else begin
    if end < len(text):
        space = text.rfind(" ", first, end)
        end = space if space > first else end
    return begin, end
