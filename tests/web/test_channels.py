"""Channels on the admins' pages: what is measured is true, what is wrong is said, and the provider can be asked."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.channel_health import Health, health_of_all, troubles
from app.hub import Hub
from app.models import Case, Channel, Conversation, Message, RefusedRequest
from app.spool import Spool
from channels.base import WebhookRequest
from tests.web.cast import Talk
from tests.web.conftest import NewBrowser
from tests.web.street import Street

ANA, CHRIS = "ana@example.org", "chris@example.org"
BOT = "weissenfels-bot"


async def health_of(hub: Hub, name: str = BOT) -> Health:
    async with hub.db.transaction() as session:
        return next(each for each in await health_of_all(hub, session) if each.channel.name == name)


async def kinds(hub: Hub, name: str = BOT) -> list[str]:
    return [trouble.kind for trouble in troubles(await health_of(hub, name), hub.now())]


@pytest.fixture
async def talk(hub: Hub, street: Street) -> Talk:
    """A conversation of the bot's, in which nothing is wrong: what was, is settled."""
    async with hub.db.transaction() as session:
        settled = sa.update(Message).where(Message.status.in_(("failed", "uncertain", "queued")))
        await session.execute(settled.values(status="delivered"))
        return Talk(session, await session.get_one(Conversation, street.wages.conversation_id), hub.now())


async def add(hub: Hub, talk: Talk, status: str, age: timedelta = timedelta(), **values: object) -> Message:
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, talk.conversation.id)
        return await Talk(session, conversation, hub.now() - age).bot("…", status=status, after=0, **values)


async def test_times_are_those_of_the_rows(hub: Hub, talk: Talk) -> None:
    at = hub.now() - timedelta(minutes=3)
    sent = await add(hub, talk, "delivered", timedelta(hours=1), sent_at=at)
    health = await health_of(hub)
    async with hub.db.transaction() as session:
        newest = sa.select(sa.func.max(Message.created_at)).where(Message.direction == "in")
        heard = await session.scalar(newest.where(Message.channel_id == sent.channel_id))
    assert (health.received_at, health.sent_at) == (heard, at)
    assert await kinds(hub) == []


async def test_a_queue_that_does_not_move(hub: Hub, talk: Talk) -> None:
    await add(hub, talk, "queued", timedelta(minutes=2))
    assert await kinds(hub) == []
    await add(hub, talk, "queued", timedelta(minutes=8))
    assert await kinds(hub) == ["stuck"]
    queue = (await health_of(hub)).queue
    assert queue.length == 2
    assert queue.oldest is not None
    assert hub.now() - queue.oldest > timedelta(minutes=8)
    await add(hub, talk, "queued", error="credentials", attempts=3)
    found = await health_of(hub)
    assert (found.queue.retried, found.queue.error) == (1, "credentials")
    assert await kinds(hub) == ["retried"]


async def test_failures_of_a_day_and_what_nobody_has_settled(hub: Hub, talk: Talk) -> None:
    await add(hub, talk, "failed", timedelta(days=2), error="account")
    await add(hub, talk, "failed", error="blocked")
    assert await kinds(hub) == [], "that somebody blocked us is no trouble of the channel"
    await add(hub, talk, "failed", timedelta(hours=30), error="account", next_try_at=hub.now() - timedelta(hours=6))
    await add(hub, talk, "uncertain", timedelta(days=5), error="uncertain")
    await add(hub, talk, "held", error="window_closed", error_detail="no_template")
    await add(hub, talk, "held", error="window_closed")
    found = await health_of(hub)
    assert (found.failed, found.uncertain, found.held) == ({"blocked": 1, "account": 1}, 1, 2)
    assert await kinds(hub) == ["failed", "uncertain", "no_template"]
    assert await kinds(hub, "web") == [], "each channel for itself"


