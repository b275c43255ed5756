"""What people thought of answers: thumbs under the bot's messages, and 'it did not help' when a case was closed; by topic."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.models import Case, Message

UP, DOWN = "👍", "👎"


@dataclass(frozen=True, slots=True)
class Opinion:
    """Of one topic. `unhelped`: closed cases with this main need in which the person said that it did not help."""

    topic: str
    down: int
    up: int
    unhelped: int


async def disliked(session: AsyncSession) -> list[Opinion]:
    """Topics with at least one complaint, the most first."""
    down, up = await _thumbs(session)
    unhelped = await _unhelped(session)
    topics = {*down, *unhelped}
    found = [Opinion(topic, down[topic], up[topic], unhelped[topic]) for topic in topics]
    return sorted(found, key=lambda each: (-each.down - each.unhelped, each.topic))


async def _thumbs(session: AsyncSession) -> tuple[Counter[str], Counter[str]]:
    """The last reaction under each answer counts: an empty one takes it back."""
    answer, reaction = aliased(Message), aliased(Message)
    rows = await session.execute(
        sa.select(answer.payload["answers"], reaction.text)
        .join(
            reaction,
            sa.and_(reaction.conversation_id == answer.conversation_id, reaction.reply_to == answer.external_id),
        )
        .where(
            answer.author == "bot",
            answer.payload.has_key("answers"),
            reaction.direction == "in",
            reaction.kind == "reaction",
        )
        .ext(distinct_on(answer.id, reaction.sender))
        .order_by(answer.id, reaction.sender, reaction.seq.desc())
    )
    down: Counter[str] = Counter()
    up: Counter[str] = Counter()
    for answers, text in rows:
        counts = down if (text or "").startswith(DOWN) else up if (text or "").startswith(UP) else None
        if counts is not None:
            counts.update({each["topic"] for each in answers})
    return down, up


async def _unhelped(session: AsyncSession) -> Counter[str]:
    main = Case.needs[0].astext
    query = sa.select(main, sa.func.count()).where(Case.helped.is_(False), main.is_not(None)).group_by(main)
    return Counter({str(topic): int(count) for topic, count in await session.execute(query)})
