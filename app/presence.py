"""Who has a case open right now, and who writes: told by open pages every twenty seconds, forgotten after a minute.

Who writes in a case that nobody has taken claims it for a while (`app.claims`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app import claims
from app.cases import access_case
from app.feed import publish
from app.hub import Hub
from app.models import CaseClaim, Presence, User

FRESH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Colleague:
    name: str
    writes: bool
    answers: bool  # has begun to answer a case that nobody has taken


async def here(hub: Hub, session: AsyncSession, user: User, case_id: int, *, writes: bool) -> None:
    """The user still has the case open. Others hear of it when that is news to them."""
    case = await access_case(session, user, case_id)
    if writes:
        await claims.claim(hub, session, user, case)
    known = await session.get(Presence, (user.id, case_id), with_for_update=True, populate_existing=True)
    news = known is None or known.writes != writes or known.seen_at < hub.now() - FRESH
    values = {"writes": writes, "seen_at": hub.now()}
    statement = insert(Presence).values(user_id=user.id, case_id=case_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id", "case_id"], set_=values))
    if news:
        await publish(session, "presence", case_id)


async def gone(session: AsyncSession, user: User, case_id: int) -> None:
    await access_case(session, user, case_id)
    await claims.drop(session, case_id, of=user)
    left = sa.delete(Presence).where(Presence.user_id == user.id, Presence.case_id == case_id)
    if (await session.execute(left.returning(Presence.case_id))).first():
        await publish(session, "presence", case_id)


async def colleagues(
    hub: Hub, session: AsyncSession, user: User, case_ids: Iterable[int]
) -> dict[int, tuple[Colleague, ...]]:
    """Per case the others who look at it; who writes comes first."""
    answers = CaseClaim.case_id.is_not(None)
    claimed = sa.and_(
        CaseClaim.case_id == Presence.case_id, CaseClaim.user_id == Presence.user_id, CaseClaim.until > hub.now()
    )
    rows = await session.execute(
        sa.select(Presence.case_id, User.name, Presence.writes, answers)
        .join(User, Presence.user_id == User.id)
        .outerjoin(CaseClaim, claimed)
        .where(Presence.case_id.in_(list(case_ids)), Presence.user_id != user.id)
        .where(sa.or_(Presence.seen_at > hub.now() - FRESH, answers))
        .order_by(answers.desc(), Presence.writes.desc(), User.name)
    )
    found: dict[int, list[Colleague]] = defaultdict(list)
    for case_id, name, writes, claims_it in rows:
        found[case_id].append(Colleague(name, writes, claims_it))
    return {case_id: tuple(names) for case_id, names in found.items()}
