"""What a crash at the wrong moment left behind is found again, and one bad message holds up nobody."""

import asyncio
import contextlib
from typing import Any

import procrastinate
import pytest
import sqlalchemy as sa

from app import conversation, rules
from app.jobs import Workers, register, rescue, sweep, tidy
from app.models import CaseEvent, Conversation, Cursor, FeedEvent, Media, Message
from app.polling import poll_once
from app.publishing import publish_version
from app.turn import Turn
from app.wake import make_app
from tests.stage import Stage


async def sql(stage: Stage, statement: str, **values: Any) -> None:
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text(statement), values)


async def inbound_only(stage: Stage, *texts: str) -> None:
    """Stored, and not yet read by the router."""
    person = stage.telegram.person()
    for text in texts:
        await person.writes(text)
    await poll_once(stage.hub, stage.channel, wait=0)


async def test_messages_whose_jobs_were_lost_are_swept(stage: Stage) -> None:
    await inbound_only(stage, "здравейте", "шефът не ми плаща заплатата")
    await sql(stage, "delete from procrastinate_jobs")
    await stage.work()
    assert stage.sent() == []
    await sweep(stage.hub)
    await stage.work()
    await sql(stage, "update messages set status = 'queued', external_id = null where direction = 'out'")
    sent = len(stage.sent())
    assert sent >= 3
    await sweep(stage.hub)
    await stage.work()
    assert len(stage.sent()) == 2 * sent, "queued messages without a job are sent"


async def test_files_and_alerts_without_a_job_are_swept(stage: Stage) -> None:
    await stage.telegram.person().sends_voice(b"OggS")
    await poll_once(stage.hub, stage.channel, wait=0)
    await sql(stage, "delete from procrastinate_jobs where task_name = 'fetch_media'")
    await stage.work()
    assert await stage.rows(sa.select(Media.status)) == ["wanted"]
    await sweep(stage.hub)
    await stage.work()
    assert await stage.rows(sa.select(Media.status)) == ["stored"]


async def test_the_sweep_leaves_alone_what_has_a_job(stage: Stage) -> None:
    await inbound_only(stage, "здравейте")
    before = await stage.rows(sa.text("select count(*) from procrastinate_jobs"))
    await sweep(stage.hub)
    assert await stage.rows(sa.text("select count(*) from procrastinate_jobs")) == before


async def dead_worker_takes_all_jobs(stage: Stage) -> None:
    await sql(stage, "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')")
    await sql(
        stage,
        "update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers)",
    )


async def test_jobs_of_a_dead_worker_are_rescued(stage: Stage) -> None:
    await inbound_only(stage, "здравейте")
    await dead_worker_takes_all_jobs(stage)
    await stage.work()
    assert stage.sent() == []
    await rescue(stage.jobs)
    await stage.work()
    assert len(stage.sent()) == 2


async def test_a_dead_worker_s_job_with_a_waiting_twin_is_dropped(stage: Stage) -> None:
    """Putting both back would be refused, and the conversation blocked for ever."""
    await inbound_only(stage, "здравейте")
    await dead_worker_takes_all_jobs(stage)
    await inbound_only(stage, "шефът не ми плаща заплатата")
    await rescue(stage.jobs)
    await stage.work()
    assert len(stage.sent()) >= 3
    assert await stage.rows(sa.text("select count(*) from procrastinate_jobs where task_name = 'route'")) == [0]


async def test_a_sweep_that_died_does_not_stop_the_sweeping(stage: Stage) -> None:
    """It is the sweep that rescues: were it locked by its dead predecessor, nothing would ever be rescued again."""
    await inbound_only(stage, "здравейте")
    task = stage.jobs.tasks["sweep"]
    await task.configure().defer_async(timestamp=0)
    await dead_worker_takes_all_jobs(stage)
    await task.configure().defer_async(timestamp=1)
    await stage.work()
    assert len(stage.sent()) == 2


