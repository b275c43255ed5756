"""What must come through a translation unchanged: found before, put back after, and compared.

Numbers, dates, amounts, phone numbers, IBANs, links, e-mail addresses, emoji, words in the other alphabet, names that the caller
knows; German office words get their everyday word with the German one in brackets (`glossary`). Pure functions.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from translations.glossary import glossary
from translations.script import script_of

_CYRILLIC_LANGUAGES = frozenset(("bg", "uk", "ru"))
_EMOJI = "[\U0001f000-\U0001faff☀-➿⬀-⯿←-⇿️‍⃣]+"
# Earlier alternatives win: a link before the number in it, an IBAN before its digits.
_KEPT = re.compile(
    "|".join(
        (
            r"(?:https?://|www\.)\S+[\w/=&#]",
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
            r"\b[\w-]+(?:\.[\w-]+)*\.(?:de|com|org|net|eu|bg|ro|ua|info)(?:/\S*[\w/=&#])?\b",
            r"[@#][\w.]+\w",
            r"\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){2,7}(?: ?[\dA-Z]{1,4})?\b",  # IBAN
            r"§+ ?\d+\w?(?: (?:Abs\.|Nr\.|S\.) ?\d+)*(?: [A-Z]\w*[A-Z]\w*)?",
            r"[+(]?\d[\d .,:/()\u00a0\u202f–-]*\d(?: ?[€$£%])?|\d ?[€$£%]|\d",
            r"[€$£] ?\d[\d.,]*\d|[€$£]",
            r"\b(?:\w+_)+\w+\b|_+",  # argostranslate makes spaces of underscores
            _EMOJI,
        )
    )
)
_LATIN_RUN = re.compile(r"[A-Za-zÀ-ž][\w'’-]*(?:[ -][A-Za-zÀ-ž][\w'’-]*)*")
_CYRILLIC_RUN = re.compile(r"[Ѐ-ԯ][\w'’-]*(?:[ -][Ѐ-ԯ][\w'’-]*)*")
_MARK = "Xq{}Z"  # copied by subword models as a rule; where one does not, `restore` finds out
_MARKED = re.compile(r"[XxХх]\s?[qQ]\s?(\d+)\s?[ZzЗ]")
_DIGITS = re.compile(r"\d+")
_MOST_REPEATED = 5  # a word more often in a row than this: the model stutters


@dataclass(frozen=True, slots=True)
class Kept:
    """One span of a sentence, and what stands in its place after the translation."""

    start: int
    end: int
    put: str


@dataclass(frozen=True, slots=True)
class Shielded:
    """`text` with marks for what is kept; `parts`: the spoken parts between, one more than `puts`."""

    text: str
    parts: tuple[str, ...]
    puts: tuple[str, ...]


def shield(sentence: str, source: str, target: str, names: Iterable[str] = ()) -> Shielded:
    kept = find_kept(sentence, source, target, names)
    parts, marked, at = [], [], 0
    for number, span in enumerate(kept):
        parts.append(sentence[at : span.start])
        marked += [parts[-1], _MARK.format(number)]
        at = span.end
    parts.append(sentence[at:])
    return Shielded("".join([*marked, parts[-1]]), tuple(parts), tuple(span.put for span in kept))


def find_kept(sentence: str, source: str, target: str, names: Iterable[str] = ()) -> list[Kept]:
    """In order of appearance, without overlaps; where two overlap, the one found first in the list of kinds."""
    found: list[Kept] = []

    def add(start: int, end: int, put: str) -> None:
        if all(end <= other.start or start >= other.end for other in found):
            found.append(Kept(start, end, put))

    for match in _KEPT.finditer(sentence):
        add(match.start(), match.end(), match.group())
    for name in sorted({name for name in names if name}, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", sentence):
            add(match.start(), match.end(), match.group())
    for match in _foreign(sentence, source):
        add(match.start(), match.end(), match.group())
    if source == "de":
        for start, end, put in _office_words(sentence, target):
            add(start, end, put)
    return sorted(found, key=lambda span: span.start)


def _foreign(sentence: str, source: str) -> Iterable[re.Match[str]]:
    """Words in the other alphabet than the sentence's: names, firms, German words."""
    if source in _CYRILLIC_LANGUAGES:
        return _LATIN_RUN.finditer(sentence) if script_of(sentence) == "Cyrl" else ()
    return _CYRILLIC_RUN.finditer(sentence)


