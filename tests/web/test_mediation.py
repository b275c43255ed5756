"""Language mediators: who sees what, one at a time, nothing lost, nothing sent to half of a conversation, and remembered."""

import asyncio
import html
from typing import Any

import pytest
import sqlalchemy as sa

from app import mediating, mediation, memory
from app.errors import HubError
from app.hub import Hub
from app.models import Case, CaseEvent, Conversation, Draft, Judgement, Mediation, Message, Reading, Setting, User
from app.risky import SECOND_READER
from tests.stage import Clock
from tests.web.cast import Talk, add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street

ANA = "ana@example.org"
GERMAN = "Der Chef muss bis 15.03.2027 zahlen. Bitte kommen Sie am Montag."
DRAFT = "Шефът до 15.03.2027 плати. Моля идвам понеделник."
GOOD = "Шефът трябва да плати до 15.03.2027. Моля, елате в понеделник."


@pytest.fixture
async def mila(hub: Hub, street: Street) -> User:
    async with hub.db.transaction() as session:
        mila = await add_user(session, "Mila Mediator", "mediator")
        mila.speaks = ["bg", "uk"]
        return mila


async def rows(hub: Hub, model: Any, *where: Any) -> list[Any]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(model).where(*where).order_by(model.id)))


async def ask(hub: Hub, street: Street, *, german: str = GERMAN, draft: str = DRAFT, language: str = "bg") -> Mediation:
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, street.wages.conversation_id)
        return await mediation.ask(
            hub, session, street.ana, street.wages.id,
            conversation_id=conversation.id, german=german, draft=draft, language=language,
            seen_seq=conversation.last_seq,
        )  # fmt: skip


async def person_writes(hub: Hub, case: Case, text: str = "Вече не е нужно!") -> Message:
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, case.conversation_id)
        return await Talk(session, conversation, hub.now()).says(text, after=0)


async def sent(hub: Hub, text: str) -> list[Message]:
    return await rows(hub, Message, Message.text == text)


async def test_corrected_released_and_remembered(hub: Hub, browse: NewBrowser, street: Street, mila: User) -> None:
    row = await ask(hub, street)
    assert await sent(hub, DRAFT) == []
    ana, mediator = await browse(ANA), await browse(mila.email)
    page = html.unescape((await ana.get(f"/inbox/{street.wages.id}")).text)
    assert "Next in the queue for Bulgarian, since" in page
    queue = (await mediator.get("/mediation")).text
    assert "Der Chef muss bis" in queue
    assert (await mediator.get(f"/mediation/{row.id}")).status_code == 409, "take it first"
    assert (await mediator.post(f"/mediation/{row.id}/take")).status_code == 303
    assert "With Mila Mediator since" in (await ana.get(f"/inbox/{street.wages.id}")).text
    work = html.unescape((await mediator.get(f"/mediation/{row.id}")).text)
    assert "Да, ще дойда. Да взема ли и паспорта?" in work
    for secret in ("Gelbe Lerche", "shefat ne mi plati", "No signature", "weissenfels", "100200300"):
        assert secret not in work + queue, secret
    other = await mediator.post(f"/mediation/{row.id}/release", {"text": GOOD.replace("15.03", "16.03")})
    assert other.status_code == 422
    assert "15.03.2027 · 16.03.2027" in other.text or "15032027 · 16032027" in other.text
    assert await sent(hub, GOOD) == []
    assert (await mediator.post(f"/mediation/{row.id}/release", {"text": GOOD})).status_code == 303
    (message,) = await sent(hub, GOOD)
    assert message.user_id == street.ana.id, "in the asker's name"
    (reading,) = await rows(hub, Reading, Reading.message_id == message.id)
    assert (reading.text, reading.origin, reading.user_id) == (GERMAN, "written", street.ana.id)
    async with hub.db.transaction() as session:
        found = await memory.remembered(session, "de", "bg", "Der Chef muss bis 1.4.2027 zahlen.")
    assert found is not None
    assert (found.text, found.likeness) == ("Шефът трябва да плати до 1.4.2027.", 1.0)
    (judged,) = await rows(hub, Judgement)
    assert 0 < judged.distance < 1
    assert (await mediator.post(f"/mediation/{row.id}/release", {"text": GOOD})).status_code == 409
    assert len(await sent(hub, GOOD)) == 1


