"""Without a public address: the same intake, and an update is neither lost nor stored twice."""

import asyncio
import contextlib

import pytest
import sqlalchemy as sa

from app import polling
from app.models import Channel, Message
from channels.base import SendError
from tests.stage import Stage


async def offset(stage: Stage) -> int | None:
    (found,) = await stage.rows(sa.select(Channel.update_offset))
    return found if found is None else int(found)


async def test_the_offset_moves_behind_what_is_stored(stage: Stage) -> None:
    person = stage.telegram.person()
    assert await offset(stage) is None
    last = await person.writes("едно")
    last = await person.writes("две")
    assert await polling.poll_once(stage.hub, stage.channel, wait=0) == 2
    assert await offset(stage) == last.update["update_id"] + 1
    assert await polling.poll_once(stage.hub, stage.channel, wait=0) == 0
    assert stage.telegram.state.pending == []


async def test_a_crash_between_storing_and_moving_repeats_nothing(stage: Stage) -> None:
    person = stage.telegram.person()
    await person.writes("едно")
    await polling.poll_once(stage.hub, stage.channel, wait=0)
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.update(Channel).values(update_offset=None))
    await person.writes("две")
    await polling.poll_once(stage.hub, stage.channel, wait=0)
    assert [message.text for message in await stage.messages()] == ["едно", "две"]


async def test_damaged_updates_do_not_stop_the_others(stage: Stage) -> None:
    stage.telegram.state.pending.append({"update_id": 699_999_999, "message": {"chat": 7}})
    await stage.telegram.person().writes("едно")
    assert await polling.poll_once(stage.hub, stage.channel, wait=0) == 2
    assert [message.text for message in await stage.messages(Message.direction == "in")] == ["едно"]


async def test_while_a_webhook_is_set_polling_says_so(stage: Stage) -> None:
    stage.telegram.state.webhook.url = "https://hub.example/webhooks/hilfe"
    with pytest.raises(SendError):
        await polling.poll_once(stage.hub, stage.channel, wait=0)


async def test_of_two_processes_one_polls(stage: Stage) -> None:
    both = [asyncio.create_task(polling.run(stage.hub)) for _ in range(2)]
    try:
        await stage.telegram.person().writes("едно")
        async with asyncio.timeout(20):
            while not await stage.messages():
                await asyncio.sleep(0.05)
        at_once = [call for call in stage.telegram.calls("getUpdates") if not call.status]
        assert len(at_once) <= 1
    finally:
        for task in both:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
