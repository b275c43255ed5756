"""Signs that a text is harder to read than it need be: long sentences, office words that are not explained, amounts by hand;
and how hard it is as a whole.

Only signs: a coordinator looks and decides. The rules are those of the content's style sheet.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from translations.glossary import glossary

SENTENCE_WORDS = 16  # the style sheet wants 6 to 10; above this nobody follows by ear
EVERYDAY = frozenset({"Jobcenter", "Minijob", "Kita", "Inkasso", "P-Konto", "Steuer-ID", "Frauenhaus", "Hort"})
"""German words that people who live here use themselves, so that they need no bracket."""

Level = Literal["easy", "middle", "hard"]

LONG_WORD = 6  # letters; a longer word is a long one (LIX, Björnsson 1968)
EASY, MIDDLE = 35, 45  # LIX of German: up to here a text is easy, up to there of middle difficulty
OFFSETS: Mapping[str, int] = {"de": 0, "bg": 10, "ro": 9, "uk": 13, "en": -5}
"""How much higher a text as hard as the German one counts: languages build words of different length. Measured as the
difference of the means over the starter entries, which say the same in all languages."""

_SENTENCE = re.compile(r"[.!?…:\n]+")
_BRACKETS = re.compile(r"\([^)]*\)|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"")
_AMOUNT = re.compile(r"\d[\d.,]*\s?€")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def long_sentences(text: str) -> Iterator[str]:
    """The first words of each sentence that is too long to be heard out."""
    for sentence in _SENTENCE.split(text):
        words = sentence.split()
        if len(words) > SENTENCE_WORDS:
            yield " ".join(words[:5]) + " …"


def unexplained_words(text: str, language: str) -> Iterator[str]:
    """Glossary words in German that stand outside brackets and quotations of a text in another language."""
    if language == "de":
        return
    yield from (word for word in office_words(_BRACKETS.sub(" ", text)) if word not in EVERYDAY)


def office_words(text: str) -> list[str]:
    """Glossary words in German anywhere in a text, by the alphabet; one that begins another is found with it."""
    pattern, within = _finder(frozenset(term.word for term in glossary()))
    return sorted({word for match in pattern.finditer(text) for word in within[match[1]]})


def reading_level(text: str, language: str) -> Level | None:
    """LIX: the average words of a sentence plus the share of long words, against what is usual in the language.

    None for a text without words. It knows nothing of what a text means: a hint, never a verdict.
    """
    sentences = [words for part in _SENTENCE.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return None
    long = sum(len(word) > LONG_WORD for word in words)
    lix = len(words) / len(sentences) + 100 * long / len(words) - OFFSETS.get(language, 0)
    return "easy" if lix <= EASY else "middle" if lix <= MIDDLE else "hard"


def amounts_by_hand(text: str) -> Iterator[str]:
    """Amounts that are not figures: nobody is reminded when the law changes them."""
    yield from (match[0] for match in _AMOUNT.finditer(text))


@functools.lru_cache(maxsize=4)
def _finder(words: frozenset[str]) -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    """One pattern for the whole glossary, the longest words first, and which words each of them begins with.

    It looks ahead without taking anything, so that a word within another is found too.
    """
    found = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    within = {word: tuple(other for other in words if re.match(rf"{re.escape(other)}(?!\w)", word)) for word in words}
    return re.compile(rf"(?<!\w)(?=({found})(?!\w))" if words else r"(?!)()"), within
