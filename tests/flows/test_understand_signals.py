"""Danger and wishes as learnt from examples; grouping by likeness; what the lists still decide."""

import pytest

from flows.understand import Context, Understander, read_corpus
from flows.understand.likeness import Item, group
from flows.understand.signals import KINDS, WISHES, Reading, Thresholds
from flows.understand.train import train
from tests.flows.few import few

LIMITS = Thresholds(life=0.0, deadline=0.5, wish=-0.3, listed=-0.5)


def reading(wishes: tuple[tuple[str, float], ...] = (("menu", -2.0),), **scores: float) -> Reading:
    kinds = dict.fromkeys(KINDS, -3.0) | scores
    return Reading(tuple(sorted(kinds.items(), key=lambda each: -each[1])), wishes)


def test_every_kind_and_wish_has_messages_in_every_language() -> None:
    signals = read_corpus().signals

    assert set(signals) >= {*KINDS, *(f"intent.{wish}" for wish in WISHES), "calm", "intent.none", "doubt"}
    for name in KINDS:
        assert all(len(signals[name][lang]) >= 100 for lang in ("bg", "ro", "uk")), name
        assert all(len(signals[name][lang]) >= 40 for lang in ("de", "en", "ru", "tr")), name


def test_no_calibration_message_is_learnt() -> None:
    corpus = read_corpus()
    learnt = {" ".join(text.lower().split()) for text, _ in corpus.signal_rows()}

    kept = {
        " ".join(t.lower().split()) for each in corpus.calibration.values() for texts in each.values() for t in texts
    }
    assert len(kept) > 1500
    assert not kept & learnt


def test_the_likeliest_kind_comes_first_and_a_near_one_with_it() -> None:
    assert reading(violence=1.0, child=0.7, medical=0.2).alarms(LIMITS) == ["violence", "child"]
    assert reading(violence=-0.1).alarms(LIMITS) == []
    assert reading(deadline=0.4).alarms(LIMITS) == []
    assert reading(deadline=0.4, shelter=0.3).alarms(LIMITS) == ["deadline", "shelter"]


def test_a_wish_to_stop_must_be_plain() -> None:
    assert reading((("thanks", -0.2),)).wish(LIMITS) == "thanks"
    assert reading((("stop", -0.2),)).wish(LIMITS) is None
    assert reading((("stop", 0.1),)).wish(LIMITS) == "stop"


@pytest.mark.parametrize("text", ["а за жена ми?", "si pentru sotia mea?", "а для дружини?"])
def test_a_question_that_goes_on_leans_on_the_topic_before(understander: Understander, text: str) -> None:
    topic = "work.sick_leave"
    read = understander.understand(text, Context(last_topic=topic))

    assert (read.decision, read.topic) == ("offer", topic)
    assert read.candidates[0].topic == topic
    assert understander.understand(text).topic != topic


def test_an_explanation_names_words_and_examples(understander: Understander) -> None:
    told = " ".join(understander.explain("шефът не ми плаща заплатата").reasons)

    assert "for work.wage_unpaid" in told
    assert "заплатата" in told
    assert "most like the example" in told


def test_questions_are_grouped_by_topic_and_by_words(understander: Understander) -> None:
    texts = ["къде да сменя гуми", "кой сменя гуми тук", "unde gasesc gradinita", "няма място в детска градина", "abc"]
    topics = [None, None, "education.kita_place", "education.kita_place", None]
    items = [
        Item(at, understander.vector(text), topic) for at, (text, topic) in enumerate(zip(texts, topics, strict=True))
    ]

    assert group(items) == [[0, 1], [2, 3], [4]]
    assert group([]) == []


def test_few_languages_and_kinds_still_train() -> None:
    corpus = few(read_corpus())
    arrays, meta = train(corpus)

    read = Understander(arrays, meta).understand("шефът не ми плаща заплатата")
    assert read.candidates[0].topic == "work.wage_unpaid"
