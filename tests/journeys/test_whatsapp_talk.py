"""WhatsApp on both roads, Twilio's and Meta's own: the same words, the same numbers, whatever can be pressed."""

import pytest
import sqlalchemy as sa

from app.models import Media, Message
from channels.base import MediaFile, Outbound
from tests.menu import ACTIONS, HOME
from tests.phones import CLOUD, WHATSAPP, Person, Phones, heard
from translations.phrases import phrase

ROADS = (WHATSAPP, CLOUD)
WRITERS = [
    ("bg", "shefa ne mi plashta zaplatata ot 2 meseca"),
    ("ro", "seful nu mi a platit salariul de 2 luni"),
    ("uk", "шеф не платить зарплату вже два місяці"),
]
TOPIC = "work.wage_unpaid"
PDF = b"%PDF-1.7 " + b"letter" * 300


def person_on(phones: Phones, road: str) -> Person:
    return phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=True)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(("language", "words"), WRITERS)
async def test_from_the_first_question_to_a_human(phones: Phones, road: str, language: str, words: str) -> None:
    person = person_on(phones, road)
    sent = await phones.says(person, words)
    assert sent[0] == phrase("greeting", language)
    if sent[-1].startswith(phrase("offer", language)):
        sent = [sent[0], *await phones.says(person, "1")]
    said = phones.hub.shelf.library.say(TOPIC, language, "", phones.clock.now.date())
    assert tuple(sent[1 : 1 + len(said.messages)]) == said.messages
    assert (await phones.says(person, "0"))[0].startswith(phrase("handover.unknown", language)[:20])
    assert [(case.reason, case.needs) for case in await phones.cases()] == [("asked", [TOPIC])]
    assert "failed" not in await phones.statuses()


async def test_three_buttons_a_list_and_numbers_mean_the_same(phones: Phones) -> None:
    """Meta shows up to three buttons or a list of ten; Twilio has neither without a template, and numbers do."""
    by_list, by_number = phones.whatsapp.person(), phones.twilio.person(whatsapp=True)
    await phones.says(by_list, "Здравейте")
    shown = by_list.sent[-1]
    assert [choice for _, choice in shown.buttons] == ACTIONS
    assert shown.opener, "a list, because there are more than three"
    lines = (await phones.says(by_number, "Здравейте"))[-1].splitlines()
    assert [line[:2] for line in lines[-6:]] == ["1 ", "2 ", "3 ", "4 ", "5 ", "0 "]
    await by_list.presses(shown, HOME)
    await phones.run()
    typed = (await phones.says(by_number, "2"))[-1]
    assert typed.startswith(by_list.sent[-1].text)
    assert by_list.sent[-1].buttons[0][0] in typed


async def test_a_typed_number_and_a_typed_label_answer_a_list(phones: Phones) -> None:
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте", "меню")
    (by_number,) = await phones.says(person, "2")
    await phones.says(person, "меню")
    (by_label,) = await phones.says(person, "Жилище, наем")
    assert by_number == by_label
    assert any(choice.startswith("topic:housing.") for _, choice in person.sent[-1].buttons)


@pytest.mark.parametrize("road", ROADS)
async def test_two_misses_are_three_buttons_at_most(phones: Phones, road: str) -> None:
    person = person_on(phones, road)
    await phones.says(person, "Здравейте", "бръм бръм", "трака трака")
    if road == CLOUD:
        last = phones.whatsapp.state.sent[-1]
        assert ([choice for _, choice in last.buttons], last.opener) == (["human", "menu"], "")
    else:
        assert heard(person)[-1].splitlines()[-2:] == ["1 Всички теми", "0 👤 Разговор с човек"]


async def test_replies_to_twilio_s_buttons_and_lists(phones: Phones) -> None:
    """Content templates may carry them; their payload is the button's id."""
    person = phones.twilio.person(whatsapp=True)
    await phones.says(person, "Здравейте")
    assert (await person.chooses(HOME, "🏠 Жилище, наем")).accepted
    await phones.run()
    assert "Жилище, наем" in heard(person)[-1]
    assert (await person.presses("human", "Човек", on=person.sent()[-1])).accepted
    await phones.run()
    assert [case.reason for case in await phones.cases()] == ["asked"]


async def asks_about_a_human(phones: Phones, person: Person) -> None:
    await phones.says(person, "Здравейте", "бръм бръм", "трака трака")
    assert (await phones.conversation()).state["pending"] == "human"


@pytest.mark.parametrize(
    ("emoji", "handed_over"), [("👍", True), ("👍🏽", True), ("👎", False), ("😂", None), ("", None)]
)
async def test_a_thumb_under_the_last_question_answers_it(phones: Phones, emoji: str, handed_over: bool | None) -> None:
    person = phones.whatsapp.person()
    await asks_about_a_human(phones, person)
    question = person.sent[-1]
    before = len(person.sent)
    await person.reacts(question, emoji)
    await phones.run()
    assert bool(await phones.cases()) == bool(handed_over)
    assert (len(person.sent) > before) == (handed_over is not None), "anything else is kept, and answered by nothing"
    assert (await phones.messages(Message.kind == "reaction"))[0].text == emoji


async def test_a_thumb_by_twilio_and_one_under_an_older_message(phones: Phones) -> None:
    person = phones.twilio.person(whatsapp=True)
    await asks_about_a_human(phones, person)
    old, question = person.sent()[0], person.sent()[-1]
    for target in (old, question):
        reaction = {"MessageType": "reaction", "ReactionEmoji": "👍", "OriginalRepliedMessageSid": target.sid}
        assert (await person.writes("👍", **reaction)).accepted
        await phones.run()
        assert bool(await phones.cases()) == (target is question)