async def test_who_wrote_meanwhile_is_answered_by_nobody_unread(
    hub: Hub, browse: NewBrowser, street: Street, mila: User
) -> None:
    row = await ask(hub, street)
    ana, mediator = await browse(ANA), await browse(mila.email)
    await mediator.get("/mediation")
    await mediator.post(f"/mediation/{row.id}/take")
    await person_writes(hub, street.wages)
    assert "The person has written meanwhile" in (await mediator.get(f"/mediation/{row.id}")).text
    answer = await mediator.post(f"/mediation/{row.id}/release", {"text": GOOD})
    assert answer.headers["location"] == "/mediation?done=moved"
    assert await sent(hub, GOOD) == []
    page = html.unescape((await ana.get(f"/inbox/{street.wages.id}")).text)
    assert "but meanwhile the conversation went on" in page
    assert GOOD in page
    async with hub.db.transaction() as session:
        seen = (await session.get_one(Conversation, street.wages.conversation_id)).last_seq
    path = f"/inbox/{street.wages.id}/mediations/{row.id}"
    assert (await ana.post(f"{path}/send", {"seen": str(seen - 1)})).status_code == 409
    assert (await ana.post(f"{path}/send", {"seen": str(seen)})).status_code == 303
    assert len(await sent(hub, GOOD)) == 1
    assert (await ana.post(f"{path}/send", {"seen": str(seen + 1)})).status_code == 409


async def test_sent_back_with_a_note_and_taken_back(hub: Hub, browse: NewBrowser, street: Street, mila: User) -> None:
    row = await ask(hub, street)
    ana, mediator = await browse(ANA), await browse(mila.email)
    assert (await mediator.post(f"/mediation/{row.id}/return", {"note": " "})).status_code == 422
    assert (await mediator.post(f"/mediation/{row.id}/return", {"note": "Which Monday?"})).status_code == 303
    page = html.unescape((await ana.get(f"/inbox/{street.wages.id}")).text)
    assert "Mila Mediator sends this back:" in page
    assert "Which Monday?" in page
    await ana.post(f"/inbox/{street.wages.id}/mediations/{row.id}/withdraw")
    (draft,) = await rows(hub, Draft)
    assert (draft.user_id, draft.text) == (street.ana.id, GERMAN)
    kinds = [event.kind for event in await rows(hub, CaseEvent, CaseEvent.kind.startswith("check_"))]
    assert kinds == ["check_asked", "check_returned", "check_withdrawn"]


async def test_one_at_a_time_for_a_quarter_of_an_hour(hub: Hub, street: Street, mila: User) -> None:
    row = await ask(hub, street)
    clock = Clock(hub.now())
    object.__setattr__(hub, "now", clock)

    async def step(work: Any, *arguments: Any, **values: Any) -> str:
        async with hub.db.transaction() as session:
            try:
                await work(hub, session, *arguments, row.id, **values)
            except HubError as error:
                return error.message
        return ""

    both = await asyncio.gather(step(mediating.take, mila), step(mediating.take, street.boris))
    assert sorted(both) == ["", "{name} is checking this right now."]
    first, second = (mila, street.boris) if both[0] == "" else (street.boris, mila)
    assert await step(mediating.release, second, text=GOOD) == "{name} is checking this right now."
    clock.moves(minutes=16)
    assert await step(mediating.take, second) == ""
    assert await step(mediating.release, first, text=GOOD) == "{name} is checking this right now."
    results = await asyncio.gather(
        step(mediating.release, second, text=GOOD), step(mediating.release, second, text=GOOD)
    )
    assert sorted(bool(each) for each in results) == [False, True]
    assert len(await sent(hub, GOOD)) == 1


async def test_only_ones_own_languages_and_never_ones_own_words(
    hub: Hub, browse: NewBrowser, street: Street, mila: User
) -> None:
    row = await ask(hub, street, language="ro", german="Guten Tag!", draft="")
    mediator, boris = await browse(mila.email), await browse("boris@example.org")
    assert "Guten Tag!" not in (await mediator.get("/mediation")).text
    assert (await mediator.post(f"/mediation/{row.id}/take")).status_code == 404
    assert "Guten Tag!" in (await boris.get("/mediation")).text
    assert (await boris.post(f"/mediation/{row.id}/take")).status_code == 303
    assert "The machine has no words for this" in (await boris.get(f"/mediation/{row.id}")).text
    async with hub.db.transaction() as session:
        (await session.get_one(Mediation, row.id)).user_id = street.boris.id
    assert (await boris.post(f"/mediation/{row.id}/release", {"text": "Bună ziua!"})).status_code == 403
    assert (await (await browse(ANA)).get("/mediation")).status_code == 403
    home = await mediator.get("/")
    assert home.headers["location"] == "/mediation"
    assert (await mediator.get("/inbox")).status_code == 403