async def test_refusals_count_while_nothing_else_comes_in(hub: Hub, talk: Talk) -> None:
    async with hub.db.transaction() as session:
        for reason, age, count in (("wrong_signature", 1, 3), ("wrong_url", 24 * 9, 50)):
            at = hub.now() - timedelta(hours=age)
            row = RefusedRequest(channel_name=BOT, reason=reason, day=at.date().isoformat(), count=count, last_at=at)
            session.add(row)
        await session.execute(sa.update(Message).values(created_at=hub.now() - timedelta(days=1)))
    found = await health_of(hub)
    assert (found.refused_count, await kinds(hub)) == (3, ["refused"])
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, talk.conversation.id)
        await Talk(session, conversation, hub.now()).says("ето ме", after=0)
    assert (await health_of(hub)).refused_count == 3
    assert await kinds(hub) == []


async def test_windows_that_close_on_somebody(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        web = (await session.scalars(sa.select(Channel).where(Channel.name == "web"))).one()
        web.options = {"look": "whatsapp"}
        waiting = sa.select(Case.contact_id).where(Case.status == "open", Case.waiting_since.is_not(None))
        talks = (await session.scalars(sa.select(Conversation).where(Conversation.channel_id == web.id))).all()
        waits = [each for each in talks if each.contact_id in set(await session.scalars(waiting))]
        for each in talks:
            each.heard_at = hub.now() - timedelta(hours=30)
        waits[0].heard_at, waits[1].heard_at = hub.now() - timedelta(hours=23), hub.now() - timedelta(hours=1)
    assert (await health_of(hub)).windows is None
    await hub.registry.load()
    windows = (await health_of(hub, "web")).windows
    assert windows is not None
    assert (windows.open, windows.closing) == (2, 1)
    assert "1 closes within 2 hours while somebody waits" in (await (await browse(CHRIS)).get("/admin/channels")).text


async def test_the_page_says_what_to_do(hub: Hub, browse: NewBrowser, talk: Talk) -> None:
    await add(hub, talk, "queued", error="credentials", attempts=3)
    async with hub.db.transaction() as session:
        session.add(RefusedRequest(channel_name=BOT, reason="wrong_secret", day="2026-01-01", count=7))
    browser = await browse(CHRIS)
    page = " ".join((await browser.get("/admin/channels")).text.split())
    for words in (
        BOT, "Weißenfels", "needs somebody", "1 message is tried again and again:", f"streetwork channel set {BOT}",
        "7 requests were refused, and nothing has come in since.", "wrong_secret", "No worker is running",
        "Nothing waits on the disk of this server.", "/webhooks/weissenfels-bot",
    ):  # fmt: skip
        assert words in page, words
    assert "1:x" not in page, "a channel's secrets never reach a page"
    start = " ".join((await browser.get("/admin")).text.split())
    assert "1 message is tried again and again:" in start
    assert "No worker is running" in start


async def test_what_waits_on_the_disk(hub: Hub, browse: NewBrowser, street: Street) -> None:
    spool = Spool(hub.settings.data_dir, hub.vault)
    for _ in range(2):
        await spool.put(BOT, WebhookRequest("POST", "http://x", {}, b"{}"))
    next((hub.settings.data_dir / "spool").glob("*.request")).rename(hub.settings.data_dir / "spool" / "1.kept")
    assert spool.state() == (1, 1)
    page = " ".join((await (await browse(CHRIS)).get("/admin/channels")).text.split())
    assert "1 request waits on the disk of this server and is stored" in page
    assert "1 request could not be stored" in page
    assert "2 requests wait on the disk" in " ".join((await (await browse(CHRIS)).get("/admin")).text.split())


async def test_the_provider_is_asked(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(CHRIS)
    await browser.get("/admin/channels")
    async with hub.db.transaction() as session:
        web = (await session.scalars(sa.select(Channel.id).where(Channel.name == "web"))).one()
    whole = (await browser.post(f"/admin/channels/{web}/check")).text
    assert "The provider says that all is well." in whole
    assert "<main" in whole
    part = (await browser.post(f"/admin/channels/{web}/check", headers={"hx-request": "true"})).text
    assert "The provider says that all is well." in part
    assert "<main" not in part
    assert (await (await browse(ANA)).post(f"/admin/channels/{web}/check")).status_code == 403
