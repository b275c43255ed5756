"""How good the machine is, per pair of languages: how often people corrected it, which words, and how packages score."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sacrebleu.metrics.chrf import CHRF
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.memory import MARK
from app.models import Judgement, Memory
from translations.machine import NoRoute, TooSlow

LOOKED_AT = 2000  # newest corrections, of which the words are counted
TERMS = 8
WORST = 5
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Pair:
    source: str
    target: str
    texts: int
    corrected: int
    distance: float  # mean of those that were corrected: 1 - chrF
    terms: tuple[tuple[str, int], ...]  # the machine's words that people took out most often

    @property
    def share(self) -> float:
        return self.corrected / self.texts if self.texts else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """Of the packages that are installed now, on sentences that people checked. `problem`: no_route."""

    pair: str
    sentences: int
    chrf: float | None
    route: str
    worst: tuple[tuple[int, float], ...]  # memory and its chrF
    too_slow: int = 0
    problem: str = ""


async def pairs(session: AsyncSession) -> list[Pair]:
    """Those most used first."""
    corrected = Judgement.distance > 0
    rows = await session.execute(
        sa.select(
            Judgement.source,
            Judgement.target,
            sa.func.count(),
            sa.func.count().filter(corrected),
            sa.func.coalesce(sa.func.avg(Judgement.distance).filter(corrected), 0.0),
        )
        .group_by(Judgement.source, Judgement.target)
        .order_by(sa.func.count().desc(), Judgement.source, Judgement.target)
    )
    return [
        Pair(source, target, texts, changed, float(mean), await _terms(session, source, target))
        for source, target, texts, changed, mean in rows.all()
    ]


async def _terms(session: AsyncSession, source: str, target: str) -> tuple[tuple[str, int], ...]:
    rows = await session.execute(
        sa.select(Memory.draft, Memory.text)
        .where(Memory.source == source, Memory.target == target, Memory.draft.is_not(None))
        .order_by(Memory.id.desc())
        .limit(LOOKED_AT)
    )
    gone: Counter[str] = Counter()
    for draft, text in rows:
        gone.update(_words(draft or "") - _words(text))
    return tuple((word, count) for word, count in gone.most_common(TERMS) if count > 1)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


async def evaluate(hub: Hub, only: str = "") -> list[Score]:
    """Per pair ('bg_de') of what is remembered. The packages alone are asked, never the memory."""
    async with hub.db.transaction() as session:
        rows = (await session.scalars(sa.select(Memory).order_by(Memory.id))).all()
    found: dict[tuple[str, str], list[Memory]] = {}
    for row in rows:
        found.setdefault((row.source, row.target), []).append(row)
    return [
        await _score(hub, source, target, checked)
        for (source, target), checked in sorted(found.items())
        if not only or only == f"{source}_{target}"
    ]


async def _score(hub: Hub, source: str, target: str, rows: Sequence[Memory]) -> Score:
    pair = f"{source}_{target}"
    try:
        route = hub.machine.route(source, target)
    except NoRoute:
        return Score(pair, len(rows), None, "", (), problem="no_route")
    chrf = CHRF()
    said, wanted, single = [], [], []
    for row in rows:
        try:
            translated = (await hub.machine.translate(_numbered(row.sentence), source, target)).text
        except TooSlow:
            continue
        said.append(translated)
        wanted.append(_numbered(row.text))
        single.append((row.id, round(float(chrf.sentence_score(said[-1], [wanted[-1]]).score), 1)))
        await asyncio.sleep(0)
    whole = round(float(chrf.corpus_score(said, [wanted]).score), 1) if said else None
    worst = sorted(single, key=lambda each: each[1])[:WORST]
    return Score(pair, len(rows), whole, " > ".join(route), tuple(worst), len(rows) - len(said))


def _numbered(marked: str) -> str:
    """Numbers in place of the marks, the same in both texts."""
    return MARK.sub(lambda match: str(11 + int(match[1])), marked)


def describe(scores: Iterable[Score]) -> list[dict[str, object]]:
    """Rows for a table or JSON."""
    return [
        {
            "pair": score.pair,
            "sentences": score.sentences,
            "chrf": "" if score.chrf is None else score.chrf,
            "route": score.route or "no packages",
            "too_slow": score.too_slow,
            "worst": " ".join(f"{number}:{value}" for number, value in score.worst),
        }
        for score in scores
    ]
