"""The translation memory: sentences with the translation that a person checked, found again exactly or nearly.

Numbers, amounts, links and names are marks in it, so that "450 €" and "500 €" share one sentence. Exact ones are used by
themselves (`app.rendering`); near ones are only ever offered, with their likeness.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import sqlalchemy as sa
from sacrebleu.metrics.chrf import CHRF
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Judgement, Memory, User
from app.models.words import search_words
from translations.kept import Way, find_kept
from translations.machine.sentences import pieces_of
from translations.script import clean, script_of, to_cyrillic

NEAR = 0.85  # less than that, and a sentence says something else
SHORTEST = 0.7  # of the longer one's length: what is shorter can't be near
CANDIDATES = 40
WORDS_ASKED = 12  # the longest words of a sentence are its rarest
MARK = re.compile(r"⟦(\d+)⟧")
_NUMBER = re.compile(r"\d(?:.*\d)?")
_CHRF = CHRF()


@dataclass(frozen=True, slots=True)
class Remembered:
    """`likeness` 1: the same sentence, but for its numbers. `sentence`: the one that was checked, with its marks."""

    id: int
    text: str
    likeness: float
    sentence: str
    origin: str


async def remembered(
    session: AsyncSession, source: str, target: str, sentence: str, names: Iterable[str] = ()
) -> Remembered | None:
    """The same sentence or else the nearest one that is near enough."""
    kept = tuple(names)
    exact = await exactly(session, source, target, [sentence], kept)
    return exact.get(sentence) or await _nearest(session, source, target, sentence, kept)


async def exactly(
    session: AsyncSession, source: str, target: str, sentences: Collection[str], names: Iterable[str] = ()
) -> dict[str, Remembered]:
    """Sentence -> what a person made of it, of those that are known, in one look."""
    kept = tuple(names)
    forms = {each: _forms(each, source, kept) for each in sentences}
    keys = {key_of(form) for both in forms.values() for form, _ in both}
    query = sa.select(Memory).where(Memory.source == source, Memory.target == target, Memory.key.in_(keys))
    rows = {row.key: row for row in await session.scalars(query)} if keys else {}
    found = {}
    for sentence, both in forms.items():
        for form, values in both:
            row = rows.get(key_of(form))
            if row is not None:
                found[sentence] = Remembered(row.id, _filled(row.text, values), 1.0, row.sentence, row.origin)
                break
    return found


async def _nearest(
    session: AsyncSession, source: str, target: str, sentence: str, names: Sequence[str]
) -> Remembered | None:
    form, values = _forms(sentence, source, names)[0]
    words = sorted((search_words(MARK.sub(" ", form)) or "").split(), key=len, reverse=True)[:WORDS_ASKED]
    if not words:
        return None
    asked = sa.cast(" | ".join(words), TSQUERY)
    query = (
        sa.select(Memory)
        .where(Memory.source == source, Memory.target == target, Memory.words.op("@@")(asked))
        .where(sa.func.length(Memory.sentence).between(int(len(form) * SHORTEST), int(len(form) / SHORTEST) + 1))
        .order_by(sa.func.ts_rank(Memory.words, asked).desc(), Memory.id.desc())
        .limit(CANDIDATES)
    )
    best: Remembered | None = None
    for row in await session.scalars(query):
        if not {int(number) for number in MARK.findall(row.text)} <= set(range(len(values))):
            continue  # it has more numbers than this sentence can fill in
        likeness = round(SequenceMatcher(None, folded(form), folded(row.sentence), autojunk=False).ratio(), 2)
        if likeness >= max(NEAR, best.likeness if best else 0):
            best = Remembered(row.id, _filled(row.text, values), min(likeness, 0.99), row.sentence, row.origin)
    return best


async def learn(
    session: AsyncSession,
    *,
    source: str,
    target: str,
    original: str,
    draft: str,
    final: str,
    origin: str,
    user: User,
    message_id: int | None,
    names: Iterable[str] = (),
) -> int:
    """A person checked (`mediation`) or changed (`edit`) a translation: judged, and kept sentence by sentence.

    What a colleague left as it was is counted but not kept: nobody who speaks the language has looked at it. Nor is what
    they changed where sentence can't be put beside sentence. How many sentences were kept. The rows go with the message.
    """
    if draft.strip():
        session.add(Judgement(source=source, target=target, origin=origin, distance=distance(draft, final)))
    kept = tuple(names)
    pairs = _pairs(original, draft, final) if origin == "mediation" else _changed_pairs(original, draft, final)
    # In one order: two who learn the same sentences at once wait for each other, not for ever.
    marked_pairs = {_marked_pair(sentence, after, source, kept): before for sentence, before, after in pairs}
    for (marked, text), before in sorted(marked_pairs.items(), key=lambda pair: key_of(pair[0][0])):
        values = {
            "sentence": marked, "text": text, "words": search_words(MARK.sub(" ", marked)), "draft": before,
            "origin": origin, "user_id": user.id, "message_id": message_id,
        }  # fmt: skip
        statement = insert(Memory).values(source=source, target=target, key=key_of(marked), **values)
        # A mediator's word stands against a colleague's; else the newest holds.
        stands = sa.or_(Memory.origin == "edit", sa.literal(origin == "mediation"))
        await session.execute(
            statement.on_conflict_do_update(index_elements=["source", "target", "key"], set_=values, where=stands)
        )
    return len(pairs)


async def count_uses(session: AsyncSession, ids: Collection[int]) -> None:
    """Whoever counts the same sentence right now is not waited for: it is a rough number."""
    mine = sa.select(Memory.id).where(Memory.id.in_(sorted(set(ids)))).with_for_update(skip_locked=True)
    if ids:
        await session.execute(
            sa.update(Memory)
            .where(Memory.id.in_(mine.scalar_subquery()))
            .values(uses=Memory.uses + 1, used_at=sa.func.now())
            .execution_options(synchronize_session=False)
        )


def distance(draft: str, final: str) -> float:
    """0 for the same words, 1 where nothing of the draft is left (1 - chrF)."""
    if draft.strip() == final.strip():
        return 0.0
    score: float = _CHRF.sentence_score(draft, [final]).score
    return round(1 - score / 100, 4)


def key_of(marked: str) -> str:
    return hashlib.sha256(folded(marked).encode()).hexdigest()[:32]


def folded(text: str) -> str:
    return clean(text).casefold()


def _pairs(original: str, draft: str, final: str) -> list[tuple[str, str | None, str]]:
    """Sentence, its draft, its translation; where the sentences can't be told apart, the text as a whole."""
    sentences, befores, afters = (_sentences(text) for text in (original, draft, final))
    if len(sentences) != len(afters):
        return [(original.strip(), draft.strip(), final.strip())]
    drafts: Sequence[str | None] = befores if len(befores) == len(sentences) else [None] * len(sentences)
    return list(zip(sentences, drafts, afters, strict=True))


