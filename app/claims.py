"""Who has begun to answer a case that nobody has taken: a claim that passes by itself, so that nobody is kept out for long."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Conflict
from app.hub import Hub
from app.models import Case, CaseClaim, User

LASTS = timedelta(minutes=5)  # since the last key


async def claim(hub: Hub, session: AsyncSession, user: User, case: Case) -> None:
    """The user writes. Nothing happens where a colleague was first, or somebody has the case already."""
    if case.assignee_id is not None or case.status == "closed":
        return
    values = {"user_id": user.id, "until": hub.now() + LASTS}
    free = sa.or_(CaseClaim.user_id == user.id, CaseClaim.until <= hub.now())
    statement = insert(CaseClaim).values(case_id=case.id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["case_id"], set_=values, where=free))


async def check_unclaimed(hub: Hub, session: AsyncSession, user: User, case: Case) -> None:
    """Raises Conflict (detail: `name`) where a colleague has begun to answer; the user may still go on."""
    if case.assignee_id is not None:
        return
    query = sa.select(User.name).join(CaseClaim, CaseClaim.user_id == User.id)
    name = await session.scalar(
        query.where(CaseClaim.case_id == case.id, CaseClaim.user_id != user.id, CaseClaim.until > hub.now())
    )
    if name is not None:
        raise Conflict("{name} has begun to answer this case.", name=name)


async def drop(session: AsyncSession, case_id: int, *, of: User | None = None) -> None:
    """The case has somebody now; or, with `of`, this one colleague has left it."""
    gone = sa.delete(CaseClaim).where(CaseClaim.case_id == case_id)
    await session.execute(gone.where(CaseClaim.user_id == of.id) if of else gone)
