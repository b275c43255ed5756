"""Sentences through a translator without damage: marks for what must stay (`kept`), put back afterwards, and compared.

A model may lose, double or change a mark; then the sentence goes through part by part between what is kept, and where even
that fails, it stays in the original. Pure functions; the translator is passed in.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from translations.kept import KEPT, Way, find_kept, letters_for_digits
from translations.script import to_cyrillic

Translate = Callable[[str], str]
_MARK = "Xq{}Z"  # copied by subword models as a rule; where one does not, `restore` finds out
_OUR_MARK = re.compile(r"Xq(\d+)Z")
_MARKED = re.compile(r"[XxХх]\s?[qQ]\s?(\d+)\s?[ZzЗз]")
_BEFORE_WORDS = re.compile(r"\A[^\w(\"„“«‚']+")
_SPACES = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
_MOST_REPEATED = 5  # a word more often in a row than this: the model stutters
_LONGER = 5  # times as long as what was translated, beside a sentence's worth of letters: the model babbles
_SENTENCE = 100


@dataclass(frozen=True, slots=True)
class Shielded:
    """`text` with a mark for each of `puts`, ready for a model."""

    text: str
    puts: tuple[str, ...]


def shield(sentence: str, way: Way) -> Shielded:
    if way.latin:
        sentence = letters_for_digits(sentence)
    spans = find_kept(sentence, way)
    marked, at = [], 0
    for number, span in enumerate(spans):
        marked += [_readable(sentence[at : span.start], way), _MARK.format(number)]
        at = span.end
    marked.append(_readable(sentence[at:], way))
    return Shielded("".join(marked), tuple(span.put for span in spans))


def _readable(part: str, way: Way) -> str:
    """Plain spaces, Bulgarian and Ukrainian in Cyrillic: models have read nothing else."""
    part = _SPACES.sub(" ", part)
    return to_cyrillic(part, way.source) if way.latin else part


def restore(translated: str, marked: str, puts: Sequence[str]) -> str | None:
    """The marks replaced by what they stand for; None where they are not those of `marked`, or something was made up."""
    if Counter(map(int, _MARKED.findall(translated))) != Counter(map(int, _OUR_MARK.findall(marked))):
        return None
    if not _plausible(_MARKED.sub(" ", translated), marked):
        return None
    return _woven(_MARKED.split(translated), puts)


def _plausible(said: str, asked: str) -> bool:
    """Nothing in it that only the original could have: numbers, links, emoji; no stutter, no babble."""
    stuttering = stutters(said) and not stutters(asked)
    return not (KEPT.search(said) or stuttering or len(said) > _LONGER * len(asked) + _SENTENCE)


def _woven(pieces: Sequence[str], puts: Sequence[str]) -> str:
    """`pieces`: words and numbers of marks in turn. What was kept never grows together with its neighbour."""
    text, after_mark = "", False
    for number, piece in enumerate(pieces):
        is_mark = number % 2 == 1
        new = puts[int(piece)] if is_mark else piece
        if not new:
            continue
        grows = text and (after_mark or text[-1].isalnum()) if is_mark else after_mark and new[0].isalnum()
        if grows:
            text += " "
        text, after_mark = text + new, is_mark
    return text


def stutters(text: str) -> bool:
    words = text.split()
    run = 1
    for before, word in itertools.pairwise(words):
        run = run + 1 if word == before else 1
        if run > _MOST_REPEATED:
            return True
    return False


def _whole(sentence: str) -> Iterable[str]:
    return (sentence,)


def translate_kept(
    sentence: str, way: Way, translate: Translate, cut: Callable[[str], Iterable[str]] = _whole
) -> str | None:
    """A sentence translated with all that must stay; None where that can't be done without damage.

    `cut` makes parts that the model can take of a text that has marks in it already, so that no number is cut in two.
    """
    shielded = shield(sentence, way)
    done = []
    for part in cut(shielded.text):
        said = _translated(part, shielded.puts, translate)
        if said is None:
            return None
        done.append(said)
    return " ".join(done)


def _translated(marked: str, puts: Sequence[str], translate: Translate) -> str | None:
    """First as a whole with marks, which reads better; where the model spoils one, part by part between them."""
    pieces = _OUR_MARK.split(marked)
    if not spoken("".join(pieces[::2])):
        return "".join(_filled(pieces, puts))
    said = translate(marked)
    whole = restore(said, marked, puts) if spoken(_MARKED.sub("", said)) else None
    if whole is not None or len(pieces) == 1:
        return whole
    parts = [piece if number % 2 else _part(piece, translate) for number, piece in enumerate(pieces)]
    return None if None in parts else "".join(_filled([part for part in parts if part is not None], puts))


def _filled(pieces: Sequence[str], puts: Sequence[str]) -> list[str]:
    """Exactly as it stood, without a thought for neighbours."""
    return [puts[int(piece)] if number % 2 else piece for number, piece in enumerate(pieces)]


def _part(part: str, translate: Translate) -> str | None:
    if not spoken(part):
        return part
    inner = _BEFORE_WORDS.sub("", part).rstrip()
    before, _, after = part.partition(inner)
    said = translate(inner).strip()
    return before + said + after if spoken(said) and _plausible(said, inner) else None


def spoken(text: str) -> bool:
    """Has something to translate."""
    return any(char.isalpha() for char in text)


def differences(original: str, translated: str) -> list[str]:
    """Numbers, links and addresses that stand in one text and not in the other: what a reader must be warned of."""
    before, after = (Counter(_plain(match.group()) for match in KEPT.finditer(text)) for text in (original, translated))
    return sorted(((before - after) + (after - before)).elements())


def _plain(found: str) -> str:
    """'450 €', '450€' and '€ 450' are the same; so are 1.500 and 1 500."""
    if any(char.isalpha() for char in found):
        return found.casefold()
    return "".join(_DIGITS.findall(found)) or found