def _changed_pairs(original: str, draft: str, final: str) -> list[tuple[str, str | None, str]]:
    """Only what a colleague surely looked at; without the machine's words nobody knows what that is."""
    sentences, befores, afters = (_sentences(text) for text in (original, draft, final))
    if not len(sentences) == len(befores) == len(afters):
        return []
    return [each for each in zip(sentences, befores, afters, strict=True) if each[1] != each[2]]


def _sentences(text: str) -> list[str]:
    return [piece.text for piece in pieces_of(text) if piece.spoken]


def _forms(sentence: str, source: str, names: Sequence[str]) -> list[tuple[str, list[str]]]:
    """As it may be kept, with what the marks stand for: with marks, or, where the translation had other numbers, without."""
    values = _values(sentence, source, names)
    plain = (_readable(sentence, source), list[str]())
    return [(_readable(_mark(sentence, values), source), values), plain] if values else [plain]


def _marked_pair(sentence: str, text: str, source: str, names: Sequence[str]) -> tuple[str, str]:
    values = _values(sentence, source, names)
    marked, other = _mark(sentence, values), _mark(text, values)
    same = sorted(MARK.findall(marked)) == sorted(MARK.findall(other))
    return (_readable(marked, source), other) if same else (_readable(sentence, source), text)


def _readable(text: str, source: str) -> str:
    """Latin-script Bulgarian and Ukrainian in Cyrillic, as the machine reads them: one sentence in either script."""
    return to_cyrillic(text, source) if script_of(text) == "Latn" else text


def _values(sentence: str, source: str, names: Sequence[str]) -> list[str]:
    """What is kept as it is, each once, in order; of an amount only its number: '450 €' may be '450 евро' elsewhere."""
    found = []
    for span in find_kept(sentence, Way(source, "", tuple(names))):  # no language: office words are words here
        words = sentence[span.start : span.end]
        number = _NUMBER.search(words) if not any(char.isalpha() for char in words) else None
        found.append(number.group() if number else words)
    return list(dict.fromkeys(found))


def _mark(text: str, values: Sequence[str]) -> str:
    if not values:
        return text
    longest = sorted(values, key=len, reverse=True)
    either = "|".join(re.escape(value) for value in longest)
    numbers = {value: number for number, value in enumerate(values)}
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", lambda match: f"⟦{numbers[match.group()]}⟧", text)


def _filled(text: str, values: Sequence[str]) -> str:
    return MARK.sub(lambda match: values[int(match[1])] if int(match[1]) < len(values) else match[0], text)
