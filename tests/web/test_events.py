"""Live events: ids only, nothing missed, over with the session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from fastapi.sse import ServerSentEvent

from app import auth
from app.feed import publish
from app.hub import Hub
from app.models import FeedEvent, StaffSession
from app.web import events
from tests.web.cast import PASSWORD, add_user


@pytest.fixture
async def session_of_ana(hub: Hub) -> StaffSession:
    async with hub.db.transaction() as session:
        await add_user(session, "Ana Petrova")
    given = auth.Credentials("ana@example.org", PASSWORD, "")
    return (await auth.sign_in(hub.db, hub.vault, given, hub.now()))[1]


@asynccontextmanager
async def listening(hub: Hub) -> AsyncIterator[None]:
    task = asyncio.create_task(hub.feed.run())
    await asyncio.wait_for(hub.feed.connected.wait(), 10)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def tell(hub: Hub, kind: str, ref: int) -> int:
    async with hub.db.transaction() as session:
        await publish(session, kind, ref)
        return await session.scalar(sa.select(sa.func.max(FeedEvent.id))) or 0


async def next_of(stream: AsyncIterator[ServerSentEvent]) -> tuple[str | None, str | None]:
    event = await asyncio.wait_for(anext(stream), 10)
    return event.event, event.raw_data


async def test_tells_which_case_changed_and_no_more(hub: Hub, session_of_ana: StaffSession) -> None:
    await tell(hub, "case", 1)  # before the page was open
    async with listening(hub):
        stream = events.events(hub, session_of_ana)
        assert await next_of(stream) == ("ready", "")
        waiting = asyncio.create_task(next_of(stream))
        await asyncio.sleep(0.05)
        await tell(hub, "case", 7)
        assert await waiting == ("changed", "case-7")


async def test_goes_on_where_the_page_was_cut_off(hub: Hub, session_of_ana: StaffSession) -> None:
    last = await tell(hub, "case", 1)
    for ref in (2, 3, 3):
        await tell(hub, "conversation", ref)
    stream = events.events(hub, session_of_ana, str(last))
    assert await next_of(stream) == ("ready", "")
    told = {await next_of(stream) for _ in range(2)}
    assert {("changed", "conversation-2"), ("changed", "conversation-3")} & told


async def test_a_lower_id_that_is_committed_later_is_not_missed(hub: Hub) -> None:
    position = events.Position(0)
    async with hub.db.transaction() as late:
        slow = FeedEvent(kind="case", ref=1)
        late.add(slow)
        await late.flush()
        await tell(hub, "case", 2)
        async with hub.db.transaction() as session:
            position.advance(await events._unseen(session, hub, position))
        assert position.top > slow.id
    async with hub.db.transaction() as session:
        seen = await events._unseen(session, hub, position)
    assert [event.ref for event in seen] == [1]
    position.advance(seen)
    async with hub.db.transaction() as session:
        assert await events._unseen(session, hub, position) == []


async def test_ends_when_the_session_ends(hub: Hub, session_of_ana: StaffSession) -> None:
    stream = events.events(hub, session_of_ana)
    assert await next_of(stream) == ("ready", "")
    async with hub.db.transaction() as session:
        await auth.end_sessions(session, session_of_ana.user_id)
    assert await next_of(stream) == ("signed-out", "")
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
