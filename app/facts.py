"""What flows learned about a contact: kept under the fields' keys, shown to the person and to staff, deletable one by one."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Fact


async def learn(session: AsyncSession, contact_id: int, key: str, value: Any, flow: str) -> None:
    """The newest value holds; None forgets."""
    if value is None:
        await forget(session, contact_id, key)
        return
    now = sa.func.now()
    await session.execute(
        insert(Fact)
        .values(contact_id=contact_id, key=key, value=value, flow=flow, learned_at=now)
        .on_conflict_do_update(
            index_elements=["contact_id", "key"], set_={"value": value, "flow": flow, "learned_at": now}
        )
    )


async def forget(session: AsyncSession, contact_id: int, key: str) -> None:
    await session.execute(sa.delete(Fact).where(Fact.contact_id == contact_id, Fact.key == key))


async def facts_of(session: AsyncSession, contact_id: int) -> dict[str, Any]:
    """All facts of a contact, the oldest first."""
    rows = await session.execute(
        sa.select(Fact.key, Fact.value).where(Fact.contact_id == contact_id).order_by(Fact.created_at, Fact.id)
    )
    return {row.key: row.value for row in rows}