async def test_a_sleeping_twin_of_the_router_undoes_its_turn(stage: Stage) -> None:
    await inbound_only(stage, "здравейте")
    talk = await stage.conversation()
    async with stage.hub.db.transaction() as session:
        row = await session.get_one(Conversation, talk.id)
        cursor = await session.get_one(Cursor, talk.id)
        message = (await session.scalars(sa.select(Message))).one()
        await conversation.take_turn(stage.hub, session, row, message)
        await session.execute(sa.update(Cursor).values(routed_seq=7).execution_options(synchronize_session=False))
        assert await conversation._mark_read(session, cursor, message.seq) is False
    assert [message.direction for message in await stage.messages()] == ["in"]


async def failing_rule(turn: Turn) -> bool:
    if turn.text == "отрова":
        raise RuntimeError("отрова is what the person wrote")
    return False


async def test_a_message_the_bot_fails_at_goes_to_a_human_after_three_tries_and_the_next_is_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "RULES", (failing_rule, *conversation.RULES))
    await inbound_only(stage, "здравейте", "отрова", "шефът не ми плаща заплатата")
    await stage.work()
    assert [case.reason for case in await stage.cases()] == ["bot_failed"]
    (poisoned,) = await stage.messages(Message.text == "отрова")
    assert poisoned.attempts == 3
    cursor = (await stage.rows(sa.select(Cursor)))[0]
    assert cursor.routed_seq == max(m.seq for m in await stage.messages(Message.direction == "in"))
    assert (await stage.conversation()).mode == "waiting"


async def test_what_the_database_refuses_is_a_failure_of_the_message_not_an_outage(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def writes_what_cannot_be(turn: Turn) -> bool:
        turn.remember(note="null \x00")
        return False

    monkeypatch.setattr(conversation, "RULES", (writes_what_cannot_be, *conversation.RULES))
    await inbound_only(stage, "здравейте")
    await stage.work()
    assert [case.reason for case in await stage.cases()] == ["bot_failed"]


async def test_a_text_whose_figure_is_missing_is_not_said_but_handed_over(stage: Stage) -> None:
    async with stage.hub.db.transaction() as session:
        data = stage.hub.shelf.library.figures["minimum_wage"].model_dump(mode="json")
        data["values"] = [data["values"][0] | {"since": "2001-01-01", "until": "2001-12-31"}]
        await publish_version(session, "figure", "minimum_wage", data, origin="hub")
    await stage.hub.shelf.load()
    await stage.after(stage.telegram.person().starts("work-minimum_wage--bg"))
    (case,) = await stage.cases()
    assert (case.reason, case.needs) == ("no_answer", ["work.minimum_wage"])


async def test_acknowledging_does_not_wait_for_the_router(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    person = stage.telegram.person()
    menu = (await stage.says(person, "меню"))[-1]

    async def fails(turn: Turn) -> bool:
        raise RuntimeError

    monkeypatch.setattr(conversation, "RULES", (fails, rules.keep_silent))
    await person.presses(menu, 0)
    await stage.run()
    assert list(stage.telegram.state.queries.values()) == [[""]]


async def test_tidy_forgets_old_events_only(stage: Stage) -> None:
    await stage.says(stage.telegram.person(), "0")
    await sql(stage, "update feed_events set created_at = now() - interval '3 days' where kind = 'case'")
    await tidy(stage.hub)
    assert set(await stage.rows(sa.select(FeedEvent.kind))) == {"conversation"}
    assert await stage.rows(sa.select(CaseEvent.kind)) == ["opened"]


async def test_workers_come_back_after_the_database_cut_them_off(stage: Stage) -> None:
    workers = asyncio.create_task(Workers(lambda: make_app(stage.hub.db.conninfo), stage.hub).run())
    try:
        await stage.telegram.person().writes("здравейте")
        await poll_once(stage.hub, stage.channel, wait=0)
        await stage.telegram.wait_for(5_000_000_001, 2, seconds=20)
        with contextlib.suppress(sa.exc.DBAPIError):
            await sql(
                stage,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()",
            )
        await stage.telegram.person().writes("меню")
        await poll_once(stage.hub, stage.channel, wait=0)
        await stage.telegram.wait_for(5_000_000_001, 3, seconds=30)
    finally:
        workers.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await workers


def test_no_task_retries_by_itself_or_locks_the_rescuer(hub: Any) -> None:
    jobs: procrastinate.App = make_app(hub.db.conninfo)
    register(jobs, hub)
    assert all(task.retry_strategy is None for task in jobs.tasks.values())
    assert jobs.tasks["sweep"].lock is None
