"""The order in which a person's rows are locked, the same for everybody: two who took them in different orders would wait
for each other for ever. First the person's conversations by their ids, then the case, then what hangs on it.

The router holds its conversation before it knows of any case, so all others begin there too.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Case, Conversation, Message


async def hold_conversations(session: AsyncSession, contact_id: int | sa.ScalarSelect[int]) -> None:
    """Nobody else changes the person's conversations, or opens a case for them, until this transaction ends."""
    rows = sa.select(Conversation.id).where(Conversation.contact_id == contact_id).order_by(Conversation.id)
    await session.execute(rows.with_for_update())


async def lock_case(session: AsyncSession, case_id: int) -> Case | None:
    """For jobs, which act for nobody; staff go through `app.cases.access_case`. None: erased."""
    await hold_conversations(session, sa.select(Case.contact_id).where(Case.id == case_id).scalar_subquery())
    return await session.get(Case, case_id, with_for_update=True, populate_existing=True)


async def lock_message(session: AsyncSession, message_id: int) -> Message | None:
    """With its conversation, which may have to change as well: a message that failed can end all sending. None: erased."""
    place = sa.select(Message.conversation_id).where(Message.id == message_id).scalar_subquery()
    await session.execute(sa.select(Conversation.id).where(Conversation.id == place).with_for_update())
    return await session.get(Message, message_id, with_for_update=True, populate_existing=True)