@pytest.mark.parametrize("road", ROADS)
async def test_what_a_reply_is_about_is_kept_and_ours_shows_it_too(phones: Phones, road: str) -> None:
    person = person_on(phones, road)
    await phones.says(person, "Здравейте")
    ours = (await phones.out())[-1]
    if road == CLOUD:
        await phones.whatsapp.person().replies(phones.whatsapp.state.sent[-1], "не разбирам")
    else:
        await phones.twilio.person(whatsapp=True).replies(
            phones.twilio.state.record(ours.external_id or ""), "как така"
        )
    await phones.run()
    theirs = (await phones.messages(Message.direction == "in"))[-1]
    assert theirs.reply_to == ours.external_id
    await phones.writes_back(Outbound("Ето", reply_to=theirs.external_id))
    if road == CLOUD:
        assert phones.whatsapp.state.sent[-1].reply_to == theirs.external_id
    else:
        assert heard(person)[-1] == "Ето", "Twilio can't quote, and the words leave all the same"


async def test_read_marks_after_the_bot_has_read(phones: Phones) -> None:
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте", "меню")
    inbound = await phones.messages(Message.direction == "in")
    assert [mark["message_id"] for mark in phones.whatsapp.state.read_marks] == [one.external_id for one in inbound]


async def test_a_read_mark_that_fails_is_no_matter(phones: Phones) -> None:
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте")
    phones.whatsapp.goes_wrong(to="", code=100, status=400)  # only marks have no recipient
    assert await phones.says(person, "меню")
    assert set(await phones.statuses()) == {"sent"}


@pytest.mark.parametrize("road", ROADS)
async def test_files_in(phones: Phones, road: str) -> None:
    person = person_on(phones, road)
    await phones.says(person, "Здравейте")
    if road == CLOUD:
        await phones.whatsapp.person().sends_document(PDF, "brief.pdf", "application/pdf")
        await phones.whatsapp.person().sends_voice(b"OggS" * 50)
    else:
        sender = phones.twilio.person(whatsapp=True)
        await sender.sends_files(phones.twilio.add_file(PDF, "application/pdf", name="brief.pdf"))
        await sender.sends_files(phones.twilio.add_file(b"OggS" * 50, "audio/ogg"))
    await phones.run()
    kept = await phones.rows(sa.select(Media).options(sa.orm.undefer(Media.content)).order_by(Media.id))
    assert [(one.status, one.content) for one in kept] == [("stored", PDF), ("stored", b"OggS" * 50)]
    assert [one.kind for one in await phones.messages(Message.direction == "in")] == ["text", "document", "voice"]
    assert len(await phones.cases()) == 1


@pytest.mark.parametrize("road", ROADS)
async def test_files_out(phones: Phones, road: str) -> None:
    """Twilio fetches them by a link that runs out; to Meta they are uploaded."""
    person = person_on(phones, road)
    await phones.says(person, "Здравейте")
    sent = await phones.writes_back(Outbound("Вижте", media=MediaFile(PDF, "application/pdf", "plan.pdf")))
    if road == CLOUD:
        (file,) = [one for one in phones.whatsapp.state.sent if one.file]
        assert (file.file, file.file_name, file.text) == (PDF, "plan.pdf", "Вижте")
        assert [one.status for one in sent] == ["sent"]
    else:
        (record,) = [one for one in phones.twilio.person(whatsapp=True).sent() if one.media_urls]
        assert [file.content for file in record.files] == [PDF], "fetched by the link"
        assert record.media_urls[0].startswith(f"{phones.base_url}/media/")
        assert {one.status for one in sent} == {"delivered"}


async def test_an_advertisement_that_led_here_is_kept_as_the_source(phones: Phones) -> None:
    referral = {"source_url": "https://fb.me/x", "source_type": "ad", "source_id": "120", "headline": "Помощ",
                "ctwa_clid": "follows-the-person"}  # fmt: skip
    person = phones.whatsapp.person()
    await person.writes("Здравейте", referral=referral)
    await phones.run()
    source = (await phones.conversation()).state["source"]
    assert source == {"source_type": "ad", "source_id": "120", "source_url": "https://fb.me/x", "headline": "Помощ"}


async def test_stop_in_words_and_by_a_template_s_button(phones: Phones) -> None:
    """Twilio's STOP is for SMS: on WhatsApp the hub itself must obey."""
    words, button = phones.twilio.person("+359888000001", whatsapp=True), phones.twilio.person(whatsapp=True)
    await phones.says(words, "Здравейте")
    await phones.says(button, "Здравейте")
    assert await phones.says(words, "STOP", "меню") == []
    before = len(button.sent())
    await button.presses("STOP", "STOP")
    await phones.run()
    assert await phones.says(button, "меню") == []
    assert len(button.sent()) == before
    assert await phones.says(words, "START") != []


async def test_meta_s_switch_against_our_messages_is_a_stop(phones: Phones) -> None:
    person = phones.whatsapp.person()
    await phones.says(person, "Здравейте")
    await person.stops()
    await phones.run()
    assert (await phones.conversation()).mode == "stopped"
    calls = len(phones.whatsapp.calls("/messages"))
    (words,) = await phones.writes_back(Outbound("Здравейте"))
    assert (words.status, len(phones.whatsapp.calls("/messages"))) == ("cancelled", calls)
    await person.stops(resume=True)
    await phones.run()
    assert (await phones.conversation()).mode == "bot"
