"""Messages leave once, in order, within the rate; what can't be known is said to be uncertain."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import outbox
from app.models import Conversation, Message
from app.pace import pause_before
from channels.base import Button, MediaFile, Outbound
from tests.stage import Stage, heed_rates

LONG = ("Дума по дума. " * 700).strip()


@pytest.fixture
async def talk(stage: Stage) -> Conversation:
    """A conversation in which nothing waits to be sent."""
    await stage.says(stage.telegram.person(), "стоп", "старт")
    stage.telegram.state.chats[5_000_000_001].sent.clear()
    stage.telegram.state.calls.clear()
    return await stage.conversation()


async def queue(stage: Stage, *messages: Outbound, conversation: Conversation | None = None) -> list[int]:
    async with stage.hub.db.transaction() as session:
        talk = await session.merge(conversation or await stage.conversation())
        return [row.id for row in await outbox.queue(stage.hub, session, talk, messages, author="staff")]


async def out(stage: Stage) -> list[Message]:
    return await stage.messages(Message.author == "staff")


def texts(stage: Stage) -> list[str]:
    return [sent.text for sent in stage.sent()]


async def tick(stage: Stage, **by: float) -> None:
    """Later: what was put off may be tried again."""
    stage.clock.moves(**by)
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text("update procrastinate_jobs set scheduled_at = null"))
    await stage.run()


async def test_in_order_with_buttons_reply_and_files(stage: Stage, talk: Conversation) -> None:
    person = stage.telegram.person()
    written = await person.writes("?")
    await stage.run()
    await queue(stage, Outbound("едно", reply_to=f"{person.id}:{written.message['message_id']}"), Outbound("две"))
    await queue(stage, Outbound("три", buttons=(Button("menu", "Меню"),)))
    await queue(stage, Outbound("виж", media=MediaFile(b"%PDF-1.7", "application/pdf", "plan.pdf")))
    await stage.run()
    assert texts(stage)[-4:] == ["едно", "две", "три", "виж"]
    first, _, third, fourth = stage.sent()[-4:]
    assert first.reply_to == written.message["message_id"]
    assert third.buttons == (("Меню", "menu"),)
    assert (fourth.file, fourth.file_name) == (b"%PDF-1.7", "plan.pdf")
    assert {message.status for message in await out(stage)} == {"sent"}


async def test_a_long_text_is_cut_and_keeps_its_order(stage: Stage, talk: Conversation) -> None:
    await queue(stage, Outbound(LONG, buttons=(Button("menu", "Меню"),)), Outbound("край"))
    await stage.run()
    assert len(texts(stage)) == 4
    assert " ".join(texts(stage)[:3]) == LONG
    assert [bool(sent.buttons) for sent in stage.sent()] == [False, False, True, False]


async def test_429_waits_as_long_as_told_and_holds_up_nobody_else(stage: Stage, talk: Conversation) -> None:
    other = stage.telegram.person(6_001)
    stage.telegram.goes_wrong(chat_id=5_000_000_001, retry_after=30)
    await queue(stage, Outbound("едно"), Outbound("две"))
    await stage.says(other, "Здравейте")
    waiting = (await out(stage))[0]
    assert (waiting.status, waiting.error) == ("queued", "rate_limited")
    assert waiting.next_try_at == stage.clock.now + timedelta(seconds=30)
    assert stage.telegram.sent_to(6_001), "the other conversation went on"
    await tick(stage, seconds=29)
    assert stage.telegram.sent_to(5_000_000_001) == []
    await tick(stage, seconds=2)
    assert [sent.text for sent in stage.telegram.sent_to(5_000_000_001)] == ["едно", "две"]


async def test_what_may_have_arrived_is_uncertain_not_repeated_and_shown_to_staff(
    stage: Stage, talk: Conversation
) -> None:
    stage.telegram.goes_wrong(status=502, json=False, accept=True)
    await queue(stage, Outbound("едно"), Outbound("две"))
    await stage.run()
    assert texts(stage) == ["едно", "две"], "once each"
    assert [message.status for message in await out(stage)] == ["uncertain", "sent"]
    assert [case.reason for case in await stage.cases()] == ["delivery_uncertain"]
    await tick(stage, hours=1)
    assert texts(stage) == ["едно", "две"]


async def test_an_answer_that_is_not_telegram_s_is_uncertain(stage: Stage, talk: Conversation) -> None:
    stage.telegram.goes_wrong(garbage=True)
    await queue(stage, Outbound("едно"))
    await stage.run()
    assert [message.status for message in await out(stage)] == ["uncertain"]


async def test_an_unreachable_provider_is_tried_again_with_growing_pauses(stage: Stage, talk: Conversation) -> None:
    stage.telegram.goes_wrong(status=503, times=3)
    await queue(stage, Outbound("едно"))
    await stage.run()
    pauses = []
    for _ in range(3):
        (message,) = await out(stage)
        assert message.next_try_at is not None
        pauses.append((message.next_try_at - stage.clock.now).total_seconds())
        await tick(stage, seconds=pauses[-1] + 0.1)
    assert pauses == pytest.approx([2.0, 4.0, 8.0])
    assert texts(stage) == ["едно"]
    assert await stage.cases() == []


async def test_after_a_day_of_trying_a_human_decides(stage: Stage, talk: Conversation) -> None:
    stage.telegram.goes_wrong(status=503, times=2)
    await queue(stage, Outbound("едно"))
    await stage.run()
    await tick(stage, hours=25)
    assert [message.status for message in await out(stage)] == ["failed"]
    assert [case.reason for case in await stage.cases()] == ["delivery_failed"]


async def test_a_refused_part_stops_the_rest_of_its_answer_and_nothing_else(stage: Stage, talk: Conversation) -> None:
    stage.telegram.goes_wrong(status=400, description="Bad Request: can't parse entities")
    await queue(stage, Outbound("едно"), Outbound("две"), Outbound("три"))
    await queue(stage, Outbound("друго"))
    await stage.run()
    assert texts(stage) == ["друго"]
    assert [message.status for message in await out(stage)] == ["failed", "cancelled", "cancelled", "sent"]
    assert [case.reason for case in await stage.cases()] == ["delivery_failed"]


async def test_a_row_that_a_dead_sender_left_is_uncertain(stage: Stage, talk: Conversation) -> None:
    await queue(stage, Outbound("едно"), Outbound("две"))
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.update(Message).where(Message.text == "едно").values(status="sending"))
    await stage.run()
    assert texts(stage) == ["две"]
    first, second = await out(stage)
    assert (first.status, first.error_detail, second.status) == ("uncertain", "sender_died", "sent")
    assert [case.reason for case in await stage.cases()] == ["delivery_uncertain"]


async def test_a_wrong_token_holds_messages_until_an_admin_repaired_it(stage: Stage, talk: Conversation) -> None:
    right, stage.telegram.state.token = stage.telegram.state.token, "1:another"
    await queue(stage, Outbound("едно"))
    await stage.work()
    (message,) = await out(stage)
    assert (message.status, message.error) == ("queued", "credentials")
    stage.telegram.state.token = right
    await tick(stage, seconds=10)
    assert texts(stage) == ["едно"]


async def test_a_chat_that_moved_is_followed_once(stage: Stage, talk: Conversation) -> None:
    chat = stage.telegram.state.chats[5_000_000_001]
    stage.telegram.person(5_000_000_002)
    chat.migrated_to = 5_000_000_002
    await queue(stage, Outbound("едно"))
    await stage.run()
    assert [sent.text for sent in stage.telegram.sent_to(5_000_000_002)] == ["едно"]


async def test_a_chat_that_moved_to_where_another_conversation_is_does_not_go_in_circles(
    stage: Stage, talk: Conversation
) -> None:
    await stage.says(stage.telegram.person(5_000_000_002), "Здравейте")
    stage.telegram.state.chats[5_000_000_001].migrated_to = 5_000_000_002
    stage.telegram.state.calls.clear()
    async with asyncio.timeout(20):
        await queue(stage, Outbound("едно"), conversation=talk)
        await stage.run()
    assert len(stage.telegram.calls("sendMessage")) == 1
    assert [message.status for message in await out(stage)] == ["failed"]


async def test_erased_while_being_sent_is_no_error(stage: Stage, talk: Conversation) -> None:
    fault = stage.telegram.goes_wrong(hang=True)
    await queue(stage, Outbound("едно"))
    sending = asyncio.create_task(outbox.drain(stage.hub, talk.id))
    while fault in stage.telegram.state.faults:
        await asyncio.sleep(0.01)
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text("delete from contacts"))
    stage.telegram.state.closing.set()
    await sending


async def test_two_workers_share_one_rate(stage: Stage) -> None:
    """25 a second after a burst of 25, and one a second to one person after a burst of four: by the database's clock."""
    await heed_rates(stage.hub)

    async def pause(address_id: int) -> float:
        async with stage.hub.db.transaction() as session:
            return await pause_before(session, stage.channel, address_id)

    one_person = await asyncio.gather(*(pause(9_999) for _ in range(8)))
    assert [seconds > 0 for seconds in sorted(one_person)].count(False) == 4
    assert max(one_person) > 1.5
    people = await asyncio.gather(*(pause(10_000 + number) for number in range(60)))
    paused = [seconds for seconds in people if seconds > 0]
    assert len(paused) >= 60 - 25 - 10, "8 turns are gone, and some grow back meanwhile"
    assert max(people) < 3


async def test_nothing_is_sent_on_a_removed_channel_and_staff_know(stage: Stage, talk: Conversation) -> None:
    await queue(stage, Outbound("едно"))
    async with stage.hub.db.transaction() as session:
        await session.execute(sa.text("update channels set active = false"))
    await stage.hub.registry.load()
    await stage.work()
    assert [(message.status, message.error_detail) for message in await out(stage)] == [("failed", "channel_removed")]
    assert [case.reason for case in await stage.cases()] == ["delivery_failed"]


async def test_a_worker_that_is_told_to_stop_leaves_no_lie(stage: Stage, talk: Conversation) -> None:
    fault = stage.telegram.goes_wrong(hang=True)
    await queue(stage, Outbound("едно"))
    sending = asyncio.create_task(outbox.drain(stage.hub, talk.id))
    while fault in stage.telegram.state.faults:
        await asyncio.sleep(0.01)
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending
    stage.telegram.state.closing.set()
    await stage.run()
    assert [message.status for message in await out(stage)] == ["uncertain"]
