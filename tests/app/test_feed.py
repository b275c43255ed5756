"""The ear of a process: what takes long holds up no live event, and what failed is tried again."""

import asyncio

from app.feed import Feed, notify
from app.hub import Hub


async def test_a_handler_that_takes_long_holds_up_no_open_page_and_one_that_failed_runs_again(hub: Hub) -> None:
    feed = Feed(hub.db.conninfo, retry_seconds=0.05)
    slow, runs = asyncio.Event(), 0

    async def load() -> None:
        nonlocal runs
        runs += 1
        await slow.wait()
        if runs < 3:
            raise ValueError("not yet")

    feed.on("content", load)
    listening = asyncio.create_task(feed.run())
    try:
        async with asyncio.timeout(10), feed.subscription() as changed:
            await feed.connected.wait()
            await changed.wait()  # a page that opens reads everything once
            changed.clear()
            async with hub.db.transaction() as session:
                await notify(session, "content")
                await notify(session, "feed", id=1, kind="case", ref=1)
            await changed.wait()
            assert runs == 1, "it still runs"
            slow.set()
            while runs < 3:
                await asyncio.sleep(0.01)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
