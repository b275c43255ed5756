"""Words that were to be sent and were not: a draft of their writer again, or, where the writer has left, a line in the case."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import drafts, news
from app.cases import to_pool, wake_up
from app.history import add_event
from app.hub import Hub
from app.models import Case, User
from app.written import Written


async def give_back(
    session: AsyncSession,
    case: Case,
    user_id: int,
    text: str,
    written: Written | None = None,
    quotes: int | None = None,
) -> None:
    """A draft of somebody who no longer signs in would be seen by nobody."""
    writer = await session.get_one(User, user_id)
    if writer.disabled_at is None:
        await drafts.give_back(session, user_id, case.id, text, written, quotes)
        return
    words = f"{written.german}\n\n{text}" if written else text
    await add_event(session, case, "words_left", text=words or None, data={"by": writer.name})


async def leave_to_team(hub: Hub, session: AsyncSession, case: Case, user_id: int) -> None:
    """What somebody who has left was to say is still to be said: the open case waits for whoever is there."""
    writer = await session.get_one(User, user_id)
    if writer.disabled_at is None or case.status == "closed":
        return
    await wake_up(session, case)
    case.waiting_since = case.waiting_since or hub.now()
    if case.assignee_id == writer.id:
        await to_pool(hub, session, case, "released")
    await news.tell_assignee(hub, session, case)
