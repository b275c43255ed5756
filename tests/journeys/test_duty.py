"""No case waits unseen: the honest word, the call that widens, and cases that come back from who is off duty."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import cases, escalating, returning
from app.models import Alert, Case, CaseEvent, Draft, Setting, Shift, User
from app.publishing import publish_version
from flows.services import TIMEZONE
from tests.app.mail import Mailbox, mail_server
from tests.journeys.test_danger import STAFF_CHAT, VIOLENCE
from tests.journeys.test_first_contact import texts
from tests.journeys.test_handover import asks_for_a_human, publish_duty, reply, take
from tests.stage import Stage
from translations.phrases import phrase


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


async def shift(stage: Stage, user: User, **moved: float) -> None:
    """An hour's duty that begins so much from now."""
    local = (stage.clock.now + timedelta(**moved)).astimezone(TIMEZONE)
    ends = local + timedelta(hours=1)
    async with stage.hub.db.transaction() as session:
        begins = local.time().replace(microsecond=0)
        session.add(
            Shift(user_id=user.id, weekday=local.weekday(), begins=begins, ends=ends.time().replace(microsecond=0))
        )


async def every_day(stage: Stage) -> None:
    """Whatever the day on which this test runs: holidays are days like others."""
    await change_place(stage, on_holidays=True)


async def change_place(stage: Stage, **changes: Any) -> None:
    async with stage.hub.db.transaction() as session:
        data = stage.hub.shelf.library.places["weissenfels"].model_dump(mode="json") | changes
        await publish_version(session, "place", "weissenfels", data, origin="hub")
    await stage.hub.shelf.load()


async def of_weissenfels(stage: Stage, person: Any) -> None:
    await stage.says(person, "Здравейте")
    async with stage.hub.db.transaction() as session:
        (await session.merge(await stage.conversation())).place = "weissenfels"


@pytest.fixture
async def ana(stage: Stage) -> User:
    await every_day(stage)
    return await stage.staff("Ana")


async def kinds(stage: Stage) -> list[str]:
    return [event.kind for event in await stage.rows(sa.select(CaseEvent).order_by(CaseEvent.id))]


