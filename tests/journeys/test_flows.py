"""Flows in real conversations: questions of one's own in the middle, versions, reminders, letters, what is known."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app import cases, street
from app.facts import facts_of
from app.flow_counts import counts_of
from app.models import ContentVersion, Fact, FlowStep, StartCount
from app.publishing import publish_version
from app.reminders import remind_all
from flows.services import TIMEZONE
from tests.providers.telegram.people import Person
from tests.providers.telegram.state import Sent
from tests.stage import Stage
from translations.phrases import phrase

DISMISSED = "flow:dismissal"


def actions(sent: Sent) -> list[str]:
    return [action for _, action in sent.buttons]


async def starts(stage: Stage, person: Person, flow: str) -> list[Sent]:
    """As a link on a poster does it."""
    return await stage.after(person.starts(f"flow-{flow}--bg"))


async def facts(stage: Stage) -> dict[str, Any]:
    contact = (await stage.conversation()).contact_id
    async with stage.hub.db.transaction() as session:
        return await facts_of(session, contact)


async def running(stage: Stage) -> dict[str, Any] | None:
    state: dict[str, Any] = (await stage.conversation()).state
    return state.get("flow")


async def test_from_the_answer_into_the_flow_to_the_case_with_its_deadline(stage: Stage) -> None:
    person = stage.telegram.person()
    answered = await stage.says(person, "уволниха ме с писмо")
    offered = next(sent for sent in reversed(answered) if sent.buttons)
    if DISMISSED not in actions(offered):  # the place is asked first
        offered = (await stage.after(person.presses(offered, "place:weissenfels")))[-1]
    (first,) = await stage.after(person.presses(offered, DISMISSED))
    assert phrase("flow.ways", "bg") in first.text
    today = stage.clock.now.astimezone(TIMEZONE).date()
    sent = await stage.says(person, "1", "преди 19 дни")
    (case,) = await stage.cases()
    assert (case.reason, case.urgency) == ("court_deadline", "urgent")
    assert case.needs[0] == "work.dismissal"
    assert case.deadline is not None
    assert 0 <= (case.deadline - today).days <= 7
    assert any(str(case.deadline.day) in each.text for each in sent)
    known = await facts(stage)
    assert known["dismissal_form"] == "paper"
    assert date.fromisoformat(known["letter_date"]) < today


async def test_a_question_of_ones_own_in_the_middle_and_back(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    await stage.says(person, "1")
    sent = await stage.says(person, "а колко е минималната заплата на час")
    assert phrase("flow.return", "bg") in [each.text for each in sent]
    assert "3.11.2026" in sent[-1].text, "the question that was open"
    await stage.says(person, "вчера")
    assert (await facts(stage))["court_until"]


async def test_thanks_in_the_middle_are_no_wrong_answer(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    sent = await stage.says(person, "благодаря")
    assert sent[0].text == phrase("thanks", "bg")
    assert len(sent[-1].buttons) == 3
    assert (await running(stage) or {})["tries"] == 0


@pytest.mark.parametrize("word", ["меню", "0", "искам да говоря с човек"])
async def test_the_ways_out(stage: Stage, word: str) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    await stage.says(person, word)
    if word == "меню":
        assert (await running(stage) or {})["flow"] == "menu"
        assert await stage.cases() == []
    else:
        assert await running(stage) is None
        (case,) = await stage.cases()
        assert (case.reason, case.needs) == ("asked", ["work.dismissal"])


async def test_danger_goes_before_everything(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    sent = await stage.says(person, "мъжът ми ме бие")
    assert sent[0].text == phrase("danger.violence", "bg")
    (case,) = await stage.cases()
    assert (case.urgency, case.danger) == ("urgent", ["violence"])


async def test_the_flow_goes_on_while_nobody_has_taken_the_case_and_ends_when_somebody_has(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "letter")
    sent = await stage.after(person.sends_photo(b"\xff\xd8\xff" + b"x" * 2000))
    (case,) = await stage.cases()
    assert case.reason == "photo_letter"
    assert (await stage.conversation()).mode == "waiting"
    assert sent[-1].buttons, "who wrote the letter?"
    assert await stage.says(person, "2") != []
    assert await stage.says(person, "имам и друг въпрос за вас") == [], "that is for the colleague"
    ana = await stage.staff()
    async with stage.hub.db.transaction() as session:
        await cases.take(stage.hub, session, ana, case.id)
    assert await stage.says(person, "3.11.2026") == []
    assert await running(stage) is None


async def test_a_running_conversation_stays_on_its_version(stage: Stage) -> None:
    old, new = stage.telegram.person(), stage.telegram.person()
    await starts(stage, old, "dismissal")
    async with stage.hub.db.transaction() as session:
        live = await session.scalar(
            sa.select(ContentVersion).where(ContentVersion.key == "dismissal", ContentVersion.current)
        )
        assert live is not None
        changed = {**live.data, "nodes": {**live.data["nodes"]}}
        changed["nodes"]["when_letter"] = {**changed["nodes"]["when_letter"], "text": dict.fromkeys(
            ("bg", "ro", "uk", "de", "en"), "Нов въпрос за деня?")}  # fmt: skip
        await publish_version(session, "flow", "dismissal", changed, origin="hub")
    await stage.hub.shelf.load()
    (goes_on,) = await stage.says(old, "1")
    assert "3.11.2026" in goes_on.text
    await starts(stage, new, "dismissal")
    (begins,) = await stage.says(new, "1")
    assert begins.text.startswith("Нов въпрос за деня?")


async def test_a_reminder_by_day_once_and_only_within_a_flow(stage: Stage) -> None:
    stage.clock.now = stage.clock.now.replace(hour=11)
    person = stage.telegram.person()
    await starts(stage, person, "wage")
    await stage.says(person, "1")
    before = len(stage.sent())
    await remind_all(stage.hub)
    await stage.work()
    assert len(stage.sent()) == before, "too early"
    stage.clock.moves(hours=13)
    await remind_all(stage.hub)
    await stage.work()
    assert len(stage.sent()) == before, "at midnight nobody wants to be reminded"
    stage.clock.moves(hours=11)
    await remind_all(stage.hub)
    await remind_all(stage.hub)
    await stage.work()
    assert [each.text for each in stage.sent()][before] == phrase("flow.reminder", "bg")
    assert len(stage.sent()) == before + 2
    await stage.says(person, "9/2026")
    assert (await facts(stage))["wage_months"] == "9/2026"


async def test_nobody_is_reminded_of_a_discreet_flow(stage: Stage) -> None:
    stage.clock.now = stage.clock.now.replace(hour=11)
    person = stage.telegram.person()
    await starts(stage, person, "violence")
    await stage.says(person, "1")
    stage.clock.moves(hours=24)
    before = len(stage.sent())
    await remind_all(stage.hub)
    await stage.work()
    assert len(stage.sent()) == before


async def test_a_late_answer_is_taken_and_other_words_begin_anew(stage: Stage) -> None:
    one, other = stage.telegram.person(), stage.telegram.person()
    for person in (one, other):
        await starts(stage, person, "dismissal")
        await stage.says(person, "1")
    stage.clock.moves(days=9)
    assert "Arbeitsgericht" in "".join(each.text for each in await stage.says(one, "вчера"))
    assert phrase("flow.again.date", "bg") not in [each.text for each in await stage.says(other, "имате ли място")]


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


async def test_a_picture_goes_before_its_words(stage: Stage) -> None:
    async with stage.hub.db.transaction() as session:
        picture = {"name": "date.png", "mime": "image/png", "content": PIXEL}
        await publish_version(session, "file", "date.png", picture, origin="hub")
        live = await session.scalar(
            sa.select(ContentVersion).where(ContentVersion.key == "dismissal", ContentVersion.current)
        )
        assert live is not None
        said = {**live.data["nodes"]["not_valid"], "image": {"bg": "date.png"}}
        changed = {**live.data, "nodes": {**live.data["nodes"], "not_valid": said}}
        await publish_version(session, "flow", "dismissal", changed, origin="hub")
    await stage.hub.shelf.load()
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    sent = await stage.says(person, "2")
    assert [each.method for each in sent] == ["sendPhoto", "sendMessage", "sendMessage"]


async def test_a_demand_letter_to_copy_and_as_a_pdf(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await starts(stage, person, "wage")
    for said in ("1", "9/2026, 10/2026", "2400", "не"):
        sent = await stage.says(person, said)
    while not any(each.method == "sendDocument" for each in sent):
        want = next((a for a in actions(sent[-1]) if "letter" in a or a.endswith(":yes")), None)
        assert want is not None, [each.text for each in sent]
        sent = await stage.after(person.presses(sent[-1], want))
    pdf = next(each for each in sent if each.method == "sendDocument")
    assert pdf.file is not None
    assert pdf.file.startswith(b"%PDF")
    assert any("2400" in each.text and "9/2026, 10/2026" in each.text for each in sent), "the German words, to copy"


async def test_what_is_known_is_shown_and_can_be_deleted(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    await stage.says(person, "1", "вчера", "меню")
    (shown,) = await stage.says(person, "моите данни")
    assert phrase("facts.title", "bg") in shown.text
    assert "forget:letter_date" in actions(shown)
    sent = await stage.after(person.presses(shown, "forget:letter_date"))
    assert sent[0].text == phrase("facts.forgotten", "bg")
    assert "letter_date" not in await facts(stage)
    assert "dismissal_form" in await facts(stage)


async def test_erasing_a_person_erases_what_is_known(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    await stage.says(person, "1", "меню", "изтрий данните ми", "да")
    assert await stage.rows(sa.select(Fact)) == []


async def test_of_violence_only_the_safe_hours_stay(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await starts(stage, person, "violence")
    for wanted in ("yes", "no", "person", "evening"):
        sent = await stage.after(
            person.presses(sent[-1], next(a for a in actions(sent[-1]) if a.endswith(f":{wanted}")))
        )
    assert await facts(stage) == {"safe_hours": "evening"}
    (case,) = await stage.cases()
    assert (case.reason, case.urgency) == ("safe_contact", "urgent")


async def test_a_code_from_a_poster_opens_its_flow_and_is_counted(stage: Stage) -> None:
    entry = street.Entry("weissenfels", "ro", "flow:afternoon", "playground")
    async with stage.hub.db.transaction() as session:
        code = await street.make_code(session, entry)
        assert await street.make_code(session, entry) == code, "printed again, counted together"
    one, other = stage.telegram.person(language_code=None), stage.telegram.person(language_code=None)
    sent = await stage.after(one.starts(code))
    assert sent[0].text == phrase("greeting", "ro")
    talk = (await stage.rows(sa.select(StartCount)))[0]
    assert (talk.count, talk.channel_kind) == (1, "telegram")
    await stage.says(other, f"Bună ziua #{code.lower()}")
    assert [count.count for count in await stage.rows(sa.select(StartCount))] == [2]
    assert not any("#" in str(value) for value in (await stage.rows(sa.select(Fact))))


async def test_words_that_look_like_a_code_but_are_none(stage: Stage) -> None:
    person = stage.telegram.person()
    assert await stage.says(person, "#ABCDE") != []
    assert await stage.rows(sa.select(StartCount)) == []


async def test_a_negated_answer_is_not_the_answer(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    await stage.says(person, "не с писмо")
    assert (await running(stage) or {})["node"] == "how"
    assert "dismissal_form" not in await facts(stage)


async def test_after_an_alarm_the_old_question_takes_no_answer(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "arrival")
    await stage.says(person, "мъжът ми ме бие")
    assert await running(stage) is None
    assert await stage.says(person, "не") == [], "that is for the colleague"


async def test_a_deadline_goes_before_an_answer_in_free_words(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "wage")
    await stage.says(person, "1", "уволниха ме преди 19 дни с писмо")
    (case,) = await stage.cases()
    assert case.urgency == "urgent"
    assert "wage_months" not in await facts(stage)


async def test_an_amount_in_words_is_asked_for_in_digits(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "wage")
    await stage.says(person, "1", "9/2026", "две хиляди")
    assert "wage_amount" not in await facts(stage)
    await stage.says(person, "2000")
    assert (await facts(stage))["wage_amount"] == 2000


async def test_a_german_place_does_not_change_the_language(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "who_helps")
    await stage.says(person, "in Weißenfels Sachsen-Anhalt")
    talk = await stage.conversation()
    assert (talk.language, talk.place) == ("bg", "weissenfels")


async def test_a_known_deadline_goes_with_the_wish_for_a_human(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    await stage.says(person, "1", "преди 3 дни", "0")
    (case,) = await stage.cases()
    assert (case.reason, case.urgency) == ("asked", "normal")
    assert case.deadline is not None


async def test_no_to_the_last_question_is_no_silence(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    last = (await stage.says(person, "1", "преди 3 дни", "не"))[-1]
    assert last.text == phrase("flow.ended", "bg")
    assert "topic:work.job_loss_benefit" in actions(last)


@pytest.mark.parametrize("aside", ["здравейте", "благодаря"])
async def test_politeness_does_not_end_a_flow(stage: Stage, aside: str) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "kita_school")
    sent = await stage.says(person, aside)
    assert phrase("flow.return", "bg") in [each.text for each in sent]
    await stage.says(person, "Вайсенфелс", aside, "4 и 9")
    assert (await facts(stage))["child_ages"] == [4, 9]


async def test_my_data_can_be_asked_for_at_any_time(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "dismissal")
    sent = await stage.says(person, "1", "моите данни")
    assert any(phrase("facts.title", "bg") in each.text for each in sent)
    assert (await running(stage) or {})["node"] == "when_letter"


async def test_a_case_from_the_middle_of_a_flow_knows_what_it_is_about(stage: Stage) -> None:
    person = stage.telegram.person()
    await starts(stage, person, "wage")
    await stage.says(person, "4", "1")
    await stage.says(person, "0")
    (case,) = await stage.cases()
    assert set(case.needs) >= {"work.dismissal", "work.wage_unpaid"}


async def test_the_ways_that_people_take_are_counted_but_not_those_of_a_discreet_flow(stage: Stage) -> None:
    person = stage.telegram.person()
    first = (await starts(stage, person, "dismissal"))[-1]
    await stage.after(person.presses(first, actions(first)[0]))
    await starts(stage, person, "violence")
    async with stage.hub.db.transaction() as session:
        rows = list(await session.scalars(sa.select(FlowStep)))
        today = stage.clock.now.astimezone(TIMEZONE).date()
        counts = await counts_of(session, "dismissal", today)
    assert {row.flow for row in rows} == {"dismissal"}
    start = stage.hub.shelf.library.flows["dismissal"][1].start
    assert counts.came(start) == 1
    assert sum(counts.ways.values()) >= 2
