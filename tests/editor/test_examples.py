"""Example messages as content: read, written, looked over."""

from pathlib import Path

import pytest

from app.editor.differences import differences
from app.editor.merging import merge
from flows.examples import EXAMPLE_CHARS, Examples, check_examples
from flows.load import BadContent, read_content, read_examples, write_content
from flows.understand import CONTENT_DIR, read_corpus

TOPIC = "work.wage_unpaid"


def made(topic: str = TOPIC, **texts: list[str]) -> Examples:
    return Examples.model_validate({"topic": topic, "texts": texts})


def found(*examples: Examples, topics: tuple[str, ...] = (TOPIC,)) -> list[str]:
    return [f"{i.severity} {i.where}: {i.text}" for i in check_examples(examples, topics) if "has only" not in i.text]


def test_the_pieces_are_what_training_reads() -> None:
    pieces = read_content(CONTENT_DIR).examples
    rows = {(text, each.topic, lang) for each in pieces for lang, told in each.texts.items() for text in told}
    assert rows == set(read_corpus().rows())


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    awkward = made(bg=["112", "не: нищо", "'", "🆘 помощ", "yes"], tr=["evet"])
    write_content(tmp_path, [("examples", TOPIC, awkward.model_dump(mode="json"))])
    assert read_examples(tmp_path / "examples" / f"{TOPIC}.yaml") == awkward


def test_messages_are_on_one_line_and_there_once() -> None:
    assert made(bg=["  ще\nми платят \x00", "ще ми платят"]).texts == {"bg": ("ще ми платят",)}


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "work.x.yaml").write_text("xx: [a]", encoding="utf-8")
    with pytest.raises(BadContent, match=r"work\.x\.yaml"):
        read_examples(tmp_path / "work.x.yaml")


def test_a_message_in_two_topics_is_told() -> None:
    issues = found(
        made(bg=["Не ми плащат!"]), made("work.dismissal", bg=["не ми плащат"]), topics=(TOPIC, "work.dismissal")
    )
    assert [issue.split(":")[0] for issue in issues] == ["warning examples work.dismissal", f"warning examples {TOPIC}"]


def test_too_long_without_entry_and_entries_that_nobody_finds() -> None:
    assert found(made(bg=["а" * (EXAMPLE_CHARS + 1)])) == [
        f"error examples {TOPIC}: has a message of more than 300 characters"
    ]
    assert "has no entry" in found(made(bg=["да"]), topics=())[0]
    assert "has no example messages" in found(made(bg=["да"]), topics=(TOPIC, "work.dismissal"))[0]
    assert [i.language for i in check_examples([made(bg=["да"] * 3)], [TOPIC])] == ["bg", "ro", "uk"]
    assert found(made("none", bg=["времето"]), topics=()) == []


def test_one_that_goes_is_one_difference_and_two_who_add_lose_nothing() -> None:
    base = made(bg=["едно", "две", "три"]).model_dump(mode="json")
    mine = made(bg=["две", "три", "мое"]).model_dump(mode="json")
    theirs = made(bg=["едно", "две", "три", "твое"]).model_dump(mode="json")
    assert [each.words for each in differences(base, mine)] == [(("new", "мое"),), (("gone", "едно"),)]
    merged = merge(base, mine, theirs)
    assert merged.clashes == ()
    assert set(merged.data["texts"]["bg"]) == {"две", "три", "мое", "твое"}
