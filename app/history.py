"""A case's history: one line per thing that happened to it; and a case that was closed lately, opened again."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.hub import Hub
from app.models import Case, CaseEvent, User

REOPENS_WITHIN = timedelta(days=7)  # whoever comes back so soon comes with the same matter


async def add_event(
    session: AsyncSession,
    case: Case,
    kind: str,
    user: User | None = None,
    *,
    text: str | None = None,
    data: dict[str, object] | None = None,
) -> CaseEvent:
    event = CaseEvent(case_id=case.id, user_id=user.id if user else None, kind=kind, text=text, data=data or {})
    session.add(event)
    await session.flush()
    if user is not None:
        await audit.note(session, user, "changed", case, event=kind)
    return event


async def reopen_latest(hub: Hub, session: AsyncSession, contact_id: int, *, reason: str) -> bool:
    """Open the contact's case again that was closed in the last days, with the colleague who knows it.

    Its old alarm is over: what is urgent now has to say so itself, or nobody would be alerted a second time.
    """
    is_open = sa.select(Case.id).where(Case.contact_id == contact_id, Case.status != "closed")
    if await session.scalar(is_open):
        return False
    latest = (
        sa.select(Case)
        .where(Case.contact_id == contact_id, Case.status == "closed", Case.closed_at > hub.now() - REOPENS_WITHIN)
        .order_by(Case.closed_at.desc())
        .limit(1)
        .with_for_update()
    )
    case = await session.scalar(latest)
    # Asked once more under the lock: another conversation of the same person may have been faster.
    if case is None or await session.scalar(is_open):
        return False
    case.status, case.closed_at, case.outcome = "open", None, None
    case.urgency, case.danger = "normal", []
    if case.deadline and case.deadline < hub.today:
        case.deadline = None
    if case.assignee_id is not None and (await session.get_one(User, case.assignee_id)).disabled_at is not None:
        case.assignee_id = None
    await add_event(session, case, "reopened", data={"reason": reason})
    return True
