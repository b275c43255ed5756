"""Urgent cases that nobody takes: the call for a human goes out again, each time to more people, once each.

First to those on duty and the alarm mailbox, then to everybody whose case it may be and who is not away, then to the
place's contacts, then to those who lead. It ends when somebody takes the case or answers.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import alert
from app.duty import who_to_call
from app.duty_rules import STEPS, Rules, read_rules
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.models import Alert, Case, User
from app.piecework import each_alone
from app.rights import ALL_PLACES, seeing

TEAM, PLACE, LEADERS = range(1, STEPS + 1)


async def widen_due(hub: Hub) -> int:
    """Call again for the cases whose time has come; how many they were."""
    async with hub.db.transaction() as session:
        rules = await read_rules(session)
        waiting = (await session.scalars(sa.select(Case.id).where(*_nobody_has_it(hub)))).all()
    return await each_alone(hub.db, "urgent case", waiting, lambda session, id_: _widen(hub, session, id_, rules))


async def _widen(hub: Hub, session: AsyncSession, case_id: int, rules: Rules) -> bool:
    # Asked again under the lock: somebody may have taken it, or a twin of this job may have called.
    query = sa.select(Case).where(Case.id == case_id, *_nobody_has_it(hub)).with_for_update()
    case = await session.scalar(query)
    if case is None or case.alarmed_at is None:
        return False
    step = rules.step(hub.now() - case.alarmed_at)
    if step <= case.alarm_step:
        return False
    case.alarm_step = step
    reason = "danger" if case.danger else "deadline"
    if await alert(hub, session, case=case, reason=reason, step=step):
        await add_event(session, case, "alerted", data={"step": step})
    await publish(session, "case", case.id)
    return True


def _nobody_has_it(hub: Hub) -> list[sa.ColumnElement[bool]]:
    return [
        Case.urgency == "urgent",
        Case.status == "open",
        Case.assignee_id.is_(None),
        Case.waiting_since.is_not(None),
        Case.alarmed_at <= hub.now(),
        Case.alarm_step < STEPS,
    ]


async def times_alerted(session: AsyncSession, case: Case) -> int:
    """How often people were called about an urgent case that still nobody has."""
    if case.urgency != "urgent" or case.status != "open" or case.assignee_id is not None or case.waiting_since is None:
        return 0
    steps = sa.select(sa.func.count(Alert.step.distinct())).where(
        Alert.case_id == case.id, Alert.step <= case.alarm_step, Alert.status != "failed"
    )
    return await session.scalar(steps) or 0


async def audience(hub: Hub, session: AsyncSession, case: Case | None, step: int) -> list[str]:
    """The mail addresses that hear of a case at this step. Looked up when the mail leaves: duty may have changed."""
    mailbox = [found for words in hub.settings.alert_email.split(",") if (found := words.strip())]
    if case is None:
        return mailbox
    addresses = mailbox if step in (0, LEADERS) else []
    addresses += [user.email for user in await who_to_call(session, hub.shelf.library, case, hub.now())]
    if step >= TEAM:
        addresses += [user.email for user in await _whose_case_it_may_be(hub, session, case, leads=step >= LEADERS)]
    if step >= PLACE:
        addresses += _contacts(hub, case.place)
    return list(dict.fromkeys(addresses))


async def _whose_case_it_may_be(hub: Hub, session: AsyncSession, case: Case, *, leads: bool) -> Sequence[User]:
    roles = {"streetworker", *(ALL_PLACES if leads else ())}
    query = sa.select(User).where(User.disabled_at.is_(None), User.role.in_(roles), seeing(case))
    is_there = sa.or_(User.away_until.is_(None), User.away_until <= hub.now())
    return (await session.scalars(query.where(is_there).order_by(User.id))).all()


def _contacts(hub: Hub, place: str) -> list[str]:
    """Of the place, or of the nearest one around it that has any."""
    library = hub.shelf.library
    return next((list(found) for slug in library.chain(place) if (found := library.places[slug].alerts)), [])
