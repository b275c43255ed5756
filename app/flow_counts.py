"""Counts how flows are walked, for who edits them: which ways are taken, and where no answer comes. Nobody is known by it.

Of a discreet flow nothing is counted: in a small town a number on a day can be one person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import FlowStep

Way = tuple[str, str, str]  # flow, node, target
SHOWN_DAYS = 30
KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one flow. `ways`: (node, target) -> how often."""

    ways: Mapping[tuple[str, str], int]

    def came(self, node: str) -> int:
        return sum(count for (_, target), count in self.ways.items() if target == node)

    def left(self, node: str) -> int:
        return sum(count for (source, _), count in self.ways.items() if source == node)

    def share(self, node: str, target: str) -> int:
        """Of all who came to the node, in percent. Who came before the first day that is counted must not make it more."""
        came = max(self.came(node), self.left(node))
        return round(100 * self.ways.get((node, target), 0) / came) if came else 0

    def unanswered(self, node: str) -> int:
        return max(self.came(node) - self.left(node), 0)


async def count_ways(session: AsyncSession, ways: Iterable[Way], day: date) -> None:
    """At the end of a transaction, and always in the same order: so two conversations never wait for each other in a circle."""
    found = Counter(ways)
    rows = [
        {"flow": flow, "node": node, "target": target, "day": day, "count": found[flow, node, target]}
        for flow, node, target in sorted(found)
    ]
    if rows:
        new = insert(FlowStep).values(rows)
        await session.execute(
            new.on_conflict_do_update(
                index_elements=["flow", "node", "target", "day"], set_={"count": FlowStep.count + new.excluded.count}
            )
        )


async def counts_of(session: AsyncSession, flow: str, today: date) -> Counts:
    """Of the last days."""
    query = (
        sa.select(FlowStep.node, FlowStep.target, sa.func.sum(FlowStep.count))
        .where(FlowStep.flow == flow, FlowStep.day > today - timedelta(days=SHOWN_DAYS))
        .group_by(FlowStep.node, FlowStep.target)
    )
    return Counts({(node, target): int(count) for node, target, count in await session.execute(query)})


async def forget_old(session: AsyncSession, today: date) -> None:
    await session.execute(sa.delete(FlowStep).where(FlowStep.day < today - KEPT))
