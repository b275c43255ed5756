"""What becomes of a message at Twilio and Meta: news that come late, twice, in any order, or before the call returns."""

from itertools import permutations

import httpx
import pytest

from app.models import Message
from channels.base import Outbound
from channels.twilio import Twilio
from tests.phones import CLOUD, SMS, WHATSAPP, Phones, heard

NEWS = ("sent", "delivered", "read")


async def greeted(phones: Phones, road: str) -> None:
    """A conversation in which nothing waits, and from now on nothing is told but by the test."""
    person = phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=road == WHATSAPP)
    await phones.says(person, "Здравейте")
    phones.twilio.news = ()


async def tell(phones: Phones, status: str, code: int | None = None) -> None:
    """News about the newest message, over HTTP."""
    if phones.whatsapp.state.sent:
        await phones.whatsapp.reports(phones.whatsapp.state.sent[-1], status, code=code)
    else:
        delivery = await phones.twilio.report(phones.twilio.state.records[-1], status, code)
        assert delivery is not None
        assert delivery.accepted
    await phones.run()


async def how(phones: Phones) -> str:
    return (await phones.statuses())[-1]


@pytest.mark.parametrize("road", [WHATSAPP, CLOUD])
async def test_every_order_ends_the_same(phones: Phones, road: str) -> None:
    await greeted(phones, road)
    for order in permutations(NEWS):
        await phones.writes_back(Outbound("Здравейте"))
        for status in order:
            await tell(phones, status)
        assert await how(phones) == "read", order


@pytest.mark.parametrize(
    ("news", "end"),
    [
        (["sent", "failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "failed"),
        (["delivered", "failed"], "delivered"),
        (["failed", "failed"], "failed"),
        (["delivered", "delivered", "sent", "sent"], "delivered"),
    ],
)
async def test_failures(phones: Phones, news: list[str], end: str) -> None:
    await greeted(phones, SMS)
    await phones.writes_back(Outbound("Здравейте"))
    for status in news:
        await tell(phones, status, 30003 if status == "failed" else None)
    assert await how(phones) == end
    failed = end == "failed"
    assert (await phones.out())[-1].error == ("undeliverable" if failed else None)
    assert [case.reason for case in await phones.cases()] == (["delivery_failed"] if failed else [])


@pytest.mark.parametrize("road", [SMS, CLOUD])
async def test_news_that_come_before_the_send_call_returns(phones: Phones, road: str) -> None:
    await greeted(phones, road)
    phones.twilio.early_news = ("sent", "delivered")
    phones.whatsapp.early, phones.whatsapp.statuses = True, ("delivered", "sent")
    (words,) = await phones.writes_back(Outbound("Здравейте"))
    assert words.status == "delivered"
    assert words.external_id


@pytest.mark.parametrize("road", [SMS, CLOUD])
async def test_a_refusal_before_the_send_call_returns_is_never_a_false_sent(phones: Phones, road: str) -> None:
    await greeted(phones, road)
    if road == CLOUD:
        phones.whatsapp.early = True
        phones.whatsapp.person().contact.state = "gone"
    else:
        phones.twilio.early_news = ("failed",)
    (words,) = await phones.writes_back(Outbound("Здравейте"))
    assert words.status == "failed"


@pytest.mark.parametrize("road", [SMS, CLOUD])
async def test_news_of_messages_that_nobody_knows(phones: Phones, road: str) -> None:
    await greeted(phones, road)
    before = await phones.statuses()
    if road == CLOUD:
        sent = phones.whatsapp.state.sent[-1]
        sent.id = "wamid.HBgMMzU5ODg4"
        assert (await phones.whatsapp.reports(sent, "delivered")).accepted
    else:
        record = phones.twilio.state.records[-1]
        record.sid = "SM" + "9" * 32
        delivery = await phones.twilio.report(record, "failed", 30008)
        assert delivery is not None
        assert delivery.accepted
    await phones.run()
    assert await phones.statuses() == before


@pytest.mark.parametrize("road", [SMS, WHATSAPP, CLOUD])
async def test_uncertain_is_settled_by_its_status_and_never_sent_again(phones: Phones, road: str) -> None:
    """Accepted, then the answer got lost: the news carry what we gave along, and so find the message."""
    await greeted(phones, road)
    phones.twilio.goes_wrong(status=502, accept=True)
    phones.whatsapp.goes_wrong(status=502, code=None, accept=True)
    (words,) = await phones.writes_back(Outbound("Отговор"))
    assert (words.status, words.error) == ("uncertain", "uncertain")
    assert [case.reason for case in await phones.cases()] == ["delivery_uncertain"]
    await tell(phones, "delivered")
    (settled,) = await phones.out(Message.id == words.id)
    assert (settled.status, settled.error) == ("delivered", None)
    assert settled.external_id
    await tell(phones, "read" if road != SMS else "delivered")
    person = phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=road == WHATSAPP)
    assert heard(person).count("Отговор" if road != SMS else heard(person)[-1]) == 1


async def test_accepted_then_hanging(phones: Phones) -> None:
    """The callback comes while the call still waits for its answer."""
    await greeted(phones, SMS)
    adapter = phones.channel(SMS).adapter
    assert isinstance(adapter, Twilio)
    adapter._wire._client.timeout = httpx.Timeout(0.5)
    phones.twilio.news = ("sent", "delivered")
    phones.twilio.goes_wrong(hang=True, accept=True)
    before = len(phones.twilio.calls("/Messages.json", "POST"))
    (words,) = await phones.writes_back(Outbound("Otgovor"))
    assert words.status == "delivered"
    assert len(phones.twilio.calls("/Messages.json", "POST")) == before + 1
    assert await phones.cases() == []


@pytest.mark.parametrize("reference", ["", "1.x", "x", "99999999999999999999.0", "1." + "0" * 64])
async def test_a_reference_that_is_not_ours_settles_nothing(phones: Phones, reference: str) -> None:
    await greeted(phones, SMS)
    phones.twilio.goes_wrong(status=502, accept=True)
    await phones.writes_back(Outbound("Otgovor"))
    record = phones.twilio.state.records[-1]
    record.callback = f"{phones.url(SMS)}/status?ref={reference}"
    await tell(phones, "delivered")
    assert await how(phones) == "uncertain"
