"""Whoever says stop hears nothing more, in any language and by any road; whoever comes back is heard again."""

import pytest

from app import cases
from tests.journeys.test_first_contact import texts
from tests.journeys.test_handover import asks_for_a_human, reply, take
from tests.menu import menu_words
from tests.stage import Stage
from translations.phrases import phrase

STOPS = ["STOP", "стоп", "Спрете!", "не ми пишете повече", "opriți", "stop mesaje", "не пишіть мені", "відписатися",
         "abmelden", "unsubscribe", "отписаться", "остановить", "durdur", "stop please", "моля, спрете"]  # fmt: skip
STARTS = ["START", "старт", "започни", "începe", "почати", "starten", "начать", "başla", "/start"]
NO_STOPS = ["please stop the reminder", "моля спрете напомнянията за вторник", "nu mai pot opri apa in baie",
            "шефът спря да ми плаща", "зупинили виплати, що робити"]  # fmt: skip


@pytest.mark.parametrize("word", STOPS)
async def test_stop_is_obeyed_without_a_word(stage: Stage, word: str) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    assert await stage.says(person, word) == []
    assert (await stage.conversation()).mode == "stopped"
    assert await stage.says(person, "шефът не ми плаща", "меню", "0") == []
    assert await stage.cases() == []


@pytest.mark.parametrize("word", STARTS)
async def test_start_opens_the_conversation_again(stage: Stage, word: str) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте", "стоп")
    sent = await stage.says(person, word)
    assert texts(sent) == [phrase("start.again", "bg"), menu_words("bg")]
    assert (await stage.conversation()).mode == "bot"


@pytest.mark.parametrize("words", NO_STOPS)
async def test_a_sentence_with_stop_in_it_is_no_opt_out(stage: Stage, words: str) -> None:
    assert await stage.says(stage.telegram.person(), words)
    assert (await stage.conversation()).mode != "stopped"


async def test_stop_as_the_very_first_word_is_not_even_greeted(stage: Stage) -> None:
    assert await stage.says(stage.telegram.person(), "stop") == []
    assert (await stage.conversation()).mode == "stopped"


async def test_blocking_and_unblocking_the_bot(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    assert await stage.after(person.blocks_bot()) == []
    assert (await stage.conversation()).mode == "stopped"
    calls = len(stage.telegram.calls("sendMessage"))
    await stage.after(person.unblocks_bot())
    assert (await stage.conversation()).mode == "bot"
    assert len(stage.telegram.calls("sendMessage")) == calls
    sent = await stage.after(person.starts())
    assert texts(sent) == [menu_words("bg")]


async def test_unblocking_does_not_undo_a_stop(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте", "стоп")
    await stage.after(person.unblocks_bot())
    assert (await stage.conversation()).mode == "stopped"


async def test_a_block_that_only_the_send_finds_out(stage: Stage) -> None:
    person = stage.telegram.person()
    person.chat.state = "blocked"
    assert await stage.says(person, "шефът не ми плаща заплатата") == []
    conversation = await stage.conversation()
    assert (conversation.mode, conversation.state["stopped_by"]) == ("stopped", "blocked")
    out = [message.status for message in await stage.messages() if message.direction == "out"]
    assert out[0] == "failed"
    assert set(out[1:]) == {"cancelled"}
    assert len(stage.telegram.calls("sendMessage")) == 1
    assert await stage.cases() == []


async def test_who_writes_has_opened_the_chat_again(stage: Stage) -> None:
    """The news of unblocking may be missed; the person's own words can't be."""
    person = stage.telegram.person()
    person.chat.state = "blocked"
    await stage.says(person, "Здравейте")
    person.chat.state = "open"
    sent = await stage.says(person, "шефът не ми плаща заплатата")
    assert sent[-1].buttons
    assert (await stage.conversation()).mode == "bot"


async def test_staff_are_not_told_of_the_undeliverable_where_the_person_wants_nothing(stage: Stage) -> None:
    ana = await stage.staff()
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    person.chat.state = "blocked"
    assert await reply(stage, ana, case_id, "Здравейте!") == []
    events = [case.reason for case in await stage.cases()]
    assert events == ["asked"]
    assert (await stage.messages())[-1].error == "blocked"


async def test_coming_back_to_an_open_case_is_coming_back_to_the_human(stage: Stage) -> None:
    ana = await stage.staff()
    person = stage.telegram.person()
    case_id = await asks_for_a_human(stage, person)
    await take(stage, ana, case_id)
    await stage.says(person, "стоп")
    assert texts(await stage.says(person, "старт")) == [phrase("start.again", "bg")]
    assert (await stage.conversation()).mode == "human"
    assert await stage.says(person, "да, утре в 10") == []
    async with stage.hub.db.transaction() as session:
        await cases.close(stage.hub, session, ana, case_id)
    assert (await stage.conversation()).mode == "bot"


async def test_queued_messages_do_not_leave_after_a_stop(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    stage.telegram.goes_wrong(retry_after=3600)
    await stage.says(person, "меню")
    await stage.says(person, "стоп")
    stage.clock.moves(hours=2)
    async with stage.hub.db.transaction() as session:
        await stage.hub.waker.send(session, stage.channel.id, (await stage.conversation()).id)
    assert await stage.after() == []
    assert (await stage.messages())[-2].status == "cancelled"
