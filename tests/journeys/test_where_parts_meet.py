"""Where two parts of the desk meet: calls for help, second readers, blocks, jobs, the bot's questions."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import blocking, bulk, cases, closing, corrections, escalating, handing, later, resending, returning
from app.bulk import Deed
from app.models import Alert, Conversation, Message, PendingReply, ScheduledReply, Setting, Team, TeamMember, User
from app.piecework import each_alone
from tests.journeys.test_danger import VIOLENCE
from tests.journeys.test_desk import do, schedule
from tests.journeys.test_duty import shift
from tests.journeys.test_first_contact import texts
from tests.journeys.test_handover import asks_for_a_human, reply, take
from tests.stage import Stage
from translations.phrases import phrase

STAFF_CHAT = -100_777


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.staff("Ana")


async def with_staff_chat(stage: Stage) -> None:
    stage.telegram.group(STAFF_CHAT, "Dienst")
    async with stage.hub.db.transaction() as session:
        session.add(Setting(key=cases.STAFF_CHAT, value={"channel": "hilfe", "chat_id": str(STAFF_CHAT)}))


async def steps(stage: Stage) -> list[int]:
    return await stage.rows(sa.select(Alert.step).order_by(Alert.id))


async def test_what_a_colleague_calls_urgent_is_called_out_while_nobody_has_it(stage: Stage, ana: User) -> None:
    await with_staff_chat(stage)
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await do(stage, corrections.set_urgency, ana, case_id, urgent=True, reason="small children")
    stage.clock.moves(minutes=6)
    assert await escalating.widen_due(stage.hub) == 1
    assert await steps(stage) == [1]


async def test_a_deadline_that_a_colleague_sets_is_called_out_too(stage: Stage, ana: User) -> None:
    await with_staff_chat(stage)
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    today = stage.clock.now.date()
    day = today + timedelta(days=2)
    await do(stage, corrections.set_deadline, ana, case_id, day=day, seen=None, today=today)
    stage.clock.moves(minutes=6)
    assert await escalating.widen_due(stage.hub) == 1


async def test_given_to_a_team_the_call_begins_anew(stage: Stage, ana: User) -> None:
    await with_staff_chat(stage)
    await stage.says(stage.telegram.person(), VIOLENCE["bg"])
    (case,) = await stage.cases()
    await take(stage, ana, case.id)
    stage.clock.moves(hours=3)
    async with stage.hub.db.transaction() as session:
        team = Team(slug="mitte", name="Mitte")
        session.add(team)
        await session.flush()
        session.add(TeamMember(team_id=team.id, user_id=ana.id))
    await do(stage, handing.assign_team, ana, case.id, team_id=team.id, seen_assignee_id=ana.id)
    assert await escalating.widen_due(stage.hub) == 0
    stage.clock.moves(minutes=6)
    assert await escalating.widen_due(stage.hub) == 1
    assert await steps(stage) == [0, 1]


async def test_who_is_blocked_and_in_danger_again_is_called_out(stage: Stage, ana: User) -> None:
    """Also for the danger that was known before the block, and further, while nobody takes it."""
    await with_staff_chat(stage)
    kim = await stage.staff("Kim", "coordinator")
    person = stage.telegram.person()
    await stage.says(person, VIOLENCE["bg"])
    (case,) = await stage.cases()
    day = stage.clock.now.date() + timedelta(days=3)
    await do(stage, blocking.block, kim, case.id, last_day=day, reason="threats")
    stage.clock.moves(hours=1)
    assert await escalating.widen_due(stage.hub) == 0, "nobody waits"
    await stage.says(person, VIOLENCE["bg"])
    assert await steps(stage) == [0, 0]
    await stage.says(person, VIOLENCE["bg"])
    assert await steps(stage) == [0, 0], "while this call is out it is the same one"
    stage.clock.moves(minutes=6)
    assert await escalating.widen_due(stage.hub) == 1


async def test_a_blocked_person_is_not_asked_whether_it_helped(stage: Stage) -> None:
    kim = await stage.staff("Kim", "coordinator")
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    day = stage.clock.now.date() + timedelta(days=3)
    await do(stage, blocking.block, kim, case_id, last_day=day, reason="threats")
    await do(stage, closing.close, kim, case_id, outcome="other", ask=True)
    assert [m for m in await stage.messages() if m.payload.get("asks")] == []


async def waits_for_a_reader(stage: Stage, user: User, case_id: int) -> None:
    (case,) = await stage.cases()
    async with stage.hub.db.transaction() as session:
        until = stage.clock.now + timedelta(hours=2)
        session.add(
            PendingReply(
                case_id=case_id,
                conversation_id=case.conversation_id,
                user_id=user.id,
                text="Елате утре.",
                seen_seq=99,
                decide_by=until,
            )
        )


async def test_an_answer_that_waits_for_a_reader_keeps_its_case_until_its_time(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await shift(stage, ana, hours=-2)
    await take(stage, ana, case_id)
    await waits_for_a_reader(stage, ana, case_id)
    stage.clock.moves(hours=1)
    assert await returning.return_due(stage.hub) == 0
    stage.clock.moves(hours=2)
    assert await returning.return_due(stage.hub) == 1


async def test_many_are_not_closed_over_an_answer_that_waits_for_a_reader(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    await waits_for_a_reader(stage, ana, case_id)
    found = await bulk.apply(stage.hub, ana, {case_id: None}, Deed("close", outcome="solved"))
    assert (found.done, len(found.refused)) == (0, 1)
    assert (await stage.cases())[0].status == "open"


async def test_a_reply_that_cannot_be_sent_comes_back_and_holds_up_no_other(stage: Stage, ana: User) -> None:
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    empty = await schedule(stage, ana, case_id, "Първо", hours=1)
    await schedule(stage, ana, case_id, "Второ", hours=1)
    async with stage.hub.db.transaction() as session:
        (await session.get_one(ScheduledReply, empty.id)).text = " "  # nothing to send
    stage.clock.moves(hours=2)
    assert await later.send_due(stage.hub) == 2
    assert [m.text for m in await stage.messages(Message.author == "staff")] == ["Второ"]
    assert await stage.rows(sa.select(ScheduledReply.status).order_by(ScheduledReply.id)) == ["returned", "sent"]


async def test_what_fails_at_one_case_holds_up_no_other(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async def work(session: AsyncSession, number: int) -> bool:
        await session.execute(sa.insert(Setting).values(key=f"of {number}", value={}))
        return number / (number - 2) > 0

    assert await each_alone(stage.hub.db, "case", [1, 2, 3], work) == 1
    assert await stage.rows(sa.select(Setting.key).where(Setting.key.startswith("of "))) == ["of 1", "of 3"]
    assert "failed at 2" in caplog.text


async def test_after_a_colleagues_words_a_yes_deletes_nothing(stage: Stage, ana: User) -> None:
    """Also where they only sent a failed message once more."""
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await reply(stage, ana, case_id, "Елате в понеделник?")
    async with stage.hub.db.transaction() as session:
        failed = (await session.scalars(sa.select(Message).where(Message.author == "staff"))).one()
        failed.status = "failed"
    await stage.says(person, "изтрийте данните ми")
    await do(stage, resending.send_again, ana, case_id, failed.id)
    assert phrase("delete.done", "bg") not in texts(await stage.says(person, "да"))
    assert len(await stage.rows(sa.select(Conversation))) == 1
