"""Unanswered questions as work for coordinators: kept as they happen, grouped by likeness, closed when dealt with."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Gap, Message, Reading
from flows.understand import Understander, Understanding
from flows.understand.likeness import Item, group

LIKELY = 0.25  # score from which a guess names what a question is about
LOOKED_AT = 2000  # newest open questions that are grouped
SHOWN = 5  # texts of a group


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together. `languages`: how many in each; `asked`: the newest, (language, people's own words)."""

    ids: tuple[int, ...]
    languages: dict[str, int]
    guess: str | None
    asked: tuple[tuple[str, str], ...]
    german: dict[str, str]  # by the words: how they read in German, as far as a case had them read

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.asked)


async def keep(session: AsyncSession, message_id: int, found: Understanding) -> None:
    """Remember that a message got no answer; once, however often it is read."""
    best = found.candidates[0] if found.candidates else None
    guess = best.topic if best and best.score >= LIKELY else None
    await session.execute(
        insert(Gap).values(message_id=message_id, language=found.language, guess=guess).on_conflict_do_nothing()
    )


async def open_groups(session: AsyncSession, understander: Understander, language: str | None = None) -> list[Group]:
    """Open questions, the most asked first."""
    read = sa.and_(Reading.message_id == Message.id, Reading.language == "de")
    query = sa.select(Gap, Message.text, Reading.text).join(Message, Message.id == Gap.message_id)
    query = query.outerjoin(Reading, read).where(Gap.closed_at.is_(None))
    if language:
        query = query.where(Gap.language == language)
    found = await session.execute(query.order_by(Gap.id.desc()).limit(LOOKED_AT))
    rows = {gap.id: Asked(gap, text or "", german or "") for gap, text, german in found}
    likely = await asyncio.to_thread(_likely, understander, list(rows.values()))  # a second for two thousand
    return [_group([rows[key] for key in keys]) for keys in likely]


class Asked(NamedTuple):
    gap: Gap
    text: str
    german: str


def _likely(understander: Understander, rows: list[Asked]) -> list[list[int]]:
    return group([Item(each.gap.id, understander.vector(each.text), each.gap.guess) for each in rows])


def _group(found: list[Asked]) -> Group:
    guesses = Counter(each.gap.guess for each in found if each.gap.guess)
    newest = {each.text: each for each in reversed(found) if each.text.strip()}
    shown = list(newest.values())[::-1][:SHOWN]
    return Group(
        ids=tuple(each.gap.id for each in found),
        languages=dict(Counter(each.gap.language for each in found).most_common()),
        guess=guesses.most_common(1)[0][0] if guesses else None,
        asked=tuple((each.gap.language, each.text) for each in shown),
        german={each.text: each.german for each in shown if each.german},
    )


async def close(session: AsyncSession, ids: Collection[int]) -> int:
    """Mark as dealt with; how many were still open."""
    closed = await session.scalars(
        sa.update(Gap).where(Gap.id.in_(ids), Gap.closed_at.is_(None)).values(closed_at=sa.func.now()).returning(Gap.id)
    )
    return len(closed.all())
