"""Signs that a text is harder to read than it need be: long sentences, office words that are not explained, amounts by hand.

Only signs: a coordinator looks and decides. The rules are those of the content's style sheet.
"""

import re
from collections.abc import Iterator

from translations.glossary import glossary

SENTENCE_WORDS = 16  # the style sheet wants 6 to 10; above this nobody follows by ear
EVERYDAY = frozenset({"Jobcenter", "Minijob", "Kita", "Inkasso", "P-Konto", "Steuer-ID", "Frauenhaus", "Hort"})
"""German words that people who live here use themselves, so that they need no bracket."""

_SENTENCE = re.compile(r"[.!?…:\n]+")
_BRACKETS = re.compile(r"\([^)]*\)|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"")
_AMOUNT = re.compile(r"\d[\d.,]*\s?€")


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
    outside = _BRACKETS.sub(" ", text)
    for word in sorted({term.word for term in glossary()} - EVERYDAY):
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", outside):
            yield word


def amounts_by_hand(text: str) -> Iterator[str]:
    """Amounts that are not figures: nobody is reminded when the law changes them."""
    yield from (match[0] for match in _AMOUNT.finditer(text))
