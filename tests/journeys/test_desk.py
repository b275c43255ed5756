"""What colleagues do with a case: sleep, hand over, close and ask, write later, send again."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import cases, closing, drafts, handing, later, resending, snooze
from app.errors import BadInput, Conflict, HubError, NotFound
from app.models import Case, CaseEvent, Message, ScheduledReply, User
from tests.journeys.test_first_contact import texts
from tests.journeys.test_handover import asks_for_a_human, reply
from tests.stage import Stage
from translations.phrases import phrase


async def do(
    stage: Stage, act: Callable[..., Awaitable[Any]], user: User, case_id: int, *args: Any, **values: Any
) -> Any:
    async with stage.hub.db.transaction() as session:
        return await act(stage.hub, session, user, case_id, *args, **values)


async def kinds(stage: Stage) -> list[str]:
    return await stage.rows(sa.select(CaseEvent.kind).order_by(CaseEvent.id))


async def drafts_now(stage: Stage, user: User, case_id: int) -> dict[str, str]:
    async with stage.hub.db.transaction() as session:
        return await drafts.drafts_of(session, user, case_id)


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.staff("Ana")


@pytest.fixture
async def boris(stage: Stage) -> User:
    return await stage.staff("Boris")


async def test_a_case_sleeps_until_its_time(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await do(stage, snooze.snooze, ana, case_id, until=snooze.when(stage.hub, "", "hour"))
    assert (await stage.cases())[0].status == "snoozed"
    assert await snooze.wake_due(stage.hub) == 0
    stage.clock.moves(hours=1)
    assert await snooze.wake_due(stage.hub) == 1
    case = (await stage.cases())[0]
    assert (case.status, case.snoozed_until) == ("open", None)
    assert (await kinds(stage))[-2:] == ["snoozed", "woken"]


async def test_a_person_who_writes_wakes_the_case(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await do(stage, snooze.snooze, ana, case_id, until=None)
    stage.clock.moves(days=30)
    assert await snooze.wake_due(stage.hub) == 0
    await stage.says(person, "ало")
    assert (await stage.cases())[0].status == "open"


async def test_tomorrow_is_the_places_morning(stage: Stage) -> None:
    until = snooze.when(stage.hub, "weissenfels", "tomorrow")
    assert until is not None
    assert until.isoformat()[11:16] == "08:00"
    assert until.utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    day = stage.clock.now.date() + timedelta(days=10)
    assert str(snooze.when(stage.hub, "", "date", day))[:16] == f"{day} 08:00"
    for choice, chosen in (("date", None), ("never", date(2026, 1, 1))):
        with pytest.raises(BadInput):
            snooze.when(stage.hub, "", choice, chosen)


async def test_a_case_is_handed_over_with_a_note_but_not_twice(stage: Stage, ana: User, boris: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    mia = await stage.staff("Mia", "mediator")
    with pytest.raises(BadInput):
        await do(stage, handing.assign, ana, case_id, to_id=mia.id, seen_assignee_id=None)
    await do(stage, handing.assign, ana, case_id, to_id=boris.id, seen_assignee_id=None, note="speaks Bulgarian")
    with pytest.raises(Conflict):
        await do(stage, handing.assign, ana, case_id, to_id=ana.id, seen_assignee_id=None)
    assert (await stage.cases())[0].assignee_id == boris.id
    (event,) = await stage.rows(sa.select(CaseEvent).where(CaseEvent.kind == "assigned"))
    assert (event.text, event.data) == ("speaks Bulgarian", {"to": "Boris"})
    assert (await stage.conversation()).mode == "human"


async def test_tags_are_added_once_and_removed(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    for name in ("  house   visit ", "House Visit", "tour"):
        await do(stage, handing.tag, ana, case_id, name)
    assert (await stage.cases())[0].tags == ["house visit", "tour"]
    async with stage.hub.db.transaction() as session:
        assert await handing.known_tags(session) == ["house visit", "tour"]
    await do(stage, handing.untag, ana, case_id, "tour")
    assert (await stage.cases())[0].tags == ["house visit"]
    for name in (" ", "x" * 41):
        with pytest.raises(BadInput):
            await do(stage, handing.tag, ana, case_id, name)


@pytest.mark.parametrize(("answer", "helped"), [("👍", True), ("👎", False), ("да", True), ("thumb", True)])
async def test_the_person_is_asked_whether_it_helped(stage: Stage, ana: User, answer: str, helped: bool) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await reply(stage, ana, case_id, "Готово")
    await do(stage, closing.close, ana, case_id, outcome="solved", ask=True)
    await stage.work()
    question = stage.sent()[-1]
    assert question.text == phrase("helped.ask", "bg")
    if answer == "thumb":
        heard = await stage.after(person.reacts(question, "👍"))
    elif answer == "да":
        heard = await stage.says(person, answer)
    else:
        heard = await stage.after(person.presses(question, phrase(f"button.helped_{'yes' if helped else 'no'}", "bg")))
    assert texts(heard) == [phrase("helped.thanks" if helped else "helped.sorry", "bg")]
    (case,) = await stage.cases()
    assert (case.status, case.outcome, case.helped) == ("closed", "solved", helped)
    assert (await kinds(stage))[-3:] == ["closed", "asked_helped", "helped" if helped else "not_helped"]


async def test_who_was_not_helped_comes_back_to_the_same_colleague(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await reply(stage, ana, case_id, "Готово")
    await do(stage, closing.close, ana, case_id, outcome="referred", ask=True)
    await stage.work()
    await stage.after(person.presses(stage.sent()[-1], phrase("button.helped_no", "bg")))
    await stage.says(person, "да")
    (case,) = await stage.cases()
    assert (case.id, case.status, case.assignee_id, case.helped) == (case_id, "open", ana.id, False)
    assert case.waiting_since is not None
    assert (await kinds(stage))[-1] == "reopened"


async def test_after_a_week_it_is_a_new_case(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await do(stage, closing.close, ana, case_id, outcome="solved")
    stage.clock.moves(days=8)
    await stage.says(person, "0")
    first, second = await stage.cases()
    assert (first.id, first.status, second.status) == (case_id, "closed", "open")
    assert second.assignee_id is None


async def test_danger_in_a_reopened_case_alerts_again(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    await stage.says(person, "мъжът ми ме бие")
    (case,) = await stage.cases()
    assert case.urgency == "urgent"
    await do(stage, closing.close, ana, case.id, outcome="other")
    await stage.says(person, "мъжът ми ме бие")
    (again,) = await stage.cases()
    assert (again.id, again.status, again.urgency) == (case.id, "open", "urgent")
    assert (await kinds(stage)).count("urgent") == 2


async def test_an_outcome_is_needed_and_nobody_is_asked_twice(stage: Stage, ana: User, boris: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    with pytest.raises(BadInput):
        await do(stage, closing.close, ana, case_id, outcome="")
    for user in (ana, boris):
        await do(stage, closing.close, user, case_id, outcome="solved", ask=True)
    asked = [m for m in await stage.messages() if m.payload.get("asks")]
    assert len(asked) == 1


async def schedule(stage: Stage, user: User, case_id: int, text: str, **by: float) -> ScheduledReply:
    talk = await stage.conversation()
    about: dict[str, Any] = {"conversation_id": talk.id, "text": text, "seen_seq": talk.last_seq}
    row = await do(stage, later.schedule, user, case_id, **about, send_at=stage.clock.now + timedelta(**by))
    assert isinstance(row, ScheduledReply)
    return row


async def test_a_reply_for_later_goes_out_at_its_time_once(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await schedule(stage, ana, case_id, "Не забравяйте срещата", hours=2)
    await reply(stage, ana, case_id, "До утре!")  # a colleague's own words stop nothing
    assert await later.send_due(stage.hub) == 0
    stage.clock.moves(hours=2)
    assert await later.send_due(stage.hub) == 1
    assert await later.send_due(stage.hub) == 0
    await stage.work()
    assert [sent.text for sent in stage.sent()].count("Не забравяйте срещата") == 1
    (row,) = await stage.rows(sa.select(ScheduledReply))
    assert row.status == "sent"
    assert row.message_id is not None


async def test_a_reply_for_later_comes_back_when_the_person_wrote(stage: Stage, ana: User) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await schedule(stage, ana, case_id, "До понеделник!", hours=2)
    await stage.says(person, "вече не ми трябва")
    stage.clock.moves(hours=3)
    await later.send_due(stage.hub)
    await stage.work()
    assert "До понеделник!" not in [sent.text for sent in stage.sent()]
    assert await drafts_now(stage, ana, case_id) == {"reply": "До понеделник!"}
    assert (await kinds(stage))[-1] == "later_returned"


async def test_a_reply_for_later_can_be_cancelled_and_closing_cancels_it(stage: Stage, ana: User, boris: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    row = await schedule(stage, ana, case_id, "едно", hours=2)
    await do(stage, later.cancel, boris, case_id, row.id)
    with pytest.raises(Conflict):
        await do(stage, later.cancel, ana, case_id, row.id)
    with pytest.raises(NotFound):
        await do(stage, later.cancel, ana, case_id, row.id + 1)
    await schedule(stage, ana, case_id, "две", hours=2)
    await do(stage, closing.close, ana, case_id, outcome="solved")
    stage.clock.moves(hours=3)
    assert await later.send_due(stage.hub) == 0
    assert await drafts_now(stage, ana, case_id) == {"reply": "две\n\nедно"}


async def test_a_reply_for_later_needs_a_moment_ahead_and_knowledge_of_the_talk(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    for by in ({"hours": -1.0}, {"days": 100.0}):
        with pytest.raises(BadInput):
            await schedule(stage, ana, case_id, "х", **by)
    talk = await stage.conversation()
    with pytest.raises(Conflict):
        await do(
            stage,
            later.schedule,
            ana,
            case_id,
            conversation_id=talk.id,
            text="х",
            seen_seq=0,
            send_at=stage.clock.now + timedelta(hours=1),
        )


async def said_badly(stage: Stage, user: User, case_id: int, status: str) -> Message:
    """A reply that left and of which the provider said nothing good."""
    await reply(stage, user, case_id, "Елате утре")
    async with stage.hub.db.transaction() as session:
        message = await session.scalar(sa.select(Message).where(Message.author == "staff"))
        assert message is not None
        message.status, message.error = status, "uncertain"
    return message


async def test_a_failed_message_is_sent_again_once(stage: Stage, ana: User, boris: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    message = await said_badly(stage, ana, case_id, "failed")
    await do(stage, resending.send_again, boris, case_id, message.id)
    with pytest.raises(Conflict):
        await do(stage, resending.send_again, ana, case_id, message.id)
    await stage.work()
    assert [sent.text for sent in stage.sent()].count("Елате утре") == 2
    first, second = await stage.messages(Message.author == "staff")
    assert (first.status, second.status, second.user_id) == ("failed", "sent", boris.id)


@pytest.mark.parametrize("act", [resending.send_again, resending.it_arrived])
@pytest.mark.parametrize("writes_since", [False, True])
async def test_who_was_answered_in_the_end_waits_no_more(
    stage: Stage, ana: User, act: Callable[..., Awaitable[Any]], writes_since: bool
) -> None:
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    message = await said_badly(stage, ana, case_id, "failed")
    async with stage.hub.db.transaction() as session:
        (await session.get_one(Case, case_id)).waiting_since = stage.clock.now  # as the failure's news leave it
    if writes_since:
        await stage.says(person, "Там ли сте?")
    await do(stage, act, ana, case_id, message.id)
    async with stage.hub.db.transaction() as session:
        assert ((await session.get_one(Case, case_id)).waiting_since is not None) == writes_since


async def test_an_uncertain_message_did_arrive(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    message = await said_badly(stage, ana, case_id, "uncertain")
    await do(stage, resending.it_arrived, ana, case_id, message.id)
    for act in (resending.it_arrived, resending.send_again):
        with pytest.raises(Conflict):
            await do(stage, act, ana, case_id, message.id)
    (settled,) = await stage.messages(Message.author == "staff")
    assert (settled.status, settled.error) == ("delivered", None)


async def test_messages_of_other_people_and_good_ones_are_out_of_reach(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    for message in await stage.messages():
        with pytest.raises(HubError):
            await do(stage, resending.send_again, ana, case_id, message.id)


async def test_a_mediator_does_none_of_it(stage: Stage) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    mia = await stage.staff("Mia", "mediator")
    for act, values in (
        (snooze.snooze, {"until": None}),
        (snooze.wake, {}),
        (handing.assign, {"to_id": mia.id, "seen_assignee_id": None}),
        (handing.tag, {"name": "x"}),
        (closing.close, {"outcome": "solved"}),
        (cases.take, {}),
        (later.cancel, {"reply_id": 1}),
        (resending.it_arrived, {"message_id": 1}),
    ):
        with pytest.raises(HubError, match="Your role"):
            await do(stage, act, mia, case_id, **values)
    assert (await stage.rows(sa.select(Case.tags)))[0] == []