async def test_the_roster_says_when_somebody_will_be_there_once_per_wait(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    await of_weissenfels(stage, person)
    await shift(stage, ana, hours=3)
    (told,) = await stage.says(person, "0")
    assert "Сега никой не е на работа" in told.text
    at = (stage.clock.now + timedelta(hours=3)).astimezone(TIMEZONE)
    assert f"{at:%H:%M}" in told.text
    assert await stage.says(person, "ало?") == []
    stage.clock.moves(hours=2)
    assert await stage.says(person, "ало?") == [], "what was said still holds"
    stage.clock.moves(hours=1.5)
    assert await stage.says(person, "ало?") == [], "she is on duty: no word of minutes"
    stage.clock.moves(hours=1)
    (again,) = await stage.says(person, "ало?")
    assert again.text.startswith("Получихме"), "the time passed, nobody answered, nobody is there: said anew"


async def test_who_answers_out_of_hours_is_not_contradicted(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    await of_weissenfels(stage, person)
    await publish_duty(stage, always=True)
    await stage.says(person, "0")
    await shift(stage, ana, hours=3)
    (case,) = await stage.cases()
    await reply(stage, ana, case.id, "Тук съм.")
    assert await stage.says(person, "чудесно") == []
    stage.clock.moves(minutes=20)
    (told,) = await stage.says(person, "ало?")
    assert told.text.startswith("Получихме")


async def test_in_danger_the_numbers_come_first_and_then_the_truth(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    await of_weissenfels(stage, person)
    await shift(stage, ana, hours=3)
    first, second = texts(await stage.says(person, VIOLENCE["bg"]))
    assert first == phrase("danger.violence", "bg")
    assert second.startswith("Сега никой не е на работа")
    assert "112" in second


async def urgent(stage: Stage) -> Case:
    person = stage.telegram.person()
    await of_weissenfels(stage, person)
    await stage.says(person, VIOLENCE["bg"])
    (case,) = await stage.cases()
    return case


async def widen(stage: Stage, **moved: float) -> int:
    stage.clock.moves(**moved)
    done = await asyncio.gather(escalating.widen_due(stage.hub), escalating.widen_due(stage.hub))
    await stage.work()
    return sum(done)


async def with_mail(stage: Stage, mailbox: Mailbox) -> None:
    stage.hub.settings.smtp_url, stage.hub.settings.alert_email = mailbox.url, "dienst@example.org"
    await change_place(stage, alerts=["amt@example.org"])


async def test_the_call_widens_once_each_until_somebody_takes_the_case(
    stage: Stage, ana: User, mailbox: Mailbox
) -> None:
    await with_mail(stage, mailbox)
    await stage.staff("Boris")
    await stage.staff("Kim", "coordinator")
    away = await stage.staff("Olga")
    async with stage.hub.db.transaction() as session:
        (await session.merge(away)).away_until = stage.clock.now + timedelta(days=2)
    await shift(stage, ana, minutes=-5)
    case = await urgent(stage)
    assert await widen(stage, minutes=4) == 0
    assert await widen(stage, minutes=2) == 1, "and its twin found it done"
    assert await widen(stage, minutes=2) == 0
    assert await widen(stage, minutes=8) == 1
    assert await widen(stage, minutes=15) == 1
    assert await widen(stage, hours=5) == 0
    to = [str(mail["To"]) for mail in mailbox.mails]
    assert to == [
        "dienst@example.org, ana@example.org",
        "ana@example.org, boris@example.org",
        "ana@example.org, boris@example.org, amt@example.org",
        "dienst@example.org, ana@example.org, boris@example.org, kim@example.org, amt@example.org",
    ]
    assert (await kinds(stage)).count("alerted") == 3
    async with stage.hub.db.transaction() as session:
        fresh = await session.get_one(Case, case.id)
        assert await escalating.times_alerted(session, fresh) == 4
    await take(stage, ana, case.id)
    async with stage.hub.db.transaction() as session:
        assert await escalating.times_alerted(session, await session.get_one(Case, case.id)) == 0


async def test_a_taken_or_answered_case_is_quiet_and_one_given_back_begins_anew(stage: Stage, ana: User) -> None:
    stage.telegram.group(STAFF_CHAT, "Dienst")
    async with stage.hub.db.transaction() as session:
        session.add(Setting(key=cases.STAFF_CHAT, value={"channel": "hilfe", "chat_id": str(STAFF_CHAT)}))
    case = await urgent(stage)
    await take(stage, ana, case.id)
    assert await widen(stage, hours=1) == 0
    async with stage.hub.db.transaction() as session:
        await cases.release(stage.hub, session, ana, case.id)
    assert await widen(stage, minutes=4) == 0
    assert await widen(stage, minutes=2) == 1
    await reply(stage, ana, case.id, "Тук съм.")
    assert await widen(stage, hours=1) == 0
    assert [alert.step for alert in await stage.rows(sa.select(Alert).order_by(Alert.id))] == [0, 1]


async def give_back(stage: Stage, **moved: float) -> int:
    stage.clock.moves(**moved)
    return sum(await asyncio.gather(returning.return_due(stage.hub), returning.return_due(stage.hub)))


async def test_a_case_that_waits_with_somebody_off_duty_goes_back(stage: Stage, ana: User) -> None:
    await shift(stage, ana, minutes=-5)  # for 55 minutes more
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await take(stage, ana, case_id)
    assert await give_back(stage, minutes=54) == 0, "on duty"
    assert await give_back(stage, minutes=20) == 0, "off duty for less than half an hour"
    async with stage.hub.db.transaction() as session:
        draft = Draft(user_id=ana.id, case_id=case_id, kind="reply", text="Зд", updated_at=stage.clock.now)
        session.add(draft)
    stage.clock.moves(minutes=14)
    async with stage.hub.db.transaction() as session:
        (await session.merge(draft)).updated_at = stage.clock.now - timedelta(minutes=4)
    assert await give_back(stage) == 0, "she writes"
    assert await give_back(stage, minutes=3) == 1
    assert await give_back(stage, minutes=1) == 0
    (case,) = await stage.cases()
    assert (case.assignee_id, case.status, (await stage.conversation()).mode) == (None, "open", "waiting")
    assert (await kinds(stage))[-1] == "returned"


async def test_who_is_away_keeps_answered_cases_only(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await reply(stage, ana, case_id, "До утре!")
    async with stage.hub.db.transaction() as session:
        (await session.merge(ana)).away_until = stage.clock.now + timedelta(days=9)
    assert await give_back(stage, hours=5) == 0, "nobody waits"
    await stage.says(person, "още нещо")
    assert await give_back(stage, minutes=29) == 0
    assert await give_back(stage, minutes=2) == 1


async def test_without_a_roster_nothing_comes_back(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await take(stage, ana, case_id)
    assert await give_back(stage, days=3) == 0


async def test_an_urgent_case_comes_back_sooner_and_calls_again(stage: Stage, ana: User) -> None:
    case = await urgent(stage)
    await shift(stage, ana, hours=-2)
    await take(stage, ana, case.id)
    assert await give_back(stage, minutes=4) == 0
    assert await give_back(stage, minutes=2) == 1
    (case,) = await stage.cases()
    assert (case.alarm_step, case.alarmed_at) == (0, stage.clock.now)


async def test_a_place_has_its_own_minutes_and_its_towns_have_them_too(stage: Stage, ana: User) -> None:
    async def minutes(slug: str, number: int | None) -> None:
        data = stage.hub.shelf.library.places[slug].model_dump(mode="json") | {"returns": number}
        async with stage.hub.db.transaction() as session:
            await publish_version(session, "place", slug, data, origin="hub")
        await stage.hub.shelf.load()

    await shift(stage, ana, hours=-2)  # over for an hour
    person = stage.telegram.person()
    await of_weissenfels(stage, person)
    case_id = await asks_for_a_human(stage, person)
    await take(stage, ana, case_id)
    await minutes("burgenlandkreis", 60)
    assert await give_back(stage, minutes=59) == 0
    await minutes("weissenfels", 90)
    assert await give_back(stage, minutes=30) == 0
    assert await give_back(stage, minutes=2) == 1
    await take(stage, ana, case_id)
    await minutes("weissenfels", None)
    await minutes("burgenlandkreis", 5)
    assert await give_back(stage, minutes=6) == 1
