"""What in a sentence must stay as it is: numbers, dates, amounts, links, addresses, emoji, names, words in the other alphabet.

Found here, taken out and put back by `protect`. German office words get their everyday word, with the German one in brackets.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from translations.glossary import Term, glossary
from translations.script import script_of

CYRILLIC_LANGUAGES = frozenset(("bg", "uk", "ru"))
INFORMAL_LATIN = frozenset(("bg", "uk"))  # languages whose Latin spelling `script.to_cyrillic` can read
_EMOJI = "[\U0001f000-\U0001faff\U000e0020-\U000e007f☀-➿⬀-⯿←-⇿⌀-⏿■-◿️‍⃣©®™‼⁉ℹ〰〽㊗㊙]+"
_MONEY = r"(?: ?(?:[€$£%₴₽]|(?:лв|грн|lei|EUR|RON|BGN|UAH)\b\.?))"
# Earlier alternatives win: a link before the number in it, an IBAN before its digits.
KEPT = re.compile(
    "|".join(
        (
            r"[XxХх]\s?[qQ]\s?\d+\s?[ZzЗз]",  # looks like one of our own marks
            r"[\ue000-\uf8ff]+",
            r"[^\W\d_]{50,}",  # no word of any language: "аааааа"
            r"(?i:https?://|www\.)\S*[\w/=&#]",
            r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
            r"(?<![\w-])[\w-]+(?:\.[\w-]+)*\.(?:de|com|org|net|eu|bg|ro|ua|info)\b(?:/\S*[\w/=&#]|/)?",
            r"(?<![\w-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*[\w/=&#]",
            r"[@#][\w.]*\w",
            r"\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){2,7}(?: ?[\dA-Z]{1,4})?\b",  # IBAN
            r"\b[a-z]{2}\d{2}(?: ?\d{4}){2,7}(?: ?\d{1,4})?\b",
            r"§+ ?\d+\w?(?:(?:, ?| (?:und|bis|Abs\.|Nr\.|S\.|Satz) ?)\d+\w?\b)*(?: [A-Z]\w*[A-Z]\w*(?: [IVX]+\b)?)?",
            r"\b\d+ [A-Z][A-Za-z]{0,3} \d+/\d{2,4}\b",  # Aktenzeichen
            r"\b(?:[A-Z]+[-/.]?\d|\d+[-/.]?[A-Z])[A-Z\d/.-]*\b",
            r"\b\d+[a-zA-Z]\b",  # house numbers
            r"\b\d{1,2}\.\d{1,2}\.(?!\d)",
            r"\(\d[\d .,:/\u00a0\u202f–-]*\)(?!\s?\d)",
            rf"[+(]?\d[\d .,:/()\u00a0\u202f–-]*\d{_MONEY}?|\d{_MONEY}?",
            r"[€$£] ?\d[\d.,]*\d|[€$£₴₽]|[½¼¾²³]",
            r"(?<!\w)\w*_\w*",  # argostranslate makes spaces of underscores
            _EMOJI,
        )
    )
)
_LATIN_RUN = re.compile(r"(?<!\w)[A-Za-zÀ-ž][\w'’-]*(?:[ -][A-Za-zÀ-ž][\w'’-]*)*")
_CYRILLIC_RUN = re.compile(r"(?<!\w)[Ѐ-ԯ][\w'’-]*(?:[ -][Ѐ-ԯ][\w'’-]*)*")
_NAME_OR_NOUN = re.compile(r"(?<=[\w,;:)] )[A-ZÄÖÜȘȚĂÎÂ][a-zäöüßșțăîâ]\w*")
_LEET = re.compile(r"(?<![\w@./:-])(?=[a-z46]*(?:[a-z]{2}|[46][eiouyq]|[aeiouyq][46]))[a-z46]*[46][a-z46]*(?![\w@/:-])")
_LETTERS_OF_LEET = (("6t", "sht"), ("6", "sh"), ("4", "ch"))
_ENDINGS = r"(?:e?s|e?n)?"


@dataclass(frozen=True, slots=True)
class Way:
    """Between which languages; `names` stay as they are; `latin`: Bulgarian or Ukrainian written in Latin letters."""

    source: str
    target: str
    names: tuple[str, ...] = ()
    latin: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """One span of a sentence, and what stands in its place after the translation."""

    start: int
    end: int
    put: str


def is_latin(text: str, language: str) -> bool:
    """Written in Latin letters, though its language has others: links and addresses don't count."""
    return language in INFORMAL_LATIN and script_of(KEPT.sub(" ", text)) == "Latn"


