"""Twilio's message list: what webhooks missed, and whether an uncertain message left."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import pytest_asyncio

from channels.base import Inbound, MediaRef, Outbound, SendError, SendErrorKind, StatusUpdate
from channels.twilio import Twilio
from channels.twilio_fields import TwilioKind
from tests.providers.twilio import TwilioServer

K = SendErrorKind
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        server.news = ()
        yield server


@pytest_asyncio.fixture
async def sms(twilio: TwilioServer) -> AsyncIterator[Twilio]:
    channel = make(twilio)
    yield channel
    await channel.close()


def make(twilio: TwilioServer, kind: TwilioKind = "sms", **options: Any) -> Twilio:
    return Twilio(kind, twilio.account, twilio.token, twilio.number, api_base=twilio.api_base, **options)


def start() -> datetime:
    return datetime.now(timezone(timedelta(hours=2))) - HOUR


async def test_messages_that_no_webhook_brought(twilio: TwilioServer, sms: Twilio) -> None:
    maria, ion = twilio.person(), twilio.person("+40722000000")
    await maria.writes("едно\x00")
    await ion.sends_files(twilio.add_file(b"x", "image/jpeg"), twilio.add_file(b"y", "application/pdf"), text="поза")
    await ion.sends_files(twilio.add_file(b"x", "text/vcard"))
    await twilio.person(whatsapp=True).writes("по друг канал")
    await sms.send(maria.number, Outbound("отговор"))
    first, second, third = await sms.received_since(start())
    records = [one for one in twilio.state.records if one.direction == "inbound"]
    made = datetime.fromtimestamp(int(records[0].created.timestamp()), UTC)
    assert first == Inbound(records[0].sid, maria.number, "text", text="едно", provider_time=made)
    base = f"/2010-04-01/Accounts/{twilio.account}/Messages/{records[1].sid}/Media"
    refs = [MediaRef(f"{base}/{file.sid}", file.mime) for file in records[1].files]
    assert (second.kind, second.text, second.media) == ("photo", "поза", tuple(refs))
    assert third.kind == "contact"
    assert (await sms.fetch(refs[1], max_bytes=9)).content == b"y"


async def test_the_list_and_the_webhook_agree(twilio: TwilioServer, sms: Twilio) -> None:
    """The same id and address, so that the index on them judges: once."""
    maria = twilio.person(whatsapp=True)
    maria.mobile.last_wrote = None
    whatsapp = make(twilio, "whatsapp")
    await maria.writes("едно")
    (listed,) = await whatsapp.received_since(start())
    await whatsapp.close()
    assert (listed.address, listed.external_id) == (maria.number, twilio.state.records[0].sid)


async def test_only_since_then_and_over_several_pages(twilio: TwilioServer, sms: Twilio) -> None:
    maria = twilio.person()
    twilio.state.offset = -2 * HOUR
    await maria.writes("отдавна")
    twilio.state.offset = timedelta()
    for number in range(450):
        await maria.writes(f"{number}")
    found = await sms.received_since(start())
    assert [one.text for one in found] == [f"{number}" for number in range(450)]
    assert len(twilio.calls("Messages.json", "GET")) == 3


async def test_statuses(twilio: TwilioServer, sms: Twilio) -> None:
    maria = twilio.person()
    sent = [(await sms.send(maria.number, Outbound(text))).external_id for text in "abcd"]
    records = maria.sent()
    await twilio.report(records[0], "delivered")
    await twilio.report(records[1], "sent")
    await twilio.report(records[2], "undelivered", 30003)
    records[2].sent = twilio.state.now()
    assert await sms.recent(start()) == [
        StatusUpdate(sent[0], "delivered"),
        StatusUpdate(sent[1], "sent"),
        StatusUpdate(sent[2], "failed", K.UNDELIVERABLE, "30003"),
    ]


async def test_a_service_has_many_numbers(twilio: TwilioServer) -> None:
    service = twilio.add_service()
    channel = Twilio("sms", twilio.account, twilio.token, "", messaging_service=service.sid, api_base=twilio.api_base)
    maria = twilio.person()
    receipt = await channel.send(maria.number, Outbound("отговор"))
    await twilio.report(maria.sent()[0], "delivered")
    await maria.writes("до номера")
    twilio.state.records[-1].service = service.sid
    await twilio.person("+40722000000").writes("до друг номер")
    received, status = await channel.recent(start())
    assert isinstance(received, Inbound)
    assert received.text == "до номера"
    assert status == StatusUpdate(receipt.external_id, "delivered")
    assert await channel.find_sent(maria.number, "отговор", start()) == receipt
    await channel.close()


@pytest.mark.parametrize("kind", ["sms", "whatsapp"])
async def test_what_became_of_an_uncertain_message(twilio: TwilioServer, kind: TwilioKind) -> None:
    channel = make(twilio, kind)
    maria = twilio.person(whatsapp=kind == "whatsapp")
    before = datetime.now(UTC)
    text = "„Да“ – 5 €…\nи още"
    assert await channel.find_sent(maria.number, text, before) is None
    twilio.goes_wrong(reset=True, accept=True)
    with pytest.raises(SendError):
        await channel.send(maria.number, Outbound(text))
    (record,) = maria.sent()
    for body in (text, '"Да" - 5 €...\nи още ', f"Sent from your Twilio trial account - {text}"):
        record.body = body
        found = await channel.find_sent(maria.number, text, before)
        assert found is not None
        assert found.external_id == record.sid
    assert await channel.find_sent(maria.number, "нещо друго", before) is None
    assert await channel.find_sent(maria.number, "", before) is None
    assert await channel.find_sent("+40722000000", text, before) is None
    assert await channel.find_sent(maria.number, text, before + HOUR) is None
    assert await channel.find_sent(maria.number, text, before, exclude={record.sid}) is None
    await channel.close()


async def test_the_first_of_two_equal_messages_and_none_of_the_persons(twilio: TwilioServer, sms: Twilio) -> None:
    maria = twilio.person()
    await maria.writes("Здравейте")
    first = await sms.send(maria.number, Outbound("Здравейте"))
    second = await sms.send(maria.number, Outbound("Здравейте"))
    assert await sms.find_sent(maria.number, "Здравейте", start()) == first
    assert await sms.find_sent(maria.number, "Здравейте", start(), exclude=[first.external_id]) == second


async def test_looks_fail_as_sends_do(twilio: TwilioServer, sms: Twilio) -> None:
    for looking in (sms.recent(start()), sms.find_sent("+359888123456", "x", start())):
        twilio.goes_wrong(method="GET", status=429, code=20429, retry_after=2)
        with pytest.raises(SendError) as caught:
            await looking
        assert (caught.value.kind, caught.value.retry_after) == (K.RATE_LIMITED, 2)


async def test_damaged_records_are_left_out(twilio: TwilioServer, sms: Twilio, monkeypatch: pytest.MonkeyPatch) -> None:
    await twilio.person().writes("едно")
    damaged = {"date_created": "yesterday", "date_sent": None, "num_media": None, "error_code": "x", "direction": None}
    describe = type(twilio.state.records[0]).describe
    monkeypatch.setattr(type(twilio.state.records[0]), "describe", lambda *a: describe(*a) | damaged)
    assert await sms.recent(start()) == []
    assert await sms.find_sent("+359888123456", "едно", start()) is None
