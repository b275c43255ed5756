"""What SMS cost: counted before sending, added up per month, told to staff before the budget is gone."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.budgets import check_budgets
from app.models import Message
from app.sms_costs import cost_of, spent
from channels.base import Outbound
from tests.app.mail import Mailbox, mail_server
from tests.phones import SMS, WHATSAPP, Phones, open_phones
from tests.postgres import TestCluster

ADMIN = "team@example.org"


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
async def counting(cluster: TestCluster, template: str, tmp_path: Path, mail: Mailbox) -> AsyncIterator[Phones]:
    """10 euros a month, 7.5 cents a segment, one conversation."""
    with cluster.database(template) as url:
        async with open_phones(url, tmp_path, smtp_url=mail.url, alert_email=ADMIN) as phones:
            await phones.says(phones.twilio.person(), "Zdraveyte")
            yield phones


async def spend(phones: Phones, cents: float) -> None:
    """As if messages of this price had been sent."""
    async with phones.hub.db.transaction() as session:
        await session.execute(
            sa.text(
                "update messages set payload = jsonb_set(payload, '{sms,cents}', to_jsonb(cast(:cents as float)))"
                " where id = (select min(id) from messages where direction = 'out')"
            ),
            {"cents": cents},
        )


@pytest.mark.parametrize(
    ("text", "segments", "encoding"),
    [("a" * 160, 1, "GSM-7"), ("a" * 161, 2, "GSM-7"), ("я" * 70, 1, "UCS-2"), ("я" * 71, 2, "UCS-2"),
     ("я" * 400, 6, "UCS-2"), ("€" * 80, 1, "GSM-7"), ("€" * 81, 2, "GSM-7")],
)  # fmt: skip
async def test_a_text_s_price(phones: Phones, text: str, segments: int, encoding: str) -> None:
    cost = {"sms": {"segments": segments, "encoding": encoding, "cents": segments * 7.5}}
    assert cost_of(phones.channel(SMS), text) == cost
    assert cost_of(phones.channel(WHATSAPP), text) == cost_of(None, text) == {}


async def test_what_did_not_leave_is_not_counted(counting: Phones) -> None:
    async def total() -> float:
        async with counting.hub.db.transaction() as session:
            return await spent(session, counting.channel(SMS).id, counting.clock.now - timedelta(days=1))

    before = await total()
    assert before == sum(message.payload["sms"]["cents"] for message in await counting.out()) > 0
    counting.twilio.goes_wrong(status=400, code=21614)
    (gone,) = await counting.writes_back(Outbound("Zdraveyte"))
    assert (gone.status, await total()) == ("failed", before)
    async with counting.hub.db.transaction() as session:
        assert await spent(session, counting.channel(SMS).id, counting.clock.now + timedelta(days=1)) == 0


async def test_staff_are_warned_once_at_80_and_once_at_100_per_cent(counting: Phones, mail: Mailbox) -> None:
    async def warned_at(cents: float) -> list[str]:
        before = len(mail.mails)
        await spend(counting, cents)
        await check_budgets(counting.hub)
        await check_budgets(counting.hub)
        await counting.run()
        return [str(one["Subject"]) for one in mail.mails[before:]]

    assert await warned_at(500) == []
    (first,) = await warned_at(800)
    assert "80 %" in first
    assert await warned_at(950) == []
    (second,) = await warned_at(1_001)
    assert "80 %" not in second
    assert "budget" in second
    assert await warned_at(2_000) == []
    (words,) = await counting.writes_back(Outbound("Zdraveyte"))
    assert words.status == "delivered", "nothing is cut off"
    body = mail.mails[0].get_content()
    assert "359" not in body, "a lock screen may show it"


async def test_a_new_month_warns_anew(counting: Phones, mail: Mailbox) -> None:
    await spend(counting, 1_001)
    await check_budgets(counting.hub)
    counting.clock.moves(days=32)
    async with counting.hub.db.transaction() as session:
        await session.execute(sa.update(Message).values(created_at=counting.clock.now))
    await check_budgets(counting.hub)
    await counting.run()
    assert len(mail.mails) == 2


async def test_without_a_budget_nobody_is_warned(counting: Phones, mail: Mailbox) -> None:
    await counting.set_option(SMS, monthly_budget="0.0")
    await spend(counting, 100_000)
    await check_budgets(counting.hub)
    await counting.run()
    assert mail.mails == []
