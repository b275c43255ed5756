"""Text to what the matcher and the phrase lists read: skeleton words with sentence marks, and their character n-grams."""

import re
from dataclasses import dataclass
from itertools import pairwise

from translations.script import clean, skeleton

READ_HEAD = 1200  # characters of a long message that are read from its beginning …
READ_TAIL = 600  # … and from its end: stories put the question last
BREAK = "|"  # between sentences: phrases and negations don't reach across
_GRAMS = (2, 3, 4, 5)
_SENTENCE = re.compile(r"[.!?;…]+(?=\s|$)|\n+")
_EMOJI = {
    "🤒": " температура ", "🤕": " болка ", "🚑": " линейка ", "👍": " да ", "👎": " не ", "🙏": " ", "✅": " да ",
    "❌": " не ", "🆘": " помощ ",
}  # fmt: skip
_EMOJI_ANY = re.compile("|".join(_EMOJI))


@dataclass(frozen=True)
class Prepared:
    """`text`: skeleton words and sentence marks joined by single spaces; `words` without the marks."""

    raw: str
    text: str
    words: tuple[str, ...]


def shorten(text: str) -> str:
    """The head and the tail of a very long message, so that 10,000 characters cost no more than 1,800."""
    if len(text) <= READ_HEAD + READ_TAIL:
        return text
    return f"{text[:READ_HEAD]}\n{text[-READ_TAIL:]}"


def prepare(text: str) -> Prepared:
    """Everything later steps need, computed once per message."""
    short = _EMOJI_ANY.sub(lambda m: _EMOJI[m.group()], shorten(text))
    sentences = [skeleton(clean(part)) for part in _SENTENCE.split(short)]
    joined = f" {BREAK} ".join(s for s in sentences if s)
    return Prepared(raw=text, text=joined, words=tuple(w for w in joined.split() if w != BREAK))


def is_spoken(word: str) -> bool:
    """Digits alone say nothing, but for two of them: an age, a day, a paragraph."""
    return not word.isdigit() or len(word) == 2


def word_grams(word: str) -> list[str]:
    """Character n-grams inside the padded word, and the word itself."""
    padded = f" {word[:24]} "
    size = len(padded)
    found = [padded[i : i + length] for length in _GRAMS if length < size for i in range(size - length + 1)]
    return [*found, padded]


def pair(word: str, following: str) -> str:
    return f"{word}_{following}"


def grams(words: tuple[str, ...]) -> list[str]:
    """All features of a message: its words' n-grams and the pairs of neighbours."""
    spoken = [word for word in words if is_spoken(word)]
    return [*(gram for word in spoken for gram in word_grams(word)), *(pair(a, b) for a, b in pairwise(spoken))]
