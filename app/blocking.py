"""Blocking a contact until a day: what they write is stored, nobody is called and the bot says nothing; danger goes through.

The rule itself stands in `app.rules` (`keep_silent` comes after `meet_danger`); docs/decisions tells why.
"""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import access_case, checked_words
from app.errors import BadInput, Conflict, NotAllowed
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.models import Case, Contact, User
from app.rights import ALL_PLACES
from app.snooze import zone_of

REASON_CHARS = 300
LONGEST = timedelta(days=366)
USUAL = timedelta(days=7)


def may_block(role: str) -> bool:
    """Coordinators and admins."""
    return role in ALL_PLACES


def is_blocked(contact: Contact, now: datetime) -> bool:
    """A block ends by itself."""
    return contact.blocked_until is not None and contact.blocked_until > now


async def block(
    hub: Hub, session: AsyncSession, user: User, case_id: int, *, last_day: date | None, reason: str
) -> Case:
    """Up to the end of that day, by the clock of the case's place. What waits for an answer waits no longer."""
    case, contact = await _access(session, user, case_id)
    zone = zone_of(hub, case.place)
    if last_day is None:
        raise BadInput("Please choose a day.")
    until = datetime.combine(last_day + timedelta(days=1), time(), zone)
    if not hub.now() < until <= hub.now() + LONGEST:
        raise BadInput("A block ends within a year: please choose a day from today on.")
    contact.blocked_until, contact.blocked_reason = until, checked_words(reason, REASON_CHARS)
    open_cases = sa.update(Case).where(Case.contact_id == contact.id, Case.status != "closed")
    await session.execute(open_cases.values(waiting_since=None))
    await add_event(
        session, case, "blocked", user, text=contact.blocked_reason, data={"last_day": last_day.isoformat()}
    )
    await publish(session, "case", case.id)
    return case


async def unblock(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Case:
    case, contact = await _access(session, user, case_id)
    if contact.blocked_until is None:
        raise Conflict("A colleague has just changed this. Please look again.")
    contact.blocked_until = contact.blocked_reason = None
    await add_event(session, case, "unblocked", user)
    await publish(session, "case", case.id)
    return case


async def _access(session: AsyncSession, user: User, case_id: int) -> tuple[Case, Contact]:
    case = await access_case(session, user, case_id, lock=True)
    if not may_block(user.role):
        raise NotAllowed("Only coordinators and admins block people.")
    contact = await session.get_one(Contact, case.contact_id, with_for_update=True, populate_existing=True)
    return case, contact
