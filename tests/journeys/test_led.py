"""A colleague has the bot lead the person through a flow: who hears what, who is told, and how it ends."""

import asyncio
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app import cases, leading
from app.blocking import USUAL
from app.errors import Conflict, NotFound
from app.facts import facts_of
from app.leading import Wish
from app.models import AuditEntry, Case, CaseEvent, Contact, Conversation, Fact, Message, User
from tests.journeys.test_desk import do, kinds
from tests.journeys.test_first_contact import texts
from tests.journeys.test_handover import asks_for_a_human, reply, take
from tests.journeys.test_whatsapp_window import approve, nudge, person_on
from tests.phones import CLOUD, Phones, heard
from tests.providers.telegram.people import Person
from tests.providers.telegram.state import Sent
from tests.stage import Stage
from translations.phrases import phrase

PROMISES = [phrase(key, "bg") for key in ("handover.soon", "handover.unknown", "flow.stuck")]


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.staff("Ana")


@pytest.fixture
def person(stage: Stage) -> Person:
    return stage.telegram.person()


async def lead(stage: Stage, user: User, case_id: int, slug: str = "dismissal", **wish: Any) -> list[Sent]:
    conversation, before = await stage.conversation(), len(stage.sent())
    seen = wish.pop("seen", conversation.last_seq)
    await do(
        stage,
        leading.start,
        user,
        case_id,
        conversation_id=conversation.id,
        slug=slug,
        seen_seq=seen,
        wish=Wish(**wish),
    )
    await stage.work()
    return stage.sent()[before:]


async def taken(stage: Stage, person: Person, user: User) -> int:
    case_id = await asks_for_a_human(stage, person)
    await take(stage, user, case_id)
    return case_id


async def flow(stage: Stage) -> dict[str, Any]:
    return (await stage.conversation()).state.get("flow") or {}


async def the_case(stage: Stage) -> Case:
    (case,) = await stage.cases()
    return case


async def answered(stage: Stage) -> None:
    """Nobody waits, so that what makes the case wait is seen."""
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.update(Case).values(waiting_since=None))


async def test_the_bot_asks_and_the_case_stays_with_the_colleague(stage: Stage, person: Person, ana: User) -> None:
    case_id = await taken(stage, person, ana)
    (first,) = await lead(stage, ana, case_id)
    assert "Как Ви уволниха?" in first.text
    sent = await stage.after(person.presses(first, first.buttons[0][1]))
    assert "Кога получихте писмото?" in sent[-1].text
    case = await the_case(stage)
    assert (case.assignee_id, case.waiting_since, (await stage.conversation()).mode) == (ana.id, None, "human")
    assert (await flow(stage))["by"] == ana.id
    sent = await stage.says(person, "преди 19 дни")
    assert not any(promise in texts(sent) for promise in PROMISES)
    (case,) = await stage.cases()
    assert (case.urgency, case.assignee_id) == ("urgent", ana.id)
    assert isinstance(case.deadline, date)
    assert case.waiting_since is not None, "the flow is over: now it is Ana's turn"
    async with stage.hub.db.transaction() as session:
        assert (await facts_of(session, case.contact_id))["dismissal_form"] == "paper"
    assert (await kinds(stage))[-4:] == ["flow_started", "urgent", "flow_handed", "flow_done"]
    assert await flow(stage) == {}
    noted = await stage.rows(sa.select(AuditEntry.data).where(AuditEntry.data["event"].astext == "flow_started"))
    assert len(noted) == 1
    last = await stage.rows(sa.select(Message).order_by(Message.seq.desc()).limit(1))
    ended = await stage.rows(sa.select(CaseEvent).where(CaseEvent.kind == "flow_done"))
    assert ended[0].created_at > last[0].created_at, "below the last words"


async def test_what_is_not_the_flows_goes_to_the_colleague(stage: Stage, person: Person, ana: User) -> None:
    await lead(stage, ana, await taken(stage, person, ana))
    assert await stage.says(person, "а колко е минималната заплата на час") == []
    assert (await the_case(stage)).waiting_since is not None
    assert await flow(stage), "the question is still open"
    assert "Кога получихте писмото?" in (await stage.says(person, "1"))[-1].text
    await answered(stage)
    assert await stage.after(person.sends_voice(b"OggS")) == []
    assert (await the_case(stage)).waiting_since is not None


@pytest.mark.parametrize("word", ["0", "искам да говоря с човек", "меню"])
async def test_the_ways_out_lead_to_the_colleague(stage: Stage, person: Person, ana: User, word: str) -> None:
    await lead(stage, ana, await taken(stage, person, ana))
    assert await stage.says(person, word) == []
    assert (await kinds(stage))[-1] == "flow_left"
    assert (await the_case(stage)).waiting_since is not None
    assert await stage.says(person, "1") == [], "nobody asks any more"


async def test_danger_ends_it(stage: Stage, person: Person, ana: User) -> None:
    await lead(stage, ana, await taken(stage, person, ana))
    sent = await stage.says(person, "мъжът ми ме бие, страх ме е")
    assert phrase("danger.violence", "bg") in texts(sent)
    assert await flow(stage) == {}
    assert (await the_case(stage)).urgency == "urgent"
    assert "flow_left" in await kinds(stage)


