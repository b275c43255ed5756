"""Reading whole messages: bands, intents, picks from an offer, two needs, odd input."""

from pathlib import Path

import pytest

from flows.understand import Context, Understander


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("шефът още не ми е платил заплатата", "work.wage_unpaid"),
        ("6efa ne mi e platil zaplatata ot dva meseca", "work.wage_unpaid"),
        ("seful nu mi-a platit salariul pe luna asta", "work.wage_unpaid"),
        ("șeful nu mi-a plătit salariul pe luna asta", "work.wage_unpaid"),
        ("шеф не платить мені зарплату", "work.wage_unpaid"),
        ("няма места в детската градина", "education.kita_place"),
        ("nu gasesc loc la gradinita pentru copil", "education.kita_place"),
        ("немає місця в садочку для дитини", "education.kita_place"),
        ("Der Vermieter gibt die Kaution nicht zurück", "housing.deposit_extra_costs"),
        ("как получить киндергельд на детей", "benefits.child_benefit"),
    ],
)
def test_plain_questions_are_answered(understander: Understander, text: str, topic: str) -> None:
    understood = understander.understand(text)

    assert (understood.decision, understood.topic) == ("answer", topic)
    assert understood.topics == (topic,)
    assert understood.candidates[0].topic == topic
    assert len(understood.candidates) == 3


@pytest.mark.parametrize(
    "text", ["какво ще е времето утре", "cine a castigat meciul", "рецепт борщу", "asdkjh qwe", "12345", "🙂"]
)
def test_what_no_topic_answers_is_not_answered(understander: Understander, text: str) -> None:
    understood = understander.understand(text)

    assert understood.decision in ("handover", "offer")
    assert understood.intent is None


def test_there_are_all_topics(understander: Understander) -> None:
    assert len(understander.topics) == 53


def test_the_three_bands(artefact: Path) -> None:
    understander = Understander.load(artefact)
    question = "шефът не ми плаща заплатата"
    assert understander.understand(question).decision == "answer"

    understander.answer_from = 1.0
    offer = understander.understand(question)
    assert (offer.decision, offer.topic, len(offer.candidates)) == ("offer", "work.wage_unpaid", 3)

    understander.offer_from = 1.0
    handover = understander.understand(question)
    assert (handover.decision, handover.topic, handover.topics) == ("handover", None, ())
    assert handover.candidates[0].topic == "work.wage_unpaid"


def test_two_needs_are_both_returned(understander: Understander) -> None:
    understood = understander.understand(
        "Шефът не ми плати заплатата. Освен това търся място в детска градина за детето."
    )

    assert understood.decision == "answer"
    assert set(understood.topics) == {"work.wage_unpaid", "education.kita_place"}


@pytest.mark.parametrize("text", ["2", "2.", " 2 "])
def test_a_number_picks_from_the_offer(understander: Understander, text: str) -> None:
    context = Context(language="bg", offered=("work.dismissal", "work.wage_unpaid", "work.paid_leave"))

    understood = understander.understand(text, context)

    assert (understood.decision, understood.topic, understood.language) == ("answer", "work.wage_unpaid", "bg")


def test_a_number_without_offer_means_nothing(understander: Understander) -> None:
    assert understander.understand("2", Context(language="uk")).decision == "handover"
    assert understander.understand("7", Context(offered=("work.dismissal",))).decision == "handover"


def test_yes_picks_a_single_offer_only(understander: Understander) -> None:
    assert understander.understand("да", Context(offered=("work.dismissal",))).topic == "work.dismissal"
    assert understander.understand("да", Context(offered=("work.dismissal", "work.paid_leave"))).intent == "yes"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("здравейте", "greeting"), ("zdr", "greeting"), ("Bună ziua!", "greeting"), ("привіт", "greeting"),
        ("Hallo", "greeting"), ("merhaba", "greeting"), ("благодаря ви", "thanks"), ("mulțumesc mult", "thanks"),
        ("дуже дякую", "thanks"), ("искам човек", "human"), ("vreau sa vorbesc cu cineva", "human"),
        ("оператор", "human"), ("0", "human"), ("STOP", "stop"), ("Stopp", "stop"), ("спри", "stop"), ("моля спрете", "stop"),
        ("dezabonare", "stop"), ("зупинити", "stop"), ("UNSUBSCRIBE", "stop"), ("OPTOUT", "stop"), ("START", "start"),
        ("UNSTOP", "start"), ("започни", "start"), ("HELP", "menu"), ("меню", "menu"), ("помощ!", "menu"), ("ajutor", "menu"),
        ("кой си ти", "about"), ("esti robot?", "about"), ("це безкоштовно?", "about"), ("изтрий данните ми", "delete"),
        ("stergeti datele mele", "delete"), ("видаліть мої дані", "delete"), ("да", "yes"), ("nu", "no"), ("ні", "no"),
        ("благодря", "thanks"), ("не, благодаря", "no"),
    ],
)  # fmt: skip
def test_intents(understander: Understander, text: str, intent: str) -> None:
    understood = understander.understand(text)

    assert (understood.decision, understood.intent) == ("intent", intent)
    assert understood.topic is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("говорите ли на български", "bg"), ("in limba romana", "ro"), ("English please", "en"), ("українською", "uk")],
)
def test_the_language_asked_for(understander: Understander, text: str, wanted: str) -> None:
    understood = understander.understand(text)

    assert (understood.intent, understood.language_wanted) == ("language", wanted)


@pytest.mark.parametrize(
    "text",
    [
        "please stop the reminder",
        "моля спрете напомнянето",
        "cum opresc abonamentul la sala",
        "не мога да спра да плача за това",
    ],
)
def test_a_stop_word_in_a_sentence_is_no_opt_out(understander: Understander, text: str) -> None:
    assert understander.understand(text).intent != "stop"


def test_the_question_beats_the_greeting(understander: Understander) -> None:
    understood = understander.understand("Здравейте! Шефът не ми плаща заплатата от два месеца")

    assert (understood.intent, understood.topic) == (None, "work.wage_unpaid")


def test_asking_for_a_german_course_is_no_change_of_language(understander: Understander) -> None:
    understood = understander.understand("искам да уча немски език")

    assert (understood.intent, understood.topic) == (None, "education.german_course")


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "\0шефът\0", "а" * 10_000, "шефът не плаща " * 700, "\ud800", "{}", "%s", "٣"]
)
def test_odd_input_is_survived(understander: Understander, text: str) -> None:
    assert understander.understand(text).decision in ("answer", "offer", "handover", "intent")


def test_reasons_are_given(understander: Understander) -> None:
    reasons = " ".join(understander.understand("шефът не ми плаща заплатата").reasons)

    assert "most like the example" in reasons
    assert "language bg" in reasons
