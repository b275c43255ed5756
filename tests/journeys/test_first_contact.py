"""A person writes for the first time, in the ways that people really write."""

import pytest
import sqlalchemy as sa

from app.models import Conversation
from tests.menu import HOME, menu_words
from tests.providers.telegram.server import TelegramServer
from tests.providers.telegram.state import Sent
from tests.stage import Stage
from translations.phrases import phrase


def texts(sent: list[Sent]) -> list[str]:
    return [each.text for each in sent]


def labels(sent: Sent) -> list[str]:
    return [label for label, _ in sent.buttons]


def actions(sent: Sent) -> list[str]:
    return [action for _, action in sent.buttons]


async def test_a_first_question_comes_and_goes_through_webhook_and_workers(telegram: TelegramServer) -> None:
    person = telegram.person(language_code=None)
    written = await person.writes("shefa ne mi plashta zaplatata ot 2 meseca")
    assert written.attempts == [200]
    sent = await telegram.wait_for(person.id, 4, seconds=20)
    assert sent[0].text == phrase("greeting", "bg")
    assert sent[-1].buttons


WRITERS = [
    ("bg", "shefa ne mi plashta zaplatata ot 2 meseca", "work.wage_unpaid"),
    ("bg", "шефът не ми е дал парите за октомври", "work.wage_unpaid"),
    ("bg", "в банята има мухъл и хазяина нищо не прави", "housing.defects_mould"),
    ("ro", "seful nu mi a platit salariul de 2 luni", "work.wage_unpaid"),
    ("ro", "avem mucegai in baie si proprietarul nu face nimic", "housing.defects_mould"),
    ("ro", "cum imi inscriu copilul la scoala", "education.school_registration"),
    ("uk", "шеф не платить зарплату вже два місяці", "work.wage_unpaid"),
    ("uk", "shef ne platyt zarplatu vzhe dva misiatsi", "work.wage_unpaid"),
    ("uk", "як записати дитину в садочок", "education.kita_place"),
    ("de", "mein chef zahlt den lohn nicht", "work.wage_unpaid"),
    ("en", "my boss does not pay my wages", "work.wage_unpaid"),
]


@pytest.mark.parametrize(("language", "words", "topic"), WRITERS)
async def test_greeted_and_answered_in_one_go(stage: Stage, language: str, words: str, topic: str) -> None:
    person = stage.telegram.person(language_code=None)
    sent = await stage.says(person, words)
    answer = stage.hub.shelf.library.say(topic, language, "", stage.clock.now.date())
    assert texts(sent)[0] == phrase("greeting", language)
    if sent[-1].text == phrase("offer", language):  # not sure enough: one more press, and never more than one
        sent = [*sent[:1], *await stage.after(person.presses(sent[-1], f"topic:{topic}"))]
    assert texts(sent)[1 : 1 + len(answer.messages)] == list(answer.messages)
    assert "human" in actions(sent[-1]) or any(a.startswith("place:") for a in actions(sent[-1])), "a next step"
    (conversation,) = await stage.rows(sa.select(Conversation))
    assert (conversation.language, conversation.mode) == (language, "bot")
    assert await stage.cases() == []


async def test_a_greeting_gets_greeting_and_menu(stage: Stage) -> None:
    person = stage.telegram.person(language_code=None)
    sent = await stage.says(person, "Здравейте!")
    assert texts(sent) == [phrase("greeting", "bg"), menu_words("bg")]
    assert actions(sent[-1])[-1] == "human"
    assert await stage.says(person, "здравейте") != []
    assert texts(stage.sent()).count(phrase("greeting", "bg")) == 1, "greeted once in a lifetime"


@pytest.mark.parametrize(
    ("language", "hello", "key", "words"),
    [
        ("bg", "Здравейте", "thanks", "благодаря много"),
        ("bg", "Здравейте", "about", "кои сте вие?"),
        ("ro", "Bună ziua", "thanks", "multumesc"),
        ("ro", "Bună ziua", "about", "cine sunteti"),
        ("uk", "Доброго дня", "thanks", "дякую"),
    ],
)
async def test_small_talk(stage: Stage, language: str, hello: str, key: str, words: str) -> None:
    person = stage.telegram.person(language_code=language)
    await stage.says(person, hello)
    (answer,) = await stage.says(person, words)
    assert answer.text == phrase(key, language)
    assert actions(answer)[-2:] == ["menu", "human"]


async def test_through_the_menu_by_button_by_number_and_by_words(stage: Stage) -> None:
    person = stage.telegram.person()
    menu = (await stage.says(person, "меню"))[-1]
    area = (await stage.after(person.presses(menu, HOME)))[-1]
    topics = [action for action in actions(area) if action.startswith("topic:")]
    by_number = await stage.says(person, str(actions(area).index(topics[0]) + 1))
    answered = await stage.messages()
    assert answered[-1].payload["answers"][0]["topic"] == topics[0].removeprefix("topic:")
    assert len(by_number) >= 1
    await stage.says(person, "меню")
    (by_words,) = await stage.says(person, "rabota")  # the button says '👷 Работа'
    assert any(action.startswith("topic:work.") for action in actions(by_words))


async def test_a_number_that_stands_for_no_button_is_no_crash(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "меню")
    sent = await stage.says(person, "77", "²", "-1", "٣")
    assert texts(sent)[-1] == phrase("handover.unknown", "bg"), "three misses, then a human"
    assert (await stage.conversation()).mode == "waiting"


async def test_buttons_are_acknowledged(stage: Stage) -> None:
    person = stage.telegram.person()
    menu = (await stage.says(person, "меню"))[-1]
    await stage.after(person.presses(menu, 0), person.presses(menu, 0))
    assert all(answers == [""] for answers in stage.telegram.state.queries.values())


