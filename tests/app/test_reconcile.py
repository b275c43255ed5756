"""Twilio sends a webhook once: what its message list has is found again, exactly once."""

import pytest
import sqlalchemy as sa

from app.models import Media, Message
from app.reconcile import reconcile
from channels.base import Outbound
from tests.phones import SMS, WHATSAPP, Phones
from tests.providers.twilio.state import Fault

NOWHERE = "http://127.0.0.1:9/webhooks/sms"


def creates(phones: Phones) -> int:
    return len(phones.twilio.calls("/Messages.json", "POST"))


@pytest.mark.parametrize("road", [SMS, WHATSAPP])
async def test_a_lost_webhook_is_found_by_the_list_once_and_answered(phones: Phones, road: str) -> None:
    person = phones.twilio.person(whatsapp=road == WHATSAPP)
    number = phones.twilio.whatsapp if road == WHATSAPP else phones.twilio.sms
    right, number.url = number.url, NOWHERE
    lost = await person.writes("shefa ne mi plashta zaplatata ot 2 meseca")
    photo = await person.sends_files(phones.twilio.add_file(b"\xff\xd8\xff\xe0" + b"x" * 99, "image/jpeg"))
    assert not lost.accepted
    assert await phones.messages() == []
    number.url = right
    for _ in range(2):
        await reconcile(phones.hub)
        await phones.run()
    late = await phones.twilio.deliver(right, lost.form)
    assert late.accepted
    await reconcile(phones.hub)
    await phones.run()
    inbound = await phones.messages(Message.direction == "in")
    assert [(one.external_id, one.kind) for one in inbound] == [
        (lost.get("MessageSid"), "text"), (photo.get("MessageSid"), "photo"),
    ]  # fmt: skip
    assert len(person.sent()) > 1
    assert await phones.rows(sa.select(Media.status)) == ["stored"]


async def test_a_lost_status_is_found_too(phones: Phones) -> None:
    person = phones.twilio.person()
    phones.twilio.news = ()
    await phones.says(person, "Zdraveyte")
    for record in person.sent():
        record.status, record.sent = "delivered", record.created
    await reconcile(phones.hub)
    assert set(await phones.statuses()) == {"delivered"}


async def uncertain(phones: Phones, text: str, **fault: object) -> Message:
    await phones.says(phones.twilio.person(), "Zdraveyte")
    phones.twilio.news = ()
    phones.twilio.state.faults.append(Fault(status=502, **fault))  # type: ignore[arg-type]
    (words,) = await phones.writes_back(Outbound(text))
    assert words.status == "uncertain"
    phones.clock.moves(minutes=2)
    return words


async def test_uncertain_is_settled_by_the_list_and_not_sent_again(phones: Phones) -> None:
    words = await uncertain(phones, "Елате утре в 10 ч.", accept=True)
    before = creates(phones)
    await reconcile(phones.hub)
    await phones.run()
    (settled,) = await phones.out(Message.id == words.id)
    assert (settled.status, settled.external_id) == ("sent", phones.twilio.person().sent()[-1].sid)
    assert creates(phones) == before
    await phones.twilio.report(phones.twilio.person().sent()[-1], "delivered")
    assert (await phones.statuses())[-1] == "delivered"


async def test_what_the_list_does_not_have_stays_for_a_human(phones: Phones) -> None:
    words = await uncertain(phones, "Елате утре в 10 ч.")
    before = creates(phones)
    await reconcile(phones.hub)
    await phones.later(hours=13)
    await reconcile(phones.hub)
    await phones.run()
    assert [one.status for one in await phones.out(Message.id == words.id)] == ["uncertain"]
    assert creates(phones) == before
    assert [case.reason for case in await phones.cases()] == ["delivery_uncertain"]


async def test_the_same_words_said_before_prove_nothing(phones: Phones) -> None:
    await phones.says(phones.twilio.person(), "Zdraveyte")
    await phones.writes_back(Outbound("Елате утре в 10 ч."))
    words = await uncertain(phones, "Елате утре в 10 ч.")
    await reconcile(phones.hub)
    assert [one.status for one in await phones.out(Message.id == words.id)] == ["uncertain"]


async def test_a_twilio_that_does_not_answer_is_asked_next_time(phones: Phones) -> None:
    words = await uncertain(phones, "Елате утре в 10 ч.", accept=True)
    phones.twilio.goes_wrong(method="GET", status=503, times=4)
    await reconcile(phones.hub)
    assert [one.status for one in await phones.out(Message.id == words.id)] == ["uncertain"]
    phones.twilio.state.faults.clear()
    await reconcile(phones.hub)
    assert [one.status for one in await phones.out(Message.id == words.id)] == ["sent"]


async def test_the_list_does_not_bring_back_who_was_erased(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "Zdraveyte", "iztriy dannite mi")
    phones.clock.moves(seconds=5)
    await phones.says(person, "1")
    assert await phones.messages() == []
    before = creates(phones)
    await reconcile(phones.hub)
    await phones.run()
    assert await phones.messages() == []
    assert creates(phones) == before
    phones.clock.moves(seconds=5)
    assert await phones.says(person, "Zdraveyte"), "who writes again is somebody new"
