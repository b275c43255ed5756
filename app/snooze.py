"""Cases that sleep: until the person writes, for an hour, until tomorrow morning or a day; and the job that wakes them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import duty
from app.cases import access_case, wake_up
from app.errors import BadInput, Conflict
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.models import Case, User
from app.piecework import each_alone

MORNING = time(8)
LONGEST = timedelta(days=366)


def zone_of(hub: Hub, place: str) -> ZoneInfo:
    """The clock that people of a place live by."""
    return duty.zone_of(hub.shelf.library, place)


def when(hub: Hub, place: str, choice: str, day: date | None = None) -> datetime | None:
    """The moment that a colleague chose; None: when the person writes."""
    now = hub.now()
    zone = zone_of(hub, place)
    match choice:
        case "reply":
            return None
        case "hour":
            return now + timedelta(hours=1)
        case "tomorrow":
            return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)
        case "date" if day is not None:
            return datetime.combine(day, MORNING, zone)
        case "date":
            raise BadInput("Please choose a day.")
        case _:
            raise BadInput("Please choose until when.")


async def snooze(hub: Hub, session: AsyncSession, user: User, case_id: int, *, until: datetime | None) -> Case:
    """Out of the way until then, or until the person writes, whichever comes first."""
    case = await access_case(session, user, case_id, lock=True)
    if until is not None and not hub.now() < until < hub.now() + LONGEST:
        raise BadInput("This moment must lie ahead, and within a year.")
    if case.status == "closed":
        raise Conflict("This case is closed.")
    case.status, case.snoozed_until = "snoozed", until
    await add_event(session, case, "snoozed", user, data={"until": until.isoformat()} if until else {})
    await publish(session, "case", case.id)
    return case


async def wake(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Case:
    """Back among the open ones, by hand."""
    case = await access_case(session, user, case_id, lock=True)
    await wake_up(session, case, user)
    await publish(session, "case", case.id)
    return case


async def wake_due(hub: Hub) -> int:
    """Wake the cases whose time has come; how many they were."""
    is_due = sa.and_(Case.status == "snoozed", Case.snoozed_until <= hub.now())
    async with hub.db.transaction() as session:
        due = (await session.scalars(sa.select(Case.id).where(is_due))).all()

    async def wake_one(session: AsyncSession, case_id: int) -> bool:
        case = await session.scalar(sa.select(Case).where(Case.id == case_id, is_due).with_for_update())
        if case is None:  # woken or erased meanwhile
            return False
        await wake_up(session, case)
        await publish(session, "case", case.id)
        return True

    return await each_alone(hub.db, "snoozed case", due, wake_one)