async def test_who_cannot_answer_is_with_the_colleague_not_promised_one(
    stage: Stage, person: Person, ana: User
) -> None:
    case_id = await taken(stage, person, ana)
    await lead(stage, ana, case_id, "violence")
    sent: list[Sent] = []
    for _ in range(3):
        sent += await stage.says(person, "ъъъ")
    said = texts(sent)
    assert phrase("handover.safe", "bg") not in said
    assert len(await stage.cases()) == 1
    assert not await stage.rows(sa.select(Fact.key)), "of a discreet flow nothing is kept"
    started = await stage.rows(sa.select(CaseEvent.data).where(CaseEvent.kind == "flow_started"))
    assert started == [{}], "nor is it named"


async def test_a_colleagues_own_words_end_it(stage: Stage, person: Person, ana: User) -> None:
    case_id = await taken(stage, person, ana)
    await lead(stage, ana, case_id)
    await reply(stage, ana, case_id, "Аз питам по-нататък.")
    assert (await kinds(stage))[-1] == "flow_stopped"
    assert await stage.says(person, "1") == []


async def test_a_colleague_stops_it_and_only_once(stage: Stage, person: Person, ana: User) -> None:
    case_id = await taken(stage, person, ana)
    await lead(stage, ana, case_id)
    conversation = await stage.conversation()
    for _ in range(2):
        await do(stage, leading.stop_it, ana, case_id, conversation.id)
    assert (await kinds(stage)).count("flow_stopped") == 1
    assert await stage.says(person, "1") == []


async def test_what_stands_in_the_way(stage: Stage, person: Person, ana: User) -> None:
    case_id = await taken(stage, person, ana)
    seen = (await stage.conversation()).last_seq
    await stage.says(person, "и още нещо")
    with pytest.raises(Conflict) as refused:
        await lead(stage, ana, case_id, seen=seen)
    assert refused.value.detail["last_seq"] == (await stage.conversation()).last_seq
    for slug in ("menu", "nothing"):
        with pytest.raises(NotFound):
            await lead(stage, ana, case_id, slug)
    await lead(stage, ana, case_id)
    with pytest.raises(Conflict) as refused:
        await lead(stage, ana, case_id, "wage")
    assert refused.value.detail == {"running": "dismissal"}
    await lead(stage, ana, case_id, "wage", instead=True)
    assert (await flow(stage))["flow"] == "wage"
    assert (await kinds(stage))[-2:] == ["flow_stopped", "flow_started"]
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.update(Contact).values(blocked_until=stage.hub.now() + USUAL))
    with pytest.raises(Conflict):
        await lead(stage, ana, case_id, instead=True)
    await stage.says(person, "СТОП")
    with pytest.raises(Conflict):
        await lead(stage, ana, case_id, instead=True)


async def test_a_case_of_nobody_becomes_theirs_and_the_bots_own_flow_gives_way(
    stage: Stage, person: Person, ana: User
) -> None:
    case_id = await asks_for_a_human(stage, person)
    await lead(stage, ana, case_id)
    assert (await the_case(stage)).assignee_id == ana.id
    await do(stage, cases.release, ana, case_id)
    assert "Кога получихте писмото?" in (await stage.says(person, "1"))[-1].text, "goes on while they wait"


async def test_two_who_start_at_once_start_one(stage: Stage, person: Person, ana: User) -> None:
    case_id = await asks_for_a_human(stage, person)
    boris, conversation = await stage.staff("Boris"), await stage.conversation()
    values: dict[str, Any] = {"conversation_id": conversation.id, "seen_seq": conversation.last_seq, "wish": Wish()}
    both = [do(stage, leading.start, user, case_id, slug="dismissal", **values) for user in (ana, boris)]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in done if each is not None] == [Conflict]
    assert (await kinds(stage)).count("flow_started") == 1


async def test_a_look_sends_and_learns_nothing(stage: Stage, person: Person, ana: User) -> None:
    case_id = await taken(stage, person, ana)
    before = await stage.conversation()
    looked = await do(stage, leading.look, ana, case_id, before.id, "dismissal")
    assert "Как Ви уволниха?" in looked.said[-1]
    assert "Wie wurde Ihnen gekündigt?" in looked.german[-1]
    after = await stage.conversation()
    assert (after.state, after.mode, after.last_seq) == (before.state, before.mode, before.last_seq)
    assert await stage.rows(sa.select(CaseEvent).where(CaseEvent.kind == "flow_started")) == []


@pytest.fixture
async def colleague(phones: Phones) -> User:
    user = User(email="ana@example.org", name="Ana", role="streetworker", password_hash="!")
    async with phones.hub.db.transaction() as session:
        session.add(user)
    return user


async def test_a_closed_window_holds_the_question_and_what_opens_it_is_no_answer(
    phones: Phones, colleague: User
) -> None:
    await approve(phones, "bg")
    person = await person_on(phones, CLOUD, "шефът не ми плаща заплатата", "0")
    await phones.later(hours=25)
    before = len(heard(person))
    async with phones.hub.db.transaction() as session:
        (case,) = (await session.scalars(sa.select(Case))).all()
        conversation = await session.get_one(Conversation, case.conversation_id)
        await leading.start(
            phones.hub, session, colleague, case.id,
            conversation_id=conversation.id, slug="dismissal", seen_seq=conversation.last_seq, wish=Wish(),
        )  # fmt: skip
    await phones.run()
    assert heard(person)[before:] == [nudge(phones, "bg")]
    after = await phones.says(person, "1")
    assert len(after) == 1
    assert "Как Ви уволниха?" in after[0]
    assert "Кога получихте писмото?" in (await phones.says(person, "1"))[-1]
