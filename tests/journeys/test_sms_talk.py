"""A person who has a telephone and no app: every letter costs, so the words are short and the choices are numbers."""

import pytest
import sqlalchemy as sa

from app.models import Media, Message
from channels.base import Outbound
from channels.sms_text import for_sms, is_gsm, segments
from tests.phones import WHATSAPP, Phones, heard
from translations.phrases import phrase

TOPIC = "work.wage_unpaid"
WRITERS = [
    ("bg", "Latn", "shefa ne mi plashta zaplatata ot 2 meseca"),
    ("bg", "Cyrl", "шефът не ми плаща заплатата от 2 месеца"),
    ("ro", "Latn", "seful nu mi a platit salariul de 2 luni"),
    ("uk", "Cyrl", "шеф не платить зарплату вже два місяці"),
    ("uk", "Latn", "shef ne platyt zarplatu vzhe dva misiatsi"),
]


async def understood(phones: Phones, language: str, sent: list[str]) -> str:
    """The answer's text; where the hub was not sure, one typed number later."""
    if sent[-1].startswith(for_sms(phrase("offer", language), language, "Latn").split("\n")[0]):
        return (await phones.says(phones.twilio.person(), "1"))[-1]
    return sent[-1]


async def number_of(phones: Phones, action: str) -> str:
    """What a person types to choose this."""
    options: list[str] = (await phones.conversation()).state["options"]
    return str(options.index(action) + 1)


@pytest.mark.parametrize(("language", "script", "words"), WRITERS)
async def test_from_the_first_question_to_a_human_by_numbers(
    phones: Phones, language: str, script: str, words: str
) -> None:
    person = phones.twilio.person()
    first = await phones.says(person, words)
    assert first[0] == for_sms(phrase("greeting.sms", language), language, script)
    answer = await understood(phones, language, first)
    said = phones.hub.shelf.library.say(TOPIC, language, "", phones.clock.now.date())
    assert answer.startswith(for_sms(said.sms, language, script))
    assert "\n1 " in answer
    assert answer.splitlines()[-1].startswith("0 ")
    (next_answer,) = await phones.says(person, await number_of(phones, f"topic:{said.next[0]}"))
    following = phones.hub.shelf.library.say(said.next[0], language, "", phones.clock.now.date())
    assert next_answer.startswith(for_sms(following.sms, language, script))
    (goodbye,) = await phones.says(person, "0")
    assert goodbye == for_sms(phrase("handover.unknown.sms", language), language, script)
    assert [(case.reason, case.needs[0]) for case in await phones.cases()] == [("asked", said.next[0])]
    conversation = await phones.conversation()
    assert (conversation.language, conversation.script, conversation.mode) == (language, script, "waiting")
    for message in await phones.out():
        text = message.text or ""
        assert is_gsm(text) == (script == "Latn"), "Latin letters must cost as Latin letters"
        assert message.status == "delivered"
        cost = message.payload["sms"]
        assert (cost["segments"], cost["cents"]) == (segments(text).count, segments(text).count * 7.5)


async def test_the_menu_by_number_and_by_words(phones: Phones) -> None:
    person = phones.twilio.person()
    menu = (await phones.says(person, "Здравейте", "меню"))[-1]
    assert menu.splitlines()[1:] == ["1 Работа", "2 Жилище, наем", "3 Лекар, осигуровка", "4 Деца, училище",
                                     "5 Пари, документи", "0 Разговор с човек"]  # fmt: skip
    by_number = await phones.says(person, "2")
    await phones.says(person, "меню")
    by_words = await phones.says(person, "Жилище, наем")
    await phones.says(person, "меню")
    folded = await phones.says(person, "zhilishte naem")
    assert by_number == by_words
    assert folded == [for_sms(text, "bg", "Latn") for text in by_number], "who writes in Latin letters reads them"


async def test_a_number_that_stands_for_nothing_is_no_crash(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "меню")
    for number in ("9", "00", "-1"):
        assert await phones.says(person, number), number


async def test_the_way_to_a_free_app_is_told_once(phones: Phones) -> None:
    await phones.set_option(WHATSAPP, link="https://wa.me/4915199000001")
    person = phones.twilio.person()
    first = await phones.says(person, "Zdraveyte, iskam da pitam neshto za rabota")
    assert "https://wa.me/4915199000001" in first[0]
    assert segments(first[0]).count <= 2
    assert not any("wa.me" in text for text in await phones.says(person, "menu", "2"))


async def test_a_streetworker_s_words_are_folded_and_counted_too(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "shefa ne mi plashta zaplatata ot 2 meseca", "0")
    (sent,) = await phones.writes_back(Outbound("Здравейте! Елате утре в 10 ч. – „Marktplatz 1“ 🙂"))
    assert heard(person)[-1] == 'Zdraveyte! Elate utre v 10 ch. - "Marktplatz 1"'
    assert sent.payload["sms"] == {"segments": 1, "encoding": "GSM-7", "cents": 7.5}


async def test_an_mms_picture_is_fetched_with_our_credentials_kept_and_handed_over(phones: Phones) -> None:
    person = phones.twilio.person()
    await phones.says(person, "Zdraveyte")
    letter = phones.twilio.add_file(b"\xff\xd8\xff\xe0" + b"letter" * 500, "image/jpeg")
    assert (await person.sends_files(letter, text="pismo ot shefa")).accepted
    await phones.run()
    (kept,) = await phones.rows(sa.select(Media).options(sa.orm.undefer(Media.content)))
    assert (kept.status, kept.mime, kept.content) == ("stored", "image/jpeg", letter.content)
    assert [case.reason for case in await phones.cases()] == ["photo"]
    (fetched,) = phones.twilio.calls(letter.sid)
    assert fetched.status == 200, "the double asks for Basic authentication"


async def test_danger_comes_first(phones: Phones) -> None:
    person = phones.twilio.person()
    sent = await phones.says(person, "мъжът ми ме бие, помогнете")
    assert any("112" in text or "110" in text for text in sent)
    assert [case.urgency for case in await phones.cases()] == ["urgent"]
    assert sum(message.payload["sms"]["segments"] for message in await phones.out()) < 20


async def test_many_parts_of_one_long_sms_are_one_message(phones: Phones) -> None:
    """Twilio joins them and says so; the text of ten parts is stored whole."""
    person = phones.twilio.person()
    story = "шефът не ми плаща заплатата. " * 40
    delivery = await person.writes(story, NumSegments="18")
    assert delivery.accepted
    await phones.run()
    (stored,) = await phones.messages(Message.direction == "in")
    assert stored.text == story.strip() or stored.text == story
