"""Unanswered questions as work for coordinators: kept as they happen, grouped by likeness, closed when dealt with."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Gap, Message
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
    query = sa.select(Gap, Message.text).join(Message, Message.id == Gap.message_id).where(Gap.closed_at.is_(None))
    if language:
        query = query.where(Gap.language == language)
    rows = {
        gap.id: (gap, text or "") for gap, text in await session.execute(query.order_by(Gap.id.desc()).limit(LOOKED_AT))
    }
    found = await asyncio.to_thread(_likely, understander, list(rows.values()))  # a second for two thousand
    return [_group([rows[key] for key in keys]) for keys in found]


def _likely(understander: Understander, rows: list[tuple[Gap, str]]) -> list[list[int]]:
    return group([Item(gap.id, understander.vector(text), gap.guess) for gap, text in rows])


def _group(found: list[tuple[Gap, str]]) -> Group:
    guesses = Counter(gap.guess for gap, _ in found if gap.guess)
    return Group(
        ids=tuple(gap.id for gap, _ in found),
        languages=dict(Counter(gap.language for gap, _ in found).most_common()),
        guess=guesses.most_common(1)[0][0] if guesses else None,
        asked=tuple({text: (gap.language, text) for gap, text in reversed(found) if text.strip()}.values())[::-1][
            :SHOWN
        ],
    )


async def close(session: AsyncSession, ids: Collection[int]) -> int:
    """Mark as dealt with; how many were still open."""
    closed = await session.scalars(
        sa.update(Gap).where(Gap.id.in_(ids), Gap.closed_at.is_(None)).values(closed_at=sa.func.now()).returning(Gap.id)
    )
    return len(closed.all())
