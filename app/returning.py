"""Cases that wait with a colleague who is off duty or away go back to everybody. A periodic job; nothing happens twice."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import alert, to_pool
from app.duty import Roster, roster
from app.duty_rules import Rules, read_rules, rules_at, soonest
from app.hub import Hub
from app.locks import lock_case
from app.models import Case, CaseEvent, Draft, PendingReply, Presence, ScheduledReply, User
from app.piecework import each_alone
from app.presence import FRESH

DRAFT_IS_FRESH = timedelta(minutes=5)
GIVEN = ("taken", "assigned", "reopened")


async def return_due(hub: Hub) -> int:
    """How many cases went back."""
    waits = (Case.status == "open", Case.assignee_id.is_not(None))
    async with hub.db.transaction() as session:
        rules = await read_rules(session)
        least = soonest(rules, hub.shelf.library)
        patience = sa.case((Case.urgency == "urgent", least.urgent_returns_after), else_=least.returns_after)
        query = sa.select(Case, User).join(User, Case.assignee_id == User.id)
        rows = (await session.execute(query.where(*waits, Case.waiting_since <= hub.now() - patience))).all()
        known = await roster(session, hub.shelf.library) if rows else None
        due = [case.id for case, user in rows if known and _is_due(hub, known, rules, case, user)]
    return await each_alone(hub.db, "case to return", due, lambda session, id_: _give_back(hub, session, id_, rules))


async def _give_back(hub: Hub, session: AsyncSession, case_id: int, rules: Rules) -> bool:
    case = await lock_case(session, case_id)
    if case is None or case.status != "open" or case.assignee_id is None:
        return False
    user = await session.get_one(User, case.assignee_id)
    known = await roster(session, hub.shelf.library)
    if not _is_due(hub, known, rules, case, user, await _given_at(session, case)):
        return False
    if await _is_being_answered(hub, session, case):
        return False
    await to_pool(hub, session, case, "returned", data={"from": user.name})
    if case.urgency == "urgent":
        await alert(hub, session, case=case, reason="danger" if case.danger else "deadline")
    return True


def _is_due(hub: Hub, known: Roster, rules: Rules, case: Case, user: User, given_at: datetime | None = None) -> bool:
    """Whether the person has waited long enough since the colleague went off duty or, off duty, was given the case."""
    now, here = hub.now(), rules_at(rules, hub.shelf.library, case.place)
    off = known.off_since(user, case.place, now)
    if off is None or case.waiting_since is None:
        return False
    since = max(off, case.waiting_since, given_at or off)
    return now - since >= (here.urgent_returns_after if case.urgency == "urgent" else here.returns_after)


async def _given_at(session: AsyncSession, case: Case) -> datetime | None:
    given = sa.select(sa.func.max(CaseEvent.created_at)).where(CaseEvent.case_id == case.id, CaseEvent.kind.in_(GIVEN))
    return await session.scalar(given)


async def _is_being_answered(hub: Hub, session: AsyncSession, case: Case) -> bool:
    """Somebody writes, wrote just now, or has an answer ready that goes out by itself or once a second person read it."""
    now = hub.now()
    signs = (
        sa.select(Draft.id).where(Draft.case_id == case.id, Draft.updated_at > now - DRAFT_IS_FRESH),
        sa.select(Presence.case_id).where(Presence.case_id == case.id, Presence.writes, Presence.seen_at > now - FRESH),
        sa.select(ScheduledReply.id).where(ScheduledReply.case_id == case.id, ScheduledReply.status == "waiting"),
        sa.select(PendingReply.id).where(
            PendingReply.case_id == case.id, PendingReply.status == "waiting", PendingReply.decide_by > now
        ),
    )
    return bool(await session.scalar(sa.select(sa.or_(*(sign.exists() for sign in signs)))))
