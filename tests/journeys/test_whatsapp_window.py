"""WhatsApp's 24 hours: later the words wait, a template asks the person to write, and nothing is ever said to be sent
that was not."""

from datetime import timedelta

import pytest

from app.models import Message
from app.publishing import publish_version
from channels.base import Outbound
from tests.phones import CLOUD, WHATSAPP, Person, Phones, heard
from tests.providers.twilio import Person as TwilioPerson

ROADS = (WHATSAPP, CLOUD)


async def approve(phones: Phones, *languages: str) -> None:
    """Twilio and Meta have approved the template in these languages, and an admin has filled in its names."""
    template = phones.hub.shelf.library.templates["open_window"].model_dump(mode="json")
    for language in languages:
        words = template["languages"][language]
        words["content_sid"] = phones.twilio.add_template(words["body"])
        words["meta_name"] = "open_window"
        phones.whatsapp.add_template("open_window", language, words["body"])
    async with phones.hub.db.transaction() as session:
        await publish_version(session, "template", "open_window", template, origin="hub")
    await phones.hub.shelf.load()


def nudge(phones: Phones, language: str) -> str:
    words = phones.hub.shelf.library.templates["open_window"].languages
    return next(one.body for code, one in words.items() if code == language)


async def person_on(phones: Phones, road: str, *words: str) -> Person:
    """Somebody who has just written."""
    person: Person = phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=True)
    await phones.says(person, *(words or ("Здравейте, искам да попитам нещо за работата",)))
    return person


@pytest.mark.parametrize("road", ROADS)
async def test_held_then_asked_then_sent_in_order(phones: Phones, road: str) -> None:
    await approve(phones, "bg", "de")
    person = await person_on(phones, road)
    await phones.later(hours=25)
    before = len(heard(person))
    await phones.writes_back(Outbound("Първо"), Outbound("Второ"))
    held = await phones.writes_back(Outbound("Трето"))
    assert heard(person)[before:] == [nudge(phones, "bg")], "asked once, in the person's language"
    assert [(one.status, one.error, one.error_detail) for one in held] == [("held", "window_closed", None)]
    assert [one.status for one in await phones.out(Message.author == "staff")] == ["held"] * 3
    after = await phones.says(person, "ДА")
    assert after[:3] == ["Първо", "Второ", "Трето"]
    assert {one.status for one in await phones.out(Message.author == "staff")} <= {"sent", "delivered"}
    assert all(one.error is None for one in await phones.out())


@pytest.mark.parametrize("road", ROADS)
async def test_no_approved_template_is_held_with_a_reason(phones: Phones, road: str) -> None:
    person = await person_on(phones, road)
    await phones.later(hours=25)
    before = len(heard(person))
    (held,) = await phones.writes_back(Outbound("Отговор"))
    assert (held.status, held.error, held.error_detail) == ("held", "window_closed", "no_template")
    assert len(heard(person)) == before
    assert (await phones.says(person, "ало"))[0] == "Отговор"


async def test_a_language_without_approval_is_asked_in_german_and_at_most_once_a_day(phones: Phones) -> None:
    await approve(phones, "de")
    person = await person_on(phones, CLOUD)
    await phones.later(hours=25)
    await phones.writes_back(Outbound("Отговор"))
    german = nudge(phones, "de")
    assert heard(person)[-1] == german
    await phones.later(hours=23)
    await phones.writes_back(Outbound("Още нещо"))
    assert heard(person).count(german) == 1
    await phones.later(hours=2)
    await phones.writes_back(Outbound("И още"))
    assert heard(person).count(german) == 2


@pytest.mark.parametrize("road", ROADS)
async def test_the_provider_s_clock_decides(phones: Phones, road: str) -> None:
    """131047 and 63016 come as a failed status after the message was accepted: it was never sent."""
    await approve(phones, "bg")
    person = await person_on(phones, road)
    if isinstance(person, TwilioPerson):
        person.mobile.last_wrote = phones.twilio.state.now() - timedelta(days=2)
    else:
        person.contact.wrote_at.clear()
    (sent,) = await phones.writes_back(Outbound("Отговор"))
    assert (sent.status, sent.error, sent.external_id) == ("held", "window_closed", None)
    assert heard(person)[-1] == nudge(phones, "bg")
    assert (await phones.says(person, "ДА"))[0] == "Отговор"
    assert (await phones.out(Message.author == "staff"))[0].status in ("sent", "delivered")
    assert await phones.cases() == []


@pytest.mark.parametrize(("road", "code"), [(WHATSAPP, 63016), (CLOUD, 131047)])
async def test_a_refusal_at_once_holds_too(phones: Phones, road: str, code: int) -> None:
    person = await person_on(phones, road)
    (phones.whatsapp if road == CLOUD else phones.twilio).goes_wrong(status=400, code=code)
    (held,) = await phones.writes_back(Outbound("Отговор"))
    assert (held.status, held.error) == ("held", "window_closed")
    assert (await phones.says(person, "ало"))[0] == "Отговор"


async def test_who_wrote_again_meanwhile_gets_the_words_at_once(phones: Phones) -> None:
    """The news of the refusal is late: the window that it speaks of is history."""
    person = phones.twilio.person(whatsapp=True)
    await phones.says(person, "Здравейте")
    phones.twilio.news = ()
    await phones.writes_back(Outbound("Отговор"))
    record = person.sent()[-1]
    phones.clock.moves(seconds=10)
    await phones.says(person, "ало")
    await phones.twilio.report(record, "failed", 63016)
    await phones.run()
    assert heard(person).count("Отговор") == 2, "refused, then delivered"
    assert (await phones.out(Message.author == "staff"))[0].status == "sent"


async def test_stop_in_answer_to_the_template_drops_what_was_held(phones: Phones) -> None:
    await approve(phones, "bg")
    person = await person_on(phones, CLOUD)
    await phones.later(hours=25)
    await phones.writes_back(Outbound("Отговор"))
    assert await phones.says(person, "STOP") == []
    assert [one.status for one in await phones.out(Message.author == "staff")] == ["cancelled"]


async def test_a_template_that_was_paused_is_told_to_staff(phones: Phones) -> None:
    await approve(phones, "bg")
    person = await person_on(phones, CLOUD)
    await phones.later(hours=25)
    phones.whatsapp.state.templates[0].status = "PAUSED"
    (held,) = await phones.writes_back(Outbound("Отговор"))
    assert held.status == "held"
    (nudge,) = await phones.out(Message.author == "system")
    assert (nudge.status, nudge.error) == ("failed", "template")
    assert [case.reason for case in await phones.cases()] == ["delivery_failed"]
    assert (await phones.says(person, "ало"))[0] == "Отговор"


async def test_a_closed_or_reopened_chat_opens_no_window(phones: Phones) -> None:
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте")
    await phones.later(hours=25)
    await person.stops()
    await person.stops(resume=True)
    await phones.run()
    (words,) = await phones.writes_back(Outbound("Отговор"))
    assert words.status == "held"
