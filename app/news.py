"""Who should hear of what happened to a case while they look elsewhere: queues wake-ups for their browsers.

Whether somebody may see the case, wants news now, or is looking at it already, is asked when the wake-up is sent
(`app.pushing`): until then much can change.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.models import Case, Push, PushSubscription, User
from app.rights import ANSWERING_ROLES


def wants_news(user: User, now: datetime) -> bool:
    """Not while away, and not from an account that is switched off."""
    return user.disabled_at is None and (user.away_until is None or user.away_until <= now)


async def tell_all(hub: Hub, session: AsyncSession, case: Case) -> None:
    """Something that cannot wait for whoever looks next: an urgent case."""
    everybody = sa.select(User.id).where(User.disabled_at.is_(None), User.role.in_(ANSWERING_ROLES))
    await _queue(hub, session, PushSubscription.user_id.in_(everybody), case.id)


async def tell(hub: Hub, session: AsyncSession, case: Case, user_ids: Collection[int]) -> None:
    """These colleagues: their case, a hand-over to them, their name in a note."""
    await _queue(hub, session, PushSubscription.user_id.in_(user_ids), case.id)


async def tell_assignee(hub: Hub, session: AsyncSession, case: Case) -> None:
    if case.assignee_id is not None:
        await tell(hub, session, case, [case.assignee_id])


async def try_out(hub: Hub, session: AsyncSession, user: User) -> None:
    """So that a colleague sees whether it works."""
    await _queue(hub, session, PushSubscription.user_id == user.id, None)


async def _queue(hub: Hub, session: AsyncSession, whom: sa.ColumnElement[bool], case_id: int | None) -> None:
    """One wake-up at most waits per browser and case: five messages in a row ring once."""
    found = sa.select(PushSubscription.id, sa.literal(case_id, sa.BigInteger)).where(whom)
    statement = insert(Push).from_select(["subscription_id", "case_id"], found).on_conflict_do_nothing()
    for push_id in (await session.scalars(statement.returning(Push.id))).all():
        await hub.waker.push(session, push_id)
