"""A thousand messages wait to be read, and nobody else waits with them."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.jobs import Workers
from app.models import Cursor, Message, Reading
from app.polling import poll_once
from app.replying import reply
from app.wake import make_app
from tests.stage import Stage
from tests.web import cast
from translations.machine import Machine, Translated

TALKS, EACH = 50, 20


class Slow(Machine):
    """Takes the time of a real model, and not this machine's processors."""

    async def translate(self, text: str, *args: Any, **values: Any) -> Translated:
        await asyncio.sleep(0.1)
        return Translated("Chef nicht zahlt Lohn", ("bg", "en", "de"))


async def test_a_thousand_messages_to_read_hold_up_no_reply(stage: Stage) -> None:
    """A reply leaves, and a new message is stored and routed, while they wait in their own queue."""
    person, ana = stage.telegram.person(), await stage.staff()
    await stage.says(person, "искам да говоря с човек")
    (case,), talk = await stage.cases(), await stage.conversation()
    slow = replace(stage.hub, machine=Slow(stage.hub.settings.packages_dir))
    async with slow.db.transaction() as session:
        await a_thousand(slow, session)
    working = asyncio.create_task(Workers(lambda: make_app(slow.db.conninfo), slow).run())
    try:
        async with asyncio.timeout(120):
            while await unread(stage) == TALKS * EACH:
                await asyncio.sleep(0.1)
            started = time.monotonic()
            async with slow.db.transaction() as session:
                await reply(slow, session, ana, case.id, conversation_id=talk.id, text="Да?", seen_seq=talk.last_seq)
            await person.writes("благодаря")
            await poll_once(slow, stage.channel, wait=0)
            while await unsent_or_unrouted(stage, talk.id):
                await asyncio.sleep(0.1)
        left = await unread(stage)
        assert left > TALKS * EACH / 2, (
            f"{time.monotonic() - started:.1f} s, and most of the thousand were read meanwhile"
        )
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        slow.machine.close()


async def a_thousand(hub: Hub, session: AsyncSession) -> None:
    channel = await cast.add_channel(hub, session, "web", "webchat")
    for number in range(TALKS):
        talk = await cast.meet(hub, session, channel, f"Amsel {number}", f"w-{number}", at=hub.now(), language="bg")
        same = {
            "conversation_id": talk.conversation.id,
            "channel_id": channel.id,
            "direction": "in",
            "author": "contact",
        }
        same |= {"status": "received", "kind": "text"}
        said = [same | {"seq": seq, "text": "шефът не плаща"} for seq in range(1, EACH + 1)]
        await session.execute(sa.insert(Message), said)
        await session.execute(
            sa.update(Cursor).where(Cursor.conversation_id == talk.conversation.id).values(routed_seq=EACH)
        )
        await cast.open_case(talk, "asked")
        await hub.waker.read(session, talk.conversation.id)


async def unread(stage: Stage) -> int:
    query = sa.select(sa.func.count(Message.id)).outerjoin(Reading).where(Reading.id.is_(None))
    (count,) = await stage.rows(query.where(Message.text == "шефът не плаща"))
    return int(count)


async def unsent_or_unrouted(stage: Stage, conversation_id: int) -> bool:
    unsent = sa.select(Message.id).where(Message.author == "staff", Message.status.in_(("queued", "sending")))
    unrouted = sa.select(Message.id).join(Cursor, Cursor.conversation_id == Message.conversation_id)
    unrouted = unrouted.where(Message.conversation_id == conversation_id, Message.direction == "in")
    return bool(await stage.rows(unsent) or await stage.rows(unrouted.where(Message.seq > Cursor.routed_seq)))
