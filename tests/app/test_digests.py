"""The e-mail digest: to whom, when, once, and without a word of a person."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa

from app import digests
from app.errors import BadInput
from app.models import Case, Digest, Shift, User
from flows.services import TIMEZONE
from tests.app.mail import Mailbox, mail_server
from tests.stage import Stage


@pytest.fixture
def mailbox(stage: Stage) -> Iterator[Mailbox]:
    with mail_server() as box:
        stage.hub.settings.smtp_url = box.url
        yield box


async def waiting(stage: Stage) -> Case:
    await stage.says(stage.telegram.person(), "искам да говоря с човек")
    (case,) = await stage.cases()
    return case


async def wishes(stage: Stage, user: User, choice: str) -> None:
    async with stage.hub.db.transaction() as session:
        digests.choose(await session.get_one(User, user.id), choice)


def at(stage: Stage, hour: int) -> None:
    """Of Berlin's day."""
    here = stage.clock.now.astimezone(TIMEZONE)
    stage.clock.now = datetime(here.year, here.month, here.day, hour, 12, tzinfo=TIMEZONE)


async def test_counts_and_a_link_once_an_hour(stage: Stage, mailbox: Mailbox) -> None:
    ana = await stage.staff("Ana")
    await waiting(stage)
    await wishes(stage, ana, "hourly")
    at(stage, 14)
    await asyncio.gather(*(digests.send_all(stage.hub) for _ in range(3)))
    (mail,) = mailbox.mails
    text = mail.get_content()
    assert mail["To"] == "ana@example.org"
    assert mail["Subject"] == "Streetwork Hub: 1 warten"
    assert "Noch bei niemandem: 1" in text
    assert f"{stage.hub.settings.base_url}/inbox" in text
    assert "човек" not in text
    stage.clock.moves(minutes=20)
    await digests.send_all(stage.hub)
    assert len(mailbox.mails) == 1
    stage.clock.moves(hours=1)
    await digests.send_all(stage.hub)
    assert len(mailbox.mails) == 2


async def test_daily_is_at_eight_in_berlin_only(stage: Stage, mailbox: Mailbox) -> None:
    ana, boris = await stage.staff("Ana"), await stage.staff("Boris")
    await waiting(stage)
    await wishes(stage, ana, "daily")
    await wishes(stage, boris, "off")
    for hour in (7, 8, 9):
        at(stage, hour)
        await digests.send_all(stage.hub)
    assert [mail["To"] for mail in mailbox.mails] == ["ana@example.org"]
    assert [row.hour.astimezone(TIMEZONE).hour for row in await stage.rows(sa.select(Digest))] == [8]


async def shift(stage: Stage, user: User, hour: int, days: int = 0) -> None:
    """From this hour to the next, of today or a day near it."""
    weekday = (stage.clock.now.astimezone(TIMEZONE).date() + timedelta(days=days)).weekday()
    async with stage.hub.db.transaction() as session:
        session.add(Shift(user_id=user.id, weekday=weekday, begins=time(hour), ends=time(hour + 1)))


async def test_hourly_comes_on_duty_only(stage: Stage, mailbox: Mailbox) -> None:
    ana = await stage.staff("Ana")
    await waiting(stage)
    await wishes(stage, ana, "hourly")
    await shift(stage, ana, 14)
    for hour in (13, 14, 15):
        at(stage, hour)
        await digests.send_all(stage.hub)
    assert [row.hour.astimezone(TIMEZONE).hour for row in await stage.rows(sa.select(Digest))] == [14]


async def test_the_mornings_comes_on_days_of_duty_before_it_begins(stage: Stage, mailbox: Mailbox) -> None:
    ana, boris = await stage.staff("Ana"), await stage.staff("Boris")
    await waiting(stage)
    for user, days in ((ana, 0), (boris, 1)):
        await wishes(stage, user, "daily")
        await shift(stage, user, 14, days)
    at(stage, 8)
    await digests.send_all(stage.hub)
    assert [mail["To"] for mail in mailbox.mails] == ["ana@example.org"]


async def test_nothing_waits_nothing_is_sent(stage: Stage, mailbox: Mailbox) -> None:
    await wishes(stage, await stage.staff("Ana"), "hourly")
    await digests.send_all(stage.hub)
    assert mailbox.mails == []


async def test_what_the_server_refused_is_tried_again(stage: Stage, mailbox: Mailbox) -> None:
    await waiting(stage)
    await wishes(stage, await stage.staff("Ana"), "hourly")
    at(stage, 14)
    mailbox.refuses = True
    await digests.send_all(stage.hub)
    assert mailbox.mails == []
    mailbox.refuses = False
    await digests.send_all(stage.hub)
    await digests.send_all(stage.hub)
    assert len(mailbox.mails) == 1


async def test_after_a_crash_in_between_it_is_not_sent_twice(stage: Stage, mailbox: Mailbox) -> None:
    ana = await stage.staff("Ana")
    await waiting(stage)
    await wishes(stage, ana, "hourly")
    at(stage, 14)
    hour = stage.clock.now.replace(minute=0, second=0, microsecond=0)
    async with stage.hub.db.transaction() as session:
        session.add(Digest(user_id=ana.id, hour=hour, status="sending"))
    await digests.send_all(stage.hub)
    assert mailbox.mails == []


def test_only_known_choices() -> None:
    with pytest.raises(BadInput):
        digests.choose(User(options={}), "always")
