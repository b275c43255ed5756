"""Replies for later with files: they go out together, or come back together."""

from datetime import timedelta

import sqlalchemy as sa

from app import later
from app.hub import Hub
from app.models import Conversation, KeptFile, Media, Message, ScheduledReply
from tests.web.cast import PIXEL, Talk
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

FILE = {"files": ("map.png", PIXEL, "image/png")}


async def schedule(hub: Hub, browser: Browser, street: Street, text: str) -> None:
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
    tomorrow = f"{hub.now() + timedelta(days=1):%Y-%m-%dT09:00}"
    data = {"to": f"{talk.id}:{talk.last_seq}", "text": text, "send_at": tomorrow}
    path = f"/inbox/{street.urgent.id}"
    assert (await browser.post(f"{path}/reply", data, files=FILE)).status_code == 303
    page = (await browser.get(path)).text
    assert "map.png" in page


async def make_due(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        await session.execute(sa.update(ScheduledReply).values(send_at=hub.now() - timedelta(minutes=1)))
    assert await later.send_due(hub) == 1


async def count(hub: Hub) -> int:
    async with hub.db.transaction() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(KeptFile)) or 0


async def sent_files(hub: Hub) -> list[Media]:
    async with hub.db.transaction() as session:
        query = sa.select(Media).join(Message).where(Message.direction == "out", Media.name == "map.png")
        return list(await session.scalars(query.options(sa.orm.undefer(Media.content))))


async def test_a_file_goes_out_at_its_time(hub: Hub, browse: NewBrowser, street: Street) -> None:
    await schedule(hub, await browse("ana@example.org"), street, "")
    await make_due(hub)
    assert [media.content for media in await sent_files(hub)] == [PIXEL]
    assert await count(hub) == 0


async def test_a_file_comes_back_with_its_words_and_goes_with_the_next_reply(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser, other = await browse("ana@example.org"), await browse("boris@example.org")
    await schedule(hub, browser, street, "Iată planul.")
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
        await Talk(session, talk, hub.now()).says("Am plecat deja.")
    await make_due(hub)
    assert await sent_files(hub) == []
    path = f"/inbox/{street.urgent.id}"
    page = (await browser.get(path)).text
    assert "Files of a reply that was not sent:" in page
    assert "Files of a reply" not in (await other.get(path)).text
    async with hub.db.transaction() as session:
        kept = (await session.scalars(sa.select(KeptFile))).one()
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
    to = {"to": f"{talk.id}:{talk.last_seq}", "text": "Iată planul.", "kept": str(kept.id)}
    stranger = to | {"to": f"{talk.id}:0"}
    assert (await other.post(f"{path}/reply", stranger)).status_code == 422
    assert (await browser.post(f"{path}/reply", to)).status_code == 303
    assert [media.content for media in await sent_files(hub)] == [PIXEL]
    assert await count(hub) == 0


async def test_nobody_sends_a_colleague_s_file(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser, other = await browse("ana@example.org"), await browse("boris@example.org")
    await schedule(hub, browser, street, "")
    async with hub.db.transaction() as session:
        kept = (await session.scalars(sa.select(KeptFile))).one()
        talk = await session.get_one(Conversation, street.urgent.conversation_id)
        reply = (await session.scalars(sa.select(ScheduledReply))).one()
    path = f"/inbox/{street.urgent.id}"
    assert (await browser.post(f"{path}/later/{reply.id}/cancel")).status_code == 303
    await other.get(path)
    to = {"to": f"{talk.id}:{talk.last_seq}", "text": "x", "kept": [str(kept.id), "x", "9" * 30]}
    assert (await other.post(f"{path}/reply", to)).status_code == 422
    assert await sent_files(hub) == []
    assert await count(hub) == 1
