"""STOP by SMS, told by Twilio or only by the word: recorded, not answered, and nothing is sent any more."""

import pytest

from channels.base import Outbound
from channels.sms_text import for_sms
from tests.phones import Phones
from translations.phrases import phrase

STOPS = ["STOP", " stop ", "StopAll", "UNSUBSCRIBE", "Cancel", "END", "quit", "REVOKE", "optout"]
STARTS = ["START", "unstop"]
SENTENCES = [
    "please stop the reminder",
    "моля спрете напомнянията",
    "nu mai pot opri apa in baie",
    "STOP PLEASE HELP ME",
]


async def creates(phones: Phones) -> int:
    return len(phones.twilio.calls("/Messages.json", "POST"))


@pytest.mark.parametrize("advanced", [True, False], ids=["OptOutType", "the word alone"])
@pytest.mark.parametrize("word", STOPS)
async def test_stop(phones: Phones, word: str, advanced: bool) -> None:
    phones.twilio.state.advanced_opt_out = advanced
    person = phones.twilio.person()
    await phones.says(person, "menu")
    before = await creates(phones)
    assert await phones.says(person, word) == []
    conversation = await phones.conversation()
    assert (conversation.mode, conversation.state["stopped_by"]) == ("stopped", "asked")
    assert await phones.says(person, "shefa ne mi plashta zaplatata", "0") == []
    (words,) = await phones.writes_back(Outbound("Здравейте"))
    assert words.status == "cancelled"
    assert await creates(phones) == before, "Twilio was not even asked"
    assert await phones.cases() == []


@pytest.mark.parametrize("word", STARTS)
async def test_start_that_only_the_word_tells(phones: Phones, word: str) -> None:
    person = phones.twilio.person()
    await phones.says(person, "Zdraveyte", "STOP")
    assert (await phones.says(person, word))[0] == for_sms(phrase("start.again", "bg"), "bg", "Latn")
    assert (await phones.conversation()).mode == "bot"


async def test_start_that_twilio_has_answered_is_not_answered_twice(phones: Phones) -> None:
    phones.twilio.state.advanced_opt_out = True
    person = phones.twilio.person()
    assert await phones.says(person, "menu", "STOP", "START") != []
    assert (await phones.conversation()).mode == "bot"
    before = await creates(phones)
    assert await phones.says(person, "START") == []
    assert await creates(phones) == before
    assert await phones.says(person, "menu") != []


async def test_help_changes_nothing(phones: Phones) -> None:
    phones.twilio.state.advanced_opt_out = True
    person = phones.twilio.person()
    await phones.says(person, "menu")
    assert await phones.says(person, "HELP", "info") == [], "Twilio has answered"
    assert (await phones.conversation()).mode == "bot"
    await phones.says(person, "STOP")
    assert await phones.says(person, "HELP") == []
    assert (await phones.conversation()).mode == "stopped"


async def test_the_provider_s_word_counts_and_not_the_body(phones: Phones) -> None:
    """With Advanced Opt-Out the words are the customer's own, in any language."""
    person = phones.twilio.person()
    await phones.says(person, "menu")
    assert (await person.writes("Край моля", OptOutType="STOP")).accepted
    await phones.run()
    assert (await phones.conversation()).mode == "stopped"
    assert (await person.writes("хайде пак", OptOutType="START")).accepted
    await phones.run()
    assert (await phones.conversation()).mode == "bot"


@pytest.mark.parametrize("words", SENTENCES)
async def test_a_sentence_with_stop_in_it_is_no_opt_out(phones: Phones, words: str) -> None:
    person = phones.twilio.person()
    assert await phones.says(person, "menu", words)
    assert (await phones.conversation()).mode != "stopped"


async def test_a_stop_that_only_the_send_finds_out(phones: Phones) -> None:
    """21610: Twilio knows of a STOP that never reached us."""
    person = phones.twilio.person()
    person.mobile.stopped = True
    assert await phones.says(person, "shefa ne mi plashta zaplatata ot 2 meseca") == []
    conversation = await phones.conversation()
    assert (conversation.mode, conversation.state["stopped_by"]) == ("stopped", "blocked")
    first, *rest = await phones.out()
    assert (first.status, first.error, first.error_detail) == ("failed", "blocked", "21610")
    assert {message.status for message in rest} == {"cancelled"}
    assert await creates(phones) == 1
    assert await phones.cases() == []
    assert await phones.says(person, "START"), "Twilio has opened the road again, and so do we"


async def test_a_stop_that_comes_as_a_failed_status(phones: Phones) -> None:
    person = phones.twilio.person()
    phones.twilio.news = ()
    await phones.says(person, "menu")
    await phones.twilio.report(person.sent()[-1], "failed", 21610)
    await phones.run()
    assert (await phones.conversation()).mode == "stopped"
    (words,) = await phones.writes_back(Outbound("Здравейте"))
    assert words.status == "cancelled"


async def test_words_that_only_sound_like_stop_are_asked_about(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "menu")
    (asked,) = await phones.says(person, "не искам повече да получавам съобщения от вас")
    assert asked.startswith(phrase("stop.ask", "bg"))
    assert (await phones.conversation()).mode == "bot"
    assert await phones.says(person, "да") == []
    assert (await phones.conversation()).mode == "stopped"