def _office_words(sentence: str, target: str) -> Iterable[tuple[int, int, str]]:
    for pattern, words in _terms(target):
        for match in pattern.finditer(sentence):
            yield match.start(), match.end(), f"{words} ({match.group()})"


def _terms(target: str) -> Sequence[tuple[re.Pattern[str], str]]:
    if target not in ("bg", "ro", "uk", "en"):
        return ()
    terms = {term.word: getattr(term, target) for term in reversed(glossary()) if getattr(term, target)}
    return [
        (re.compile(rf"(?<!\w){re.escape(word)}(?:e?s|e?n)?(?!\w)(?! \()"), words)
        for word, words in sorted(terms.items(), key=lambda pair: -len(pair[0]))
    ]


def restore(translated: str, shielded: Shielded) -> str | None:
    """The marks replaced by what they stand for; None where the model lost, doubled or changed one."""
    seen = Counter(int(number) for number in _MARKED.findall(translated))
    if seen != Counter(range(len(shielded.puts))):
        return None
    bare = _MARKED.sub("", translated)
    if _DIGITS.search(bare) or stutters(bare):
        return None  # digits that nobody wrote: all of them were kept
    return _MARKED.sub(lambda match: shielded.puts[int(match.group(1))], translated)


def stutters(text: str) -> bool:
    words = text.split()
    run = 1
    for before, word in itertools.pairwise(words):
        run = run + 1 if word == before else 1
        if run > _MOST_REPEATED:
            return True
    return False


def translate_kept(
    sentence: str, source: str, target: str, translate: Callable[[str], str], names: Iterable[str] = ()
) -> str | None:
    """A sentence translated with all that must stay; None where that can't be done without damage.

    First as a whole with marks, which reads better; where the model spoils a mark, part by part between what is kept.
    """
    shielded = shield(sentence, source, target, names)
    if not _spoken("".join(shielded.parts)):
        return "".join(_woven(shielded.parts, shielded.puts))
    whole = restore(translate(shielded.text), shielded)
    if whole is not None and _spoken(whole):
        return whole
    if not shielded.puts:
        return None
    parts = [_part(part, translate) for part in shielded.parts]
    done = [part for part in parts if part is not None]
    return "".join(_woven(done, shielded.puts)) if len(done) == len(parts) else None


def _part(part: str, translate: Callable[[str], str]) -> str | None:
    if not _spoken(part):
        return part
    inner = part.strip()
    before, _, after = part.partition(inner)
    said = translate(inner)
    if not _spoken(said) or stutters(said) or _DIGITS.search(said):
        return None
    return before + said.strip() + after


def _woven(parts: Sequence[str], puts: Sequence[str]) -> list[str]:
    woven = [parts[0]]
    for put, part in zip(puts, parts[1:], strict=True):
        woven += [put, part]
    return woven


def _spoken(text: str) -> bool:
    return any(char.isalpha() for char in text)


def differences(original: str, translated: str) -> list[str]:
    """Numbers, links and addresses that stand in one text and not in the other: what a reader must be warned of."""
    before, after = (
        Counter(_plain(match.group()) for match in _KEPT.finditer(text)) for text in (original, translated)
    )
    return sorted(((before - after) + (after - before)).elements())


def _plain(found: str) -> str:
    """'450 €', '450€' and '€ 450' are the same; so are 1.500 and 1 500."""
    if any(char.isalpha() for char in found):
        return found.casefold()
    return "".join(_DIGITS.findall(found)) or found
