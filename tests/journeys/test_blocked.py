"""Somebody whom a coordinator blocked: heard but not answered, until the day has come; danger still reaches the team."""

from datetime import timedelta

import sqlalchemy as sa

from app import blocking, cases
from app.models import Contact
from tests.journeys.test_danger import VIOLENCE
from tests.stage import Stage


async def blocked(stage: Stage, days: int = 3) -> int:
    """A person with a case, blocked from now on; the case's number."""
    boris = await stage.staff("Boris", "coordinator")
    (case,) = await stage.cases()
    async with stage.hub.db.transaction() as session:
        last_day = stage.clock.now.date() + timedelta(days=days)
        await blocking.block(stage.hub, session, boris, case.id, last_day=last_day, reason="threats")
    return case.id


async def test_heard_but_not_answered_until_it_ends_by_itself(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Искам човек")
    case_id = await blocked(stage)
    assert await stage.says(person, "menu", "шефът не ми плаща", "/start") == []
    (case,) = await stage.cases()
    assert case.waiting_since is None
    assert [m.text for m in await stage.messages() if m.direction == "in"][-3:] == [
        "menu",
        "шефът не ми плаща",
        "/start",
    ]
    boris = await stage.staff("Berta", "coordinator")
    async with stage.hub.db.transaction() as session:
        await cases.close(stage.hub, session, boris, case_id)
    assert await stage.says(person, "menu") == []
    stage.clock.moves(days=5)
    assert await stage.says(person, "menu") != []


async def test_danger_goes_through(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Искам човек")
    await blocked(stage)
    said = await stage.says(person, VIOLENCE["bg"])
    assert "110" in said[0].text
    (case,) = await stage.cases()
    assert (case.urgency, case.danger) == ("urgent", ["violence"])
    assert case.waiting_since is not None
    assert await stage.says(person, "menu") == []


async def test_stop_is_obeyed_and_start_opens_silently(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Искам човек")
    await blocked(stage)
    assert await stage.says(person, "STOP") == []
    assert (await stage.conversation()).mode == "stopped"
    assert await stage.says(person, "START") == []
    assert (await stage.conversation()).mode == "waiting"


async def test_the_wish_to_be_erased_reaches_a_human(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Искам човек")
    await blocked(stage)
    assert await stage.says(person, "Daten löschen") == []
    (case,) = await stage.cases()
    assert case.waiting_since is not None
    (contact,) = await stage.rows(sa.select(Contact))
    assert contact.blocked_reason == "threats"