async def test_a_button_of_an_older_version_is_a_miss_not_a_crash(stage: Stage) -> None:
    person = stage.telegram.person()
    menu = (await stage.says(person, "меню"))[-1]
    menu.buttons = (("Старо", "mystery:7"),)
    sent = await stage.after(person.presses(menu, "mystery:7"))
    assert len(sent) == 1
    assert actions(sent[0])[-1] == "human"


async def test_zero_means_a_human(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "seful nu mi a platit salariul de 2 luni")
    sent = await stage.says(person, "0")
    assert texts(sent) == [phrase("handover.unknown", "ro")]
    (case,) = await stage.cases()
    assert (case.reason, case.needs, case.urgency) == ("asked", ["work.wage_unpaid"], "normal")
    assert (await stage.conversation()).mode == "waiting"


@pytest.mark.parametrize("words", ["искам да говоря с човек", "vreau sa vorbesc cu un om", "хочу поговорити з людиною"])
async def test_asking_for_a_human_in_words(stage: Stage, words: str) -> None:
    await stage.says(stage.telegram.person(), words)
    assert [case.reason for case in await stage.cases()] == ["asked"]


async def test_two_misses_offer_a_human_and_a_third_hands_over(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    first, second, third = [
        (await stage.says(person, words))[-1] for words in ("бръм бръм", "трака трака", "дзън дзън")
    ]
    assert first.text == phrase("not_understood", "bg")
    assert (second.text, actions(second)) == (phrase("not_understood.again", "bg"), ["human", "menu"])
    assert third.text == phrase("handover.unknown", "bg")
    assert [case.reason for case in await stage.cases()] == ["not_understood"]


async def test_an_answer_in_between_forgets_the_misses(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "бръм бръм", "трака трака", "шефът не ми плаща заплатата", "дзън дзън")
    assert stage.sent()[-1].text == phrase("not_understood", "bg")
    assert await stage.cases() == []


async def test_language_by_word_and_by_button(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.says(person, "Здравейте")
    sent = await stage.says(person, "на румънски")
    assert texts(sent)[0] == phrase("language.set", "ro")
    (question,) = await stage.says(person, "limba")
    assert actions(question)[:3] == ["lang:bg", "lang:ro", "lang:uk"]
    sent = await stage.after(person.presses(question, "lang:uk"))
    assert texts(sent)[0] == phrase("language.set", "uk")
    sent = await stage.says(person, "seful nu mi a platit salariul")
    assert sent[0].text == stage.hub.shelf.library.say("work.wage_unpaid", "uk", "", stage.clock.now.date()).messages[0]


@pytest.mark.parametrize(
    ("language", "words"),
    [("ru", "работодатель не платит мне зарплату уже два месяца"), ("tr", "patronum iki aydır maaşımı ödemiyor")],
)
async def test_who_writes_russian_or_turkish_chooses_and_the_question_is_kept(
    stage: Stage, language: str, words: str
) -> None:
    person = stage.telegram.person(language_code=None)
    sent = await stage.says(person, words)
    assert texts(sent) == [phrase("greeting", language), phrase("language.none", language)]
    assert "human" in actions(sent[-1])
    sent = await stage.after(person.presses(sent[-1], "lang:uk"))
    answer = stage.hub.shelf.library.say("work.wage_unpaid", "uk", "", stage.clock.now.date())
    assert texts(sent)[:2] == [phrase("language.set", "uk"), answer.messages[0]]


async def test_start_shows_the_menu_in_the_apps_language_and_asks_without_one(stage: Stage) -> None:
    sent = await stage.after(stage.telegram.person(7_001, language_code="ro").starts())
    assert texts(sent) == [phrase("greeting", "ro"), menu_words("ro")]
    sent = await stage.after(stage.telegram.person(7_002, language_code=None).starts())
    assert sent[-1].text == phrase("language.ask", "de")
    assert "lang:bg" in actions(sent[-1])


async def test_a_poster_s_link_carries_topic_and_language(stage: Stage) -> None:
    sent = await stage.after(stage.telegram.person(language_code="de").starts("work-wage_unpaid--bg"))
    answer = stage.hub.shelf.library.say("work.wage_unpaid", "bg", "", stage.clock.now.date())
    assert texts(sent)[1] == answer.messages[0]
    sent = await stage.after(stage.telegram.person(7_003, language_code="uk").starts("no-such_topic"))
    assert sent[-1].text == menu_words("uk")


async def test_the_place_is_asked_once_and_answered_with_what_holds_there(stage: Stage) -> None:
    person = stage.telegram.person()
    sent = await stage.after(person.starts("local-counselling--bg"))
    assert sent[-1].text == phrase("place.ask", "bg")
    assert "place:weissenfels" in actions(sent[-1])
    sent = await stage.says(person, "vaisenfels")
    local = stage.hub.shelf.library.local("local.counselling", "bg", "weissenfels", stage.clock.now.date())
    assert texts(sent) == [phrase("place.set", "bg"), *local]
    assert local
    assert "human" in actions(sent[-1])
    sent = await stage.after(person.starts("local-counselling--bg"))
    assert phrase("place.ask", "bg") not in texts(sent)
    assert local[0] in texts(sent)


async def test_another_town_is_no_dead_end(stage: Stage) -> None:
    person = stage.telegram.person()
    await stage.after(person.starts("local-counselling--bg"))
    (answer,) = await stage.says(person, phrase("button.place_other", "bg"))
    assert answer.text == phrase("place.other", "bg")
    assert "human" in actions(answer)
