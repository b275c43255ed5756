"""How many wait for one colleague, and when a person last wrote to them: for the title's number and the sound."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.duty import roster
from app.errors import NotAllowed
from app.hub import Hub
from app.models import Case, Conversation, User
from app.rights import ANSWERING_ROLES, visible_cases


@dataclass(frozen=True, slots=True)
class Waits:
    """`count`: cases in which somebody waits, theirs or nobody's. `quiet`: the roster says that they are off duty."""

    count: int
    heard_at: datetime | None
    quiet: bool


async def waits_for(hub: Hub, session: AsyncSession, user: User) -> Waits:
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    query = (
        sa.select(sa.func.count(Case.id.distinct()), sa.func.max(Conversation.heard_at))
        .join(Conversation, Conversation.contact_id == Case.contact_id)
        .where(
            Case.status == "open",
            Case.waiting_since.is_not(None),
            sa.or_(Case.assignee_id == user.id, Case.assignee_id.is_(None)),
            visible_cases(user),
        )
    )
    count, heard_at = (await session.execute(query)).one()
    known = await roster(session, hub.shelf.library)
    return Waits(count, heard_at, known.off_since(user, "", hub.now()) is not None)
