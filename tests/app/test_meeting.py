"""Who writes: people with and without a phone number, two ids that turn out to be one, numbers that change."""

import asyncio
from typing import Any

import sqlalchemy as sa

from app.models import Address, AddressAlias, Contact, Conversation, Message
from tests.phones import Phones, heard
from tests.providers.whatsapp.state import NUMBER_ID

SCOPED = "BG.13491208655302741918"
PHONE = "+359888123456"


async def count(phones: Phones, table: Any) -> int:
    return len(await phones.rows(sa.select(table.id)))


async def addresses(phones: Phones) -> list[str]:
    rows = await phones.rows(sa.select(Address).order_by(Address.id))
    return [phones.hub.vault.decrypt(row.value) for row in rows]


async def test_a_scoped_id_first_then_both_is_one_conversation(phones: Phones) -> None:
    person = phones.whatsapp.person(wa_id=None, user_id=SCOPED)
    assert await phones.says(person, "Здравейте")
    person.contact.wa_id = PHONE[1:]
    phones.whatsapp.state.contacts[PHONE[1:]] = person.contact
    assert await phones.says(person, "меню")
    person.contact.wa_id = None
    assert await phones.says(person, "меню")
    assert [await count(phones, table) for table in (Contact, Conversation, Address, AddressAlias)] == [1, 1, 1, 1]


async def test_a_number_first_that_is_hidden_later(phones: Phones) -> None:
    person = phones.whatsapp.person(PHONE[1:], SCOPED)
    await phones.says(person, "Здравейте")
    person.contact.wa_id = None
    await person.writes("меню")
    await phones.run()
    assert [await count(phones, table) for table in (Contact, Conversation)] == [1, 1]
    assert len(await phones.out()) > 2


async def test_by_twilio_too(phones: Phones) -> None:
    hidden = phones.twilio.person(SCOPED, whatsapp=True)
    assert await phones.says(hidden, "Здравейте")
    shown = phones.twilio.person(PHONE, whatsapp=True)
    shown.external_id = SCOPED
    await shown.writes("меню")
    await phones.run()
    assert [await count(phones, table) for table in (Contact, Conversation)] == [1, 1]
    assert {record.to for record in phones.twilio.state.records if record.direction != "inbound"} == {hidden.address}


async def test_two_conversations_of_one_person_become_one_contact_and_each_answers_where_it_was_asked(
    phones: Phones,
) -> None:
    hidden, shown = phones.twilio.person(SCOPED, whatsapp=True), phones.twilio.person(PHONE, whatsapp=True)
    await phones.says(hidden, "Здравейте")
    await phones.says(shown, "Здравейте")
    assert await count(phones, Contact) == 2
    shown.external_id = SCOPED
    before = len(hidden.sent())
    assert await phones.says(shown, "меню"), "where it was asked"
    assert len(hidden.sent()) == before
    assert [await count(phones, table) for table in (Contact, Conversation)] == [1, 2]
    assert await phones.says(hidden, "меню")


async def test_two_open_cases_stay_two_for_humans_to_see(phones: Phones) -> None:
    hidden, shown = phones.twilio.person(SCOPED, whatsapp=True), phones.twilio.person(PHONE, whatsapp=True)
    await phones.says(hidden, "Здравейте", "0")
    await phones.says(shown, "Здравейте", "0")
    shown.external_id = SCOPED
    await shown.writes("ало")
    await phones.run()
    assert [await count(phones, Contact), len(await phones.cases())] == [2, 2]


async def test_all_ids_at_once_are_one_person(phones: Phones) -> None:
    both = phones.whatsapp.person(PHONE[1:], SCOPED)
    now = str(int(phones.whatsapp.state.time()))
    messages = [{"from_user_id": SCOPED}, {"from": PHONE[1:], "from_user_id": SCOPED}] * 4
    values = [
        {"messages": [{"id": f"wamid.{n}", "timestamp": now, "type": "text", "text": {"body": "ало"}, **ids}]}
        for n, ids in enumerate(messages)
    ]
    await asyncio.gather(*(phones.whatsapp.webhooks.emit(NUMBER_ID, value) for value in values))
    await phones.run()
    assert [await count(phones, table) for table in (Contact, Conversation)] == [1, 1]
    assert len(await phones.messages(Message.direction == "in")) == 8
    assert heard(both)


async def test_a_changed_number_goes_on_in_the_same_conversation(phones: Phones) -> None:
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте")
    await person.changes_number("359888999888")
    await phones.run()
    assert await addresses(phones) == ["+359888999888"]
    assert await phones.says(person, "меню")
    assert phones.whatsapp.state.sent[-1].to == "359888999888"
    assert [await count(phones, table) for table in (Contact, Conversation)] == [1, 1]
    assert len(await phones.messages(Message.direction == "in")) == 2, "the move is no message"


async def test_a_number_that_somebody_else_had_stays_theirs(phones: Phones) -> None:
    other = phones.whatsapp.person("359888999888", "BG.2")
    person = phones.whatsapp.person()
    await phones.says(other, "Здравейте")
    await phones.says(person, "Здравейте")
    assert (await person.changes_number("359888999888")).accepted
    await phones.run()
    assert await addresses(phones) == ["+359888999888", PHONE]
    assert await count(phones, Contact) == 2


async def test_a_changed_scoped_id_is_known_beside_the_number(phones: Phones) -> None:
    person = phones.whatsapp.person(PHONE[1:], SCOPED)
    await phones.says(person, "Здравейте")
    update = {"user_id": {"previous": SCOPED, "current": "BG.77"}, "wa_id": PHONE[1:]}
    await phones.whatsapp.webhooks.emit(NUMBER_ID, {"user_id_update": [update]}, field="user_id_update")
    person.contact.wa_id, person.contact.user_id = None, "BG.77"
    await person.writes("меню")
    await phones.run()
    assert [await count(phones, table) for table in (Contact, Conversation)] == [1, 1]