def letters_for_digits(text: str) -> str:
    """'6ef' and '4e' as 'shef' and 'che', so that their digits are no numbers."""

    def spell(match: re.Match[str]) -> str:
        word = match.group()
        for digit, letters in _LETTERS_OF_LEET:
            word = word.replace(digit, letters)
        return word

    return _LEET.sub(spell, text)


def find_kept(sentence: str, way: Way) -> list[Kept]:
    """In order of appearance, without overlaps; where two overlap, the one that is found first."""
    taken = bytearray(len(sentence))
    found = []
    for start, end, put in _candidates(sentence, way):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Kept(start, end, put))
    return _joined(sentence, sorted(found, key=lambda span: span.start))


def _candidates(sentence: str, way: Way) -> Iterator[tuple[int, int, str]]:
    for match in KEPT.finditer(sentence):
        yield match.start(), match.end(), match.group()
    for name in sorted({name for name in way.names if name}, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", sentence):
            yield match.start(), match.end(), match.group()
    for match in _foreign(sentence, way):
        yield match.start(), match.end(), match.group()
    if way.source == "de":
        yield from _office_words(sentence, way.target)


def _foreign(sentence: str, way: Way) -> Iterable[re.Match[str]]:
    """Words in the other alphabet than the language's: names, firms, German words."""
    if way.latin:
        yield from _german_words(tuple(glossary())).finditer(sentence)
        yield from _NAME_OR_NOUN.finditer(sentence)
    elif way.source in CYRILLIC_LANGUAGES:
        yield from _LATIN_RUN.finditer(sentence)
    else:
        yield from _CYRILLIC_RUN.finditer(sentence)


def _joined(sentence: str, spans: Sequence[Kept]) -> list[Kept]:
    """Neighbours with nothing to translate between them are one: fewer marks that a model could mix up."""
    joined: list[Kept] = []
    for span in spans:
        between = sentence[joined[-1].end : span.start] if joined else "x"
        if any(char.isalpha() for char in between):
            joined.append(span)
        else:
            joined[-1] = Kept(joined[-1].start, span.end, joined[-1].put + between + span.put)
    return joined


def _office_words(sentence: str, target: str) -> Iterator[tuple[int, int, str]]:
    for pattern, words in _terms(tuple(glossary()), target):
        for match in pattern.finditer(sentence):
            yield match.start(), match.end(), f"{words} ({match.group()})"


@lru_cache(maxsize=8)  # while the glossary stays as it is
def _terms(live: tuple[Term, ...], target: str) -> Sequence[tuple[re.Pattern[str], str]]:
    if target not in ("bg", "ro", "uk", "en"):
        return ()
    terms = {term.word: getattr(term, target) for term in reversed(live) if getattr(term, target)}
    return [
        (re.compile(rf"(?<!\w){re.escape(word)}{_ENDINGS}(?!\w)(?! \()"), words)
        for word, words in sorted(terms.items(), key=lambda pair: -len(pair[0]))
    ]


@lru_cache(maxsize=1)
def _german_words(live: tuple[Term, ...]) -> re.Pattern[str]:
    """German office words as people type them: small, and with or without umlauts."""
    words = {spelling for term in live for spelling in _spellings(term.word)}
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?i)(?<!\w)(?:{either}){_ENDINGS}(?!\w)")


def _spellings(word: str) -> Iterator[str]:
    for umlauts in ("äöüß", ("ae", "oe", "ue", "ss"), ("a", "o", "u", "ss")):
        yield word.lower().translate(dict(zip(map(ord, "äöüß"), umlauts, strict=True)))
