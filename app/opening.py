"""Cases that staff open by hand: a closed one again, or a new one for somebody who only talks with the bot."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app import readings
from app.cases import access_case, set_modes
from app.errors import Conflict
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.models import Case, Conversation, User

BY_HAND = "by_hand"


async def open_again(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Case:
    """A closed case, with who opens it. Its old alarm is over, as when the person comes back by themselves."""
    case = await access_case(session, user, case_id, lock=True)
    if case.status != "closed" or await _has_open_case(session, case.contact_id):
        raise Conflict("This person already has an open case.")
    case.status, case.closed_at, case.outcome = "open", None, None
    case.urgency, case.danger = "normal", []
    if case.deadline and case.deadline < hub.today:
        case.deadline = None
    case.assignee_id = user.id
    await set_modes(session, case, from_modes=("bot", "waiting"), to="human")
    await add_event(session, case, "reopened", user)
    await readings.wake_all(hub, session, case.contact_id)
    await publish(session, "case", case.id)
    return case


async def open_new(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Case:
    """A new matter of the person of a closed case, in the conversation where they wrote last."""
    earlier = await access_case(session, user, case_id, lock=True)
    newest = (
        sa.select(Conversation)
        .where(Conversation.contact_id == earlier.contact_id)
        .order_by(Conversation.heard_at.desc().nulls_last(), Conversation.id.desc())
        .limit(1)
    )
    conversation = (await session.scalars(newest)).one()
    case = await open_by_hand(session, user, conversation, place=earlier.place or conversation.place)
    await readings.wake_all(hub, session, case.contact_id)
    return case


async def open_by_hand(session: AsyncSession, user: User, conversation: Conversation, *, place: str) -> Case:
    """The colleague has it at once. Raises Conflict where the person has an open case already: the index is the judge."""
    made = await session.scalar(
        insert(Case)
        .values(
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            reason=BY_HAND,
            place=place,
            assignee_id=user.id,
        )
        .on_conflict_do_nothing(index_elements=["contact_id"], index_where=sa.text("status <> 'closed'"))
        .returning(Case.id)
    )
    if made is None:
        raise Conflict("This person already has an open case.")
    case = await access_case(session, user, made, lock=True)
    await set_modes(session, case, from_modes=("bot", "waiting"), to="human")
    await add_event(session, case, "opened", user, data={"reason": BY_HAND})
    await publish(session, "case", case.id)
    return case


async def _has_open_case(session: AsyncSession, contact_id: int) -> bool:
    found = sa.select(Case.id).where(Case.contact_id == contact_id, Case.status != "closed")
    return await session.scalar(found) is not None
