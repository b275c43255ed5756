"""'Look it up' and 'send another way': what staff can do about a message of which nobody knows whether it arrived."""

import pytest

from app.errors import Conflict, NotFound
from app.looking_up import look_up
from app.models import Message, User
from app.resending import send_other_way
from channels.base import Outbound
from tests.phones import Phones
from tests.providers.twilio.state import Fault

WORDS = "Елате утре в 10 ч."


async def uncertain(phones: Phones, *, accepted: bool) -> tuple[User, int, Message]:
    await phones.says(phones.twilio.person(), "shefa ne mi plashta zaplatata ot 2 meseca", "0")
    phones.twilio.news = ()
    phones.twilio.state.faults.append(Fault(status=502, accept=accepted))
    (row,) = await phones.writes_back(Outbound(WORDS))
    assert row.status == "uncertain"
    async with phones.hub.db.transaction() as session:
        user = User(email="ana@example.org", name="Ana", role="streetworker", password_hash="!")
        session.add(user)
    return user, (await phones.cases())[0].id, row


async def ask(phones: Phones, user: User, case_id: int, message_id: int) -> Message:
    async with phones.hub.db.transaction() as session:
        await look_up(phones.hub, session, user, case_id, message_id)
    (row,) = await phones.out(Message.id == message_id)
    return row


async def test_what_twilio_has_was_sent(phones: Phones) -> None:
    user, case_id, row = await uncertain(phones, accepted=True)
    with pytest.raises(Conflict, match="too early"):
        await ask(phones, user, case_id, row.id)
    phones.clock.moves(minutes=2)
    found = await ask(phones, user, case_id, row.id)
    assert (found.status, found.external_id) == ("sent", phones.twilio.person().sent()[-1].sid)
    with pytest.raises(Conflict, match="settled already"):
        await ask(phones, user, case_id, row.id)


async def test_what_twilio_does_not_have_was_not_sent(phones: Phones) -> None:
    user, case_id, row = await uncertain(phones, accepted=False)
    phones.clock.moves(minutes=2)
    found = await ask(phones, user, case_id, row.id)
    assert found.status == "uncertain"
    assert "looked_up" in found.payload


async def test_a_provider_that_is_silent_and_strangers_messages(phones: Phones) -> None:
    user, case_id, row = await uncertain(phones, accepted=True)
    phones.clock.moves(minutes=2)
    with pytest.raises(NotFound):
        await ask(phones, user, case_id, row.id + 999)
    phones.twilio.goes_wrong(method="GET", status=503, times=8)
    with pytest.raises(Conflict, match="did not answer"):
        await ask(phones, user, case_id, row.id)


async def test_nothing_goes_to_a_stranger_by_another_way(phones: Phones) -> None:
    user, case_id, row = await uncertain(phones, accepted=False)
    other = phones.twilio.person("+4915112345678", whatsapp=True)
    await phones.says(other, "Здравейте")
    talks = await phones.messages(Message.channel_id == phones.channel("whatsapp").id)
    async with phones.hub.db.transaction() as session:
        with pytest.raises(NotFound):
            await send_other_way(phones.hub, session, user, case_id, row.id, talks[0].conversation_id)
        with pytest.raises(NotFound):
            await send_other_way(phones.hub, session, user, case_id, row.id, row.conversation_id)
