"""The roster as it is kept: shifts added and taken out by those who lead, and when a colleague is away."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import BadInput, NotAllowed, NotFound
from app.models import Shift, User
from app.rights import ALL_PLACES, ANSWERING_ROLES
from flows.library import Library

LONGEST_AWAY = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Form:
    """Shifts as their form gives them: the same hours on one or more weekdays."""

    user_id: int
    weekdays: Collection[int]
    begins: str
    ends: str
    places: Collection[str]
    needs: Collection[str]


def check_leads(user: User) -> None:
    """Raises NotAllowed for who does not keep the roster."""
    if user.role not in ALL_PLACES:
        raise NotAllowed("Only coordinators and admins may do this.")


async def add(session: AsyncSession, library: Library, by: User, form: Form) -> None:
    """Shifts that are there already are not added again."""
    check_leads(by)
    colleague = await session.get(User, form.user_id, with_for_update=True)  # two of the same form, one after the other
    if colleague is None or colleague.disabled_at is not None or colleague.role not in ANSWERING_ROLES:
        raise BadInput("This colleague can't have cases.")
    days = sorted(day for day in set(form.weekdays) if 0 <= day <= 6)
    if not days:
        raise BadInput("Please choose a weekday.")
    values = {
        "begins": _clock(form.begins),
        "ends": _clock(form.ends),
        "places": [slug for slug in library.places if slug in form.places],
        "needs": [area for area in areas(library) if area in form.needs],
    }
    there = {_key(shift) for shift in await session.scalars(sa.select(Shift).where(Shift.user_id == colleague.id))}
    new = [Shift(user_id=colleague.id, weekday=day, **values) for day in days]
    session.add_all([shift for shift in new if _key(shift) not in there])
    await audit.note(session, by, "roster_changed", colleague=colleague.id, added=days)


async def remove(session: AsyncSession, by: User, shift_id: int) -> None:
    check_leads(by)
    shift = await session.get(Shift, shift_id)
    if shift is None:
        raise NotFound("There is no such shift.")
    await session.delete(shift)
    await audit.note(session, by, "roster_changed", colleague=shift.user_id, removed=[shift.weekday])


async def shifts_of(session: AsyncSession, user: User) -> Sequence[Shift]:
    query = sa.select(Shift).where(Shift.user_id == user.id).order_by(Shift.weekday, Shift.begins, Shift.id)
    return (await session.scalars(query)).all()


def set_away(user: User, until: datetime | None, now: datetime) -> None:
    """Off duty until then, whatever the roster says. None: back."""
    if until is not None and not now < until < now + LONGEST_AWAY:
        raise BadInput("This moment must lie ahead, and within a year.")
    user.away_until = until


def areas(library: Library) -> list[str]:
    """What needs are grouped by: 'work', 'housing'…"""
    return list(dict.fromkeys(topic.partition(".")[0] for topic in library.entries))


def _key(shift: Shift) -> tuple[object, ...]:
    return (shift.weekday, shift.begins, shift.ends, tuple(shift.places or ()), tuple(shift.needs or ()))


def _clock(words: str) -> time:
    try:
        return time.fromisoformat(words).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInput("Give a time such as 09:00.") from None
