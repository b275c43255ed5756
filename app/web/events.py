"""Live events for open pages: which case or conversation changed, never what. The page then fetches what it may see."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import is_live
from app.hub import Hub
from app.models import FeedEvent
from app.web.deps import HubDep, SessionDep

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

LOOK_SECONDS = 20.0  # also looks without a notice, and notices that the session ended
RETRY_MS = 2000
BATCH = 500
OVERLAP = 200  # ids are given before the commit, so a lower one may become visible after a higher one
OVERLAP_TIME = timedelta(minutes=1)


@dataclass
class Position:
    """How far one page has been told."""

    top: int
    seen: set[int] = field(default_factory=set)

    def advance(self, events: Sequence[FeedEvent]) -> None:
        self.seen.update(event.id for event in events)
        self.top = max(self.top, *self.seen, 0)
        self.seen = {seen for seen in self.seen if seen > self.top - OVERLAP}


@router.get("/events", response_class=EventSourceResponse)
async def events(
    hub: HubDep, found: SessionDep, last_event_id: Annotated[str, Header()] = "", after: str = ""
) -> AsyncIterator[ServerSentEvent]:
    """Ends when the session does, or when the database goes away: the browser then connects again.

    It goes on after the header's event, or after `after` where the page itself opened a new stream. 'ready' says "all"
    where what happened since is no longer known, so that the page fetches everything it shows.
    """
    session_id = found.id
    try:
        async with hub.feed.subscription() as changed:
            position, known = await asyncio.shield(_start(hub, last_event_id or after))
            yield ServerSentEvent(event="ready", raw_data="" if known else "all", id=str(position.top), retry=RETRY_MS)
            while True:
                changed.clear()
                # A page that is closed right now must not tear a connection out of the middle of a query.
                fresh = await asyncio.shield(_look(hub, session_id, position))
                if fresh is None:
                    yield ServerSentEvent(event="signed-out", raw_data="")
                    return
                position.advance(fresh)
                for name in dict.fromkeys(f"{event.kind}-{event.ref}" for event in fresh):
                    yield ServerSentEvent(event="changed", raw_data=name, id=str(position.top))
                if len(fresh) < BATCH:
                    await _wait(changed)
    except OperationalError:
        log.warning("live events: the database is away")


async def _start(hub: Hub, last_event_id: str) -> tuple[Position, bool]:
    """And whether everything since then is still known: old events are swept."""
    async with hub.db.transaction() as session:
        if last_event_id.isdecimal() and len(last_event_id) < 19:
            last = int(last_event_id)
            oldest = await session.scalar(sa.select(sa.func.min(FeedEvent.id)))
            if last and oldest is not None and oldest <= last:
                return Position(last), True
        newest = await session.scalar(sa.select(sa.func.max(FeedEvent.id))) or 0
        known = await session.scalars(sa.select(FeedEvent.id).where(FeedEvent.id > newest - OVERLAP))
        return Position(newest, set(known)), not last_event_id or last_event_id == str(newest)


async def _look(hub: Hub, session_id: int, position: Position) -> Sequence[FeedEvent] | None:
    """What is new; None when the session is over."""
    async with hub.db.transaction() as session:
        if not await is_live(session, session_id, hub.now()):
            return None
        return await _unseen(session, hub, position)


async def _unseen(session: AsyncSession, hub: Hub, position: Position) -> Sequence[FeedEvent]:
    late = sa.and_(FeedEvent.id > position.top - OVERLAP, FeedEvent.created_at > hub.now() - OVERLAP_TIME)
    query = sa.select(FeedEvent).where(sa.or_(FeedEvent.id > position.top, late))
    query = query.where(FeedEvent.id.not_in(position.seen)).order_by(FeedEvent.id).limit(BATCH)
    return (await session.scalars(query)).all()


async def _wait(changed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await changed.wait()
    except TimeoutError:
        pass
