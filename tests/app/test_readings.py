"""What people write is read into German, apart from receiving and sending; once, whatever happens; and goes with its message."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import readings
from app.hub import Hub
from app.jobs import rescue, sweep_readings
from app.models import Message, Reading
from app.opening import open_again
from app.polling import poll_once
from app.privacy import erase
from app.search import search
from app.wake import READ_QUEUE
from tests.stage import Stage
from tests.toys import BG_DE, install_toys
from tests.web import cast
from translations.machine import Machine, TooSlow, Translated

BOSS = "шефът не плаща заплата"
BOSS_DE = "Chef nicht zahlt Lohn"


async def texts(stage: Stage) -> list[tuple[str | None, str]]:
    """(German, origin) of what the person wrote, in order."""
    query = sa.select(Reading).join(Message).where(Message.author == "contact").order_by(Message.id)
    return [(each.text, each.origin) for each in await stage.rows(query)]


async def handed_over(stage: Stage, *words: str) -> Any:
    """Somebody for whom humans are asked, in Bulgarian; they then write these words."""
    person = stage.telegram.person()
    for text in ("здравейте", "искам да говоря с човек", *words):
        await person.writes(text)
    await stage.run()
    assert len(await stage.cases()) == 1
    return person


async def test_a_case_is_read_with_what_was_said_before_it(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    person = stage.telegram.person()
    await person.writes("здравейте, шефът не плаща")
    await stage.run()
    assert await texts(stage) == [], "nobody reads what the bot settles by itself"
    await person.writes("искам да говоря с човек")
    await stage.run()
    await person.writes(BOSS)
    await stage.run()
    said = await texts(stage)
    assert len(said) == 3
    assert said[2] == (BOSS_DE, "machine")
    (last,) = await stage.rows(sa.select(Reading).where(Reading.text == BOSS_DE))
    assert last.route == ["bg", "en", "de"]


async def test_the_bot_s_words_are_those_of_the_german_version(stage: Stage) -> None:
    """No machine: there are no packages here at all."""
    person = stage.telegram.person()
    await person.writes("шефът не ми плаща заплатата")
    await stage.run()
    await person.writes("искам да говоря с човек")
    await stage.run()
    query = sa.select(Message, Reading).join(Reading).where(Message.author == "bot").order_by(Message.seq)
    async with stage.hub.db.transaction() as session:
        said = (await session.execute(query)).all()
    answers = [reading for message, reading in said if message.payload.get("answers") and reading.origin == "written"]
    assert any("Lohn" in (reading.text or "") for reading in answers)
    assert any(reading.origin == "written" and not message.payload.get("answers") for message, reading in said), (
        "phrases"
    )


async def test_every_message_has_a_language_of_its_own_and_german_needs_nothing(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    await handed_over(
        stage, "Ich habe morgen einen Termin beim Jobcenter", "Unde este medicul? Am nevoie de ajutor", "👍 450 €"
    )
    query = sa.select(Reading).join(Message).where(Message.author == "contact").order_by(Message.id.desc())
    german, romanian, bare = (await stage.rows(query))[2::-1]
    assert (german.text, german.origin, german.problem) == (None, "none", None)
    assert (romanian.origin, romanian.problem, romanian.route) == ("none", "no_route", ["ro", "de"])
    assert (bare.origin, bare.problem) == ("none", None)


async def test_packages_that_come_later_are_used_for_what_waits(stage: Stage) -> None:
    await handed_over(stage, BOSS)
    assert (await texts(stage))[-1] == (None, "none")
    await sweep_readings(stage.hub)
    assert await waiting_jobs(stage) == 0, "nothing has changed"
    install_toys(stage.hub, *BG_DE)
    await sweep_readings(stage.hub)
    await stage.work()
    assert (await texts(stage))[-1] == (BOSS_DE, "machine")
    await sweep_readings(stage.hub)
    assert await waiting_jobs(stage) == 0


async def waiting_jobs(stage: Stage) -> int:
    (count,) = await stage.rows(sa.text(f"select count(*) from procrastinate_jobs where queue_name = '{READ_QUEUE}'"))
    return int(count)


class Tired(Machine):
    """Too slow the first time, broken the second, then as ever."""

    tries = 0

    async def translate(self, text: str, *args: Any, **values: Any) -> Translated:
        self.tries += 1
        if self.tries == 1:
            raise TooSlow
        if self.tries == 2:
            raise RuntimeError(text)
        return await super().translate(text, *args, **values)


async def test_a_machine_that_is_too_slow_or_breaks_is_asked_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    person = await handed_over(stage)
    install_toys(stage.hub, *BG_DE)
    talk = await stage.conversation()
    await readings.read(stage.hub, talk.id)
    tired = replace(stage.hub, machine=Tired(stage.hub.settings.packages_dir))
    await person.writes(BOSS)
    await poll_once(stage.hub, stage.channel, wait=0)
    problems = []
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            await readings.read(tired, talk.id)
            problems.append((await newest(stage)).problem)
            async with stage.hub.db.transaction() as session:
                await session.execute(sa.update(Reading).values(created_at=sa.func.now() - timedelta(minutes=11)))
    assert problems == ["too_slow", "damaged", None]
    assert (await newest(stage)).text == BOSS_DE
    assert "шефът" not in caplog.text
    tired.machine.close()


async def newest(stage: Stage) -> Reading:
    found = await stage.rows(sa.select(Reading).order_by(Reading.message_id.desc()).limit(1))
    assert isinstance(found[0], Reading)
    return found[0]


async def test_edits_are_read_anew_and_deleted_words_are_gone(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    person = await handed_over(stage)
    ana = await stage.staff()
    written = await person.writes("имам договор")
    await stage.run()
    assert (await texts(stage))[-1] == ("habe Vertrag", "machine")
    assert await finds(stage, ana, "Vertrag")
    await person.edits(written, BOSS)
    await poll_once(stage.hub, stage.channel, wait=0)
    assert len(await texts(stage)) == 2, "a wording that is gone is not shown"
    assert not await finds(stage, ana, "Vertrag")
    await stage.run()
    assert (await texts(stage))[-1] == (BOSS_DE, "machine")
    assert await finds(stage, ana, "Lohn")


async def finds(stage: Stage, user: Any, words: str) -> bool:
    async with stage.hub.db.transaction() as session:
        return bool((await search(stage.hub, session, user, words)).groups)


async def test_what_a_person_checked_stays(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    await handed_over(stage, BOSS)
    ana = await stage.staff("Mila", "mediator")
    async with stage.hub.db.transaction() as session:
        message = (await session.scalars(sa.select(Message).where(Message.text == BOSS).with_for_update())).one()
        assert await readings.put(session, message, readings.Words("checked", "Kein Geld vom Chef."), user_id=ana.id)
        assert not await readings.put(session, message, readings.Words("machine", BOSS_DE))
    assert (await texts(stage))[-1] == ("Kein Geld vom Chef.", "checked")


async def test_a_kill_in_the_middle_is_finished_and_nothing_is_there_twice(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    person = await handed_over(stage)
    for _ in range(readings.BATCH + 5):
        await person.writes(BOSS)
    while await poll_once(stage.hub, stage.channel, wait=0):
        pass
    talk = await stage.conversation()
    dying = asyncio.create_task(readings.read(stage.hub, talk.id))
    await asyncio.sleep(0.05)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    async with stage.hub.db.transaction() as session:
        await session.execute(
            sa.text("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')")
        )
        dead = "update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers)"
        await session.execute(sa.text(f"{dead} where queue_name = '{READ_QUEUE}'"))
    await rescue(stage.jobs)
    await asyncio.gather(readings.read(stage.hub, talk.id), readings.read(stage.hub, talk.id), stage.work())
    assert (await texts(stage)).count((BOSS_DE, "machine")) == readings.BATCH + 5


async def test_a_lost_job_is_swept_and_closed_cases_are_left_alone(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    person = await handed_over(stage)
    await person.writes(BOSS)
    await poll_once(stage.hub, stage.channel, wait=0)
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text(f"delete from procrastinate_jobs where queue_name = '{READ_QUEUE}'"))
        await session.execute(sa.text("update cases set status = 'closed', closed_at = now()"))
    await sweep_readings(stage.hub)
    assert await waiting_jobs(stage) == 0
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text("update cases set status = 'open', closed_at = null"))
    await sweep_readings(stage.hub)
    await stage.work()
    assert (await texts(stage))[-1] == (BOSS_DE, "machine")


async def test_readings_go_with_the_person_and_jobs_name_ids_only(stage: Stage) -> None:
    install_toys(stage.hub, *BG_DE)
    person = await handed_over(stage, BOSS)
    await person.writes(BOSS)
    await poll_once(stage.hub, stage.channel, wait=0)
    talk = await stage.conversation()
    found = await stage.rows(sa.text(f"select args from procrastinate_jobs where queue_name = '{READ_QUEUE}'"))
    assert found == [{"conversation_id": talk.id}]
    await erase(stage.hub, talk.contact_id, "bg")
    assert await stage.rows(sa.select(Reading)) == []
    await stage.work()
    assert await stage.rows(sa.select(Reading)) == []


async def test_a_case_that_staff_open_again_is_read_no_further_back_than_needed(hub: Hub) -> None:
    install_toys(hub, *BG_DE)
    async with hub.db.transaction() as session:
        ana = await cast.add_user(session, "Ana Petrova")
        channel = await cast.add_channel(hub, session, "web", "webchat")
        talk = await cast.meet(hub, session, channel, "Maria", "77", at=hub.now() - timedelta(days=2), language="bg")
        for number in range(readings.BEFORE + 10):
            await talk.says(f"имам договор {number}")
        case = await cast.open_case(talk, "asked", status="closed", closed_at=hub.now())
        newest_first = [message.id for message in reversed(talk.messages)]
    async with hub.db.transaction() as session:
        await open_again(hub, session, ana, case.id)
        assert await session.scalar(sa.text("select count(*) from procrastinate_jobs where task_name = 'read'")) == 1
    await readings.read(hub, talk.conversation.id)
    async with hub.db.transaction() as session:
        read = set(await session.scalars(sa.select(Reading.message_id)))
    assert read == set(newest_first[: readings.BATCH])
    for _ in range(5):
        await readings.read(hub, talk.conversation.id)
    async with hub.db.transaction() as session:
        assert await session.scalar(sa.select(sa.func.count(Reading.id))) == readings.BEFORE
