"""Examples that changed count at once: new ones, removed ones, new topics; and nothing else changes."""

import time
from pathlib import Path

import pytest

from flows.understand import CONTENT_DIR, Understander, content_hash, live, read_corpus
from flows.understand.fresh import Row

NEW = ("Къде мога да си изкъпя кучето?", "local.dogs")
LINES = ("шефът не ми плаща", "как да се регистрирам", "bruder schlägt mich, er hat ein Messer", "здравейте")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return live.rows_of(CONTENT_DIR)


def test_the_same_examples_are_the_same_understanding(understander: Understander, rows: list[Row]) -> None:
    assert understander.following(rows) is understander


def test_a_new_topic_is_answered_at_once(understander: Understander, rows: list[Row]) -> None:
    told = understander.following([*rows, NEW])
    assert understander.understand(NEW[0]).decision == "handover"
    for text in (NEW[0], "къде мога да изкъпя кучето"):
        read = told.explain(text)
        assert (read.decision, read.topic) == ("answer", "local.dogs")
        assert any("the new example" in reason for reason in read.reasons)
    assert told.understand("куче изкъпя къде").decision == "offer"
    assert "local.dogs" in told.topics


def test_words_that_nobody_knew_count_as_they_are_written(understander: Understander, rows: list[Row]) -> None:
    told = understander.following([*rows, ("xyzzq plughh frobnitz", "local.dogs")])
    assert told.understand("Xyzzq plughh frobnitz!").topic == "local.dogs"
    assert told.understand("zzzq grrrh").topic != "local.dogs"


def test_what_is_not_for_us_goes_to_a_person(understander: Understander, rows: list[Row]) -> None:
    text = "шефът не ми плаща"
    assert understander.understand(text).decision == "answer"
    told = understander.following([*rows, (text, "none")])
    assert told.understand(text).decision == "handover"


def test_a_removed_example_is_no_evidence_any_more(understander: Understander, rows: list[Row]) -> None:
    gone = next(
        row
        for row in rows
        if row[1] == "work.wage_unpaid" and understander.understand(row[0]).decision == "answer" and len(row[0]) > 100
    )
    read = understander.following([row for row in rows if row != gone]).understand(gone[0])
    assert read.decision != "answer"
    assert any("which is gone" in reason for reason in read.reasons)


def test_a_topic_without_examples_is_not_named(understander: Understander, rows: list[Row]) -> None:
    told = understander.following([row for row in rows if row[1] != "work.wage_unpaid"])
    read = told.understand("шефът не ми плаща заплатата")
    assert "work.wage_unpaid" not in [candidate.topic for candidate in read.candidates]
    assert "work.wage_unpaid" not in told.topics


def test_an_example_that_moved_answers_for_its_new_topic(understander: Understander, rows: list[Row]) -> None:
    text, _ = moved = next(row for row in rows if row[1] == "work.wage_unpaid")
    told = understander.following([row for row in rows if row != moved] + [(text, "work.minimum_wage")])
    assert told.understand(text).topic == "work.minimum_wage"


def test_a_learnt_question_asked_word_for_word_is_answered(understander: Understander, rows: list[Row]) -> None:
    """However far its topic's other examples are; a word or two of it may mean anything."""
    text = "Ev ilanlarına hangi siteden bakmalıyım?"
    assert (text, "housing.find_flat") in rows
    read = understander.explain(text.lower())
    assert (read.decision, read.topic) == ("answer", "housing.find_flat")
    assert any("word for word" in reason for reason in read.reasons)
    assert ("BuT", "benefits.education_package") in rows
    assert understander.understand("but").decision == "offer"


def test_danger_and_everything_else_stay_as_they_were(understander: Understander, rows: list[Row]) -> None:
    told = understander.following([*rows, NEW, (LINES[2], "local.dogs")])
    for text in LINES:
        before, after = understander.understand(text), told.understand(text)
        assert (after.urgent, after.danger, after.intent) == (before.urgent, before.danger, before.intent)
        if text != LINES[2]:
            assert (after.decision, after.topics) == (before.decision, before.topics)


def test_it_takes_no_time_to_speak_of(understander: Understander, rows: list[Row]) -> None:
    told = understander.following([*rows[200:], *((f"{text} сега", topic) for text, topic in rows[:200])])
    sample = [text for text, _ in rows[::200]]

    def cost(of: Understander) -> float:
        began = time.thread_time()
        for text in sample:
            of.understand(text)
        return (time.thread_time() - began) / len(sample)

    cost(understander), cost(told)
    assert min(cost(told) for _ in range(3)) < min(cost(understander) for _ in range(3)) + 0.0004


def test_the_live_folder_is_complete_and_goes_with_the_starter_lists(tmp_path: Path) -> None:
    texts = read_corpus().examples
    live.keep(tmp_path_with_home(tmp_path), {"work.leave": {"bg": ("🆘 почивка: 112", "yes")}, **texts})
    folder = live.folder_in_force(CONTENT_DIR, tmp_path)
    corpus = read_corpus(folder)
    assert corpus.examples["work.leave"] == {"bg": ("🆘 почивка: 112", "yes")}
    assert corpus.danger == read_corpus().danger
    assert corpus.calibration == read_corpus().calibration
    assert content_hash(folder) != content_hash()
    live.keep(tmp_path, None)
    assert live.folder_in_force(CONTENT_DIR, tmp_path) == CONTENT_DIR


def test_few_old_folders_stay(tmp_path: Path) -> None:
    tmp_path_with_home(tmp_path)
    for number in range(8):
        live.keep(tmp_path, {"work.leave": {"bg": (f"почивка {number}",)}})
    assert len([path for path in (tmp_path / "understand").iterdir() if path.is_dir() and not path.is_symlink()]) == 4
    assert live.rows_of(live.folder_in_force(CONTENT_DIR, tmp_path)) == [("почивка 7", "work.leave")]


def tmp_path_with_home(path: Path) -> Path:
    with live.locked(path):
        return path