async def test_the_german_of_what_a_person_wrote(hub: Hub, browse: NewBrowser, street: Street, mila: User) -> None:
    first = (await rows(hub, Message, Message.conversation_id == street.wages.conversation_id))[0]
    ana, mediator = await browse(ANA), await browse(mila.email)
    assert "Have the German checked" in (await ana.get(f"/inbox/{street.wages.id}")).text
    path = f"/inbox/{street.wages.id}/messages/{first.id}/check"
    answers = await asyncio.gather(ana.post(path), ana.post(path))
    assert [answer.status_code for answer in answers] == [303, 303]
    (row,) = await rows(hub, Mediation)
    await mediator.get("/mediation")
    await mediator.post(f"/mediation/{row.id}/take")
    work = (await mediator.get(f"/mediation/{row.id}")).text
    assert "shefat ne mi plati zaplatata" in work
    async with hub.db.transaction() as session:
        message = await session.get_one(Message, first.id)
        message.edits = [{"text": message.text, "at": ""}]
    german = "Guten Tag, der Chef zahlt mir schon 2 Monate keinen Lohn"
    assert (await mediator.post(f"/mediation/{row.id}/release", {"text": german, "edits": "0"})).status_code == 409
    assert (await mediator.post(f"/mediation/{row.id}/release", {"text": german, "edits": "1"})).status_code == 303
    (reading,) = await rows(hub, Reading)
    assert (reading.text, reading.origin, reading.edits, reading.user_id) == (german, "checked", 1, mila.id)
    async with hub.db.transaction() as session:
        found = await memory.remembered(session, "bg", "de", first.text or "")
    assert found is not None
    assert found.text == german


async def test_a_case_that_is_closed_gives_the_words_back(
    hub: Hub, browse: NewBrowser, street: Street, mila: User
) -> None:
    row = await ask(hub, street)
    ana, mediator = await browse(ANA), await browse(mila.email)
    await ana.get(f"/inbox/{street.wages.id}")
    await ana.post(f"/inbox/{street.wages.id}/close", {"outcome": "solved"})
    assert (await rows(hub, Mediation))[0].status == "withdrawn"
    assert [draft.text for draft in await rows(hub, Draft)] == [GERMAN]
    await mediator.get("/mediation")
    late = await mediator.post(f"/mediation/{row.id}/release", {"text": GOOD})
    assert late.status_code == 409
    assert GOOD in late.text, "what was written can be copied"


async def test_a_risky_topic_goes_on_to_the_second_reader(hub: Hub, street: Street, mila: User) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=SECOND_READER, value={"topics": ["work.wage_unpaid"], "hours": 2}))
    row = await ask(hub, street)
    async with hub.db.transaction() as session:
        released = await mediating.release(hub, session, mila, row.id, text=GOOD)
    assert (released.status, released.problem) == ("done", None)
    assert await sent(hub, GOOD) == []
    events = [event.kind for event in await rows(hub, CaseEvent, CaseEvent.case_id == street.wages.id)]
    assert "read_asked" in events


async def test_urgent_ones_first_and_how_many_are_before(hub: Hub, street: Street, mila: User) -> None:
    first = await ask(hub, street)
    second = await ask(hub, street, german="Zweite.", draft="")
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, street.urgent.conversation_id)
        urgent = await mediation.ask(
            hub, session, street.boris, street.urgent.id, conversation_id=conversation.id, german="Sofort!", draft="",
            language="bg", seen_seq=conversation.last_seq,
        )  # fmt: skip
    async with hub.db.transaction() as session:
        assert [one.row.id for one in await mediating.queue(hub, session, mila)] == [urgent.id, first.id, second.id]
        assert [one.before for one in await mediation.of_case(session, street.wages.id)] == [1, 2]
        assert [one.before for one in await mediation.of_case(session, street.urgent.id)] == [0]
