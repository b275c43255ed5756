"""From the bot to a human and back: one case, one answer, never two voices at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app import cases, inbox, lists, replying
from app.errors import BadInput, Conflict, NotAllowed
from app.models import User
from app.publishing import publish_version
from tests.journeys.test_first_contact import texts
from tests.providers.telegram.people import Person
from tests.providers.telegram.state import Sent
from tests.stage import Stage
from translations.phrases import phrase

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def take(stage: Stage, user: User, case_id: int) -> None:
    async with stage.hub.db.transaction() as session:
        await cases.take(stage.hub, session, user, case_id)


async def close(stage: Stage, user: User, case_id: int) -> None:
    async with stage.hub.db.transaction() as session:
        await cases.close(stage.hub, session, user, case_id)


async def reply(stage: Stage, user: User, case_id: int, text: str, *, seen: int | None = None) -> list[Sent]:
    conversation = await stage.conversation()
    seq = conversation.last_seq if seen is None else seen
    before = len(stage.sent())
    async with stage.hub.db.transaction() as session:
        await replying.reply(
            stage.hub, session, user, case_id, conversation_id=conversation.id, text=text, seen_seq=seq
        )
    await stage.run()
    return stage.sent()[before:]


async def publish_duty(stage: Stage, **duty: Any) -> None:
    """The coordinator says when somebody is there."""
    async with stage.hub.db.transaction() as session:
        data = stage.hub.shelf.library.places["weissenfels"].model_dump(mode="json") | {"duty": duty}
        await publish_version(session, "place", "weissenfels", data, origin="hub")
    await stage.hub.shelf.load()


async def asks_for_a_human(stage: Stage, person: Person) -> int:
    await stage.says(person, "шефът не ми плаща заплатата", "0")
    return (await stage.cases())[0].id


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.staff("Ana")


async def test_one_case_whatever_comes_and_the_inbox_shows_it(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    assert await stage.says(person, "ало", "има ли някой", "0") == []
    assert len(await stage.cases()) == 1
    async with stage.hub.db.transaction() as session:
        page = await lists.list_cases(stage.hub, session, ana, view="unassigned")
        thread = await inbox.thread(session, ana, case_id)
    (card,) = page.items
    assert (card.case.id, card.language, card.last_text, card.unanswered) == (case_id, "bg", "0", True)
    assert page.counts == {"mine": 0, "unassigned": 1, "all": 1, "closed": 0, "snoozed": 0, "mentioned": 0}
    said = [item.message.text for item in thread.items if item.message]
    assert said[0] == "шефът не ми плаща заплатата"
    assert said[-3:] == ["ало", "има ли някой", "0"]
    assert str(person.id) not in str(thread.conversations), "the address is masked"


async def test_only_one_colleague_takes_a_case(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    boris, mediator = await stage.staff("Boris"), await stage.staff("Mia", "mediator")
    results = await asyncio.gather(take(stage, ana, case_id), take(stage, boris, case_id), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
    assert (await stage.conversation()).mode == "human"
    with pytest.raises(NotAllowed):
        await take(stage, mediator, case_id)


async def test_the_reply_reaches_the_phone_and_the_bot_is_silent(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await take(stage, ana, case_id)
    (sent,) = await reply(stage, ana, case_id, "Здравейте, аз съм Ана. Кога работихте?")
    assert (sent.chat_id, sent.text, sent.buttons) == (person.id, "Здравейте, аз съм Ана. Кога работихте?", ())
    assert (await stage.cases())[0].waiting_since is None
    assert await stage.says(person, "през октомври", "меню", "благодаря") == []
    assert (await stage.cases())[0].waiting_since is not None


async def test_a_note_stays_in_the_house(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    async with stage.hub.db.transaction() as session:
        await cases.note(stage.hub, session, ana, case_id, "изглежда уплашен")
    assert await stage.after() == []
    assert "изглежда уплашен" not in str([call.parameters for call in stage.telegram.calls()])


async def test_nobody_answers_to_half_of_a_conversation(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    seen = (await stage.conversation()).last_seq
    await stage.says(person, "всъщност шефът вече плати")
    with pytest.raises(Conflict) as refused:
        await reply(stage, ana, case_id, "Ще му пишем!", seen=seen)
    assert refused.value.detail == {"last_seq": (await stage.conversation()).last_seq}
    assert [sent.text for sent in await reply(stage, ana, case_id, "Чудесно!")] == ["Чудесно!"]


async def test_two_colleagues_answer_at_once_and_one_is_told(stage: Stage, ana: User) -> None:
    boris = await stage.staff("Boris")
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    seen = (await stage.conversation()).last_seq
    results = await asyncio.gather(
        reply(stage, ana, case_id, "от Ана", seen=seen),
        reply(stage, boris, case_id, "от Борис", seen=seen),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results].count("Conflict") == 1
    assert len([sent for sent in stage.sent() if sent.text.startswith("от ")]) == 1


async def test_a_reply_of_nothing_is_refused(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    for nothing in ("", "  \n", "\x00"):
        with pytest.raises(BadInput):
            await reply(stage, ana, case_id, nothing)


async def test_closing_gives_the_bot_its_voice_back_and_a_new_matter_is_a_new_case(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await reply(stage, ana, case_id, "Готово.")
    await close(stage, ana, case_id)
    assert texts(await stage.says(person, "благодаря")) == [phrase("thanks", "bg")]
    stage.clock.moves(days=8)  # before, it would be the same matter
    await stage.says(person, "0")
    first, second = await stage.cases()
    assert (first.status, second.status) == ("closed", "open")
    with pytest.raises(Conflict):
        await reply(stage, ana, case_id, "още нещо")


async def test_an_off_duty_notice_once_a_day_with_the_next_opening(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    tomorrow = WEEKDAYS[(stage.clock.now + timedelta(days=1)).weekday()]
    await publish_duty(stage, week={tomorrow: [{"start": "09:00", "end": "12:00"}]})
    await stage.says(person, "Здравейте")
    async with stage.hub.db.transaction() as session:
        (await session.merge(await stage.conversation())).place = "weissenfels"
    (told,) = await stage.says(person, "0")
    assert "09:00" in told.text
    assert await stage.says(person, "ало?") == [], "told already"
    stage.clock.moves(days=7)
    (notice,) = await stage.says(person, "ало?")
    assert "09:00" in notice.text
    assert await stage.says(person, "ало?") == []


async def test_who_was_handed_over_on_duty_is_told_when_nobody_is_there_any_more(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    await publish_duty(stage, always=True)
    await stage.says(person, "Здравейте")
    async with stage.hub.db.transaction() as session:
        (await session.merge(await stage.conversation())).place = "weissenfels"
    assert texts(await stage.says(person, "0")) == [phrase("handover.soon", "bg")]
    assert await stage.says(person, "тук съм") == []
    tomorrow = WEEKDAYS[(stage.clock.now + timedelta(days=1)).weekday()]
    await publish_duty(stage, week={tomorrow: [{"start": "09:00", "end": "12:00"}]})
    (notice,) = await stage.says(person, "ало?")
    assert "09:00" in notice.text


async def test_where_no_hours_are_known_nothing_is_promised(stage: Stage) -> None:
    person = stage.telegram.person()
    await asks_for_a_human(stage, person)
    assert stage.sent()[-1].text == phrase("handover.unknown", "bg")
    assert await stage.says(person, "ало?") == []


async def test_a_thumb_does_not_wake_anybody(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    (sent,) = await reply(stage, ana, case_id, "Утре в 10?")
    assert await stage.after(person.reacts(sent, "👍")) == []
    assert (await stage.cases())[0].waiting_since is None
    async with stage.hub.db.transaction() as session:
        thread = await inbox.thread(session, ana, case_id)
    assert [item.message.text for item in thread.items if item.message][-1] == "👍"


async def test_staff_answer_the_deletion_question_s_yes_is_not_meant_for_the_bot(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await stage.says(person, "изтрийте данните ми")
    await reply(stage, ana, case_id, "Да Ви се обадя ли утре?")
    assert await stage.says(person, "да") == []
    assert len(await stage.cases()) == 1, "nothing was erased"


async def test_release_and_stop_in_the_middle(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await take(stage, ana, case_id)
    async with stage.hub.db.transaction() as session:
        await cases.release(stage.hub, session, ana, case_id)
    assert (await stage.conversation()).mode == "waiting"
    await stage.says(person, "стоп")
    with pytest.raises(Conflict):
        await reply(stage, ana, case_id, "Ало?")
