"""The artefact: keyed by content, safe to load, light at run time; and the command line on top of it."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.cli import understand as command
from flows.understand import CONTENT_DIR, ContentError, Corpus, Understander, content_hash, ensure_artefact, read_corpus
from flows.understand.train import train
from tests.flows.few import few

LANGUAGES = {"bg": 30, "ro": 30, "uk": 30, "de": 12, "en": 12, "ru": 12, "tr": 12}


def test_every_topic_has_enough_examples() -> None:
    corpus = read_corpus()

    assert len(corpus.examples) == 53
    short = {
        (topic, lang): len(texts.get(lang, ()))
        for topic, texts in corpus.examples.items()
        for lang, least in LANGUAGES.items()
        if len(texts.get(lang, ())) < least
    }
    assert not short
    assert sum(len(texts) for texts in corpus.none.values()) >= 400


def test_no_message_is_an_example_of_two_topics() -> None:
    texts = [text for text, _, _ in read_corpus().rows()]

    assert len(texts) == len(set(texts))


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT_DIR / "examples", content / "examples")
    before = content_hash(content)

    assert content_hash(content) == before
    (content / "examples" / "none.yaml").write_text("bg: [друго]", encoding="utf-8")
    changed = content_hash(content)
    (content / "danger.yaml").write_text("{}", encoding="utf-8")
    assert len({before, changed, content_hash(content)}) == 3


def test_a_corpus_survives_its_way_to_the_trainer() -> None:
    corpus = read_corpus()

    assert Corpus.from_json(corpus.to_json()).rows() == corpus.rows()


def test_training_twice_gives_the_same_arrays() -> None:
    corpus = few(read_corpus())

    (first, meta), (second, again) = train(corpus), train(corpus)

    assert meta == again
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_an_artefact_is_trained_once(artefact: Path) -> None:
    before = artefact.stat().st_mtime_ns

    assert ensure_artefact(CONTENT_DIR, artefact.parents[1]) == artefact
    assert artefact.stat().st_mtime_ns == before


def test_loading_needs_no_pickle(artefact: Path) -> None:
    with np.load(artefact, allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


def test_understanding_never_imports_scikit_learn(artefact: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from flows.understand import Understander\n"
        f"u = Understander.load(Path({str(artefact)!r})); u.understand('шефът не плаща'); u.explain('здравей')\n"
        "assert not {'sklearn', 'scipy'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_thresholds_keep_to_the_limits_on_calibration_messages(understander: Understander) -> None:
    assert 0.05 <= understander.offer_from <= understander.answer_from < 1
    assert understander.calibrated["answered_wrong"] <= 0.03
    assert understander.calibrated["strangers_answered"] <= 0.03


@pytest.mark.parametrize("text", ["xx: [a]", "bg: text", "bg: [''"])
def test_a_bad_example_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "work.test.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ContentError, match=r"work\.test\.yaml"):
        read_corpus(tmp_path)


def test_the_command_answers_line_by_line(understander: Understander) -> None:
    lines = [
        json.dumps({"id": 1, "text": "шефът не ми плаща заплатата", "unknown": True}),
        "not json",
        "",
        json.dumps(
            {"id": "b", "text": "2", "context": {"language": "ro", "offered": ["work.dismissal", "work.paid_leave"]}}
        ),
        json.dumps({"id": "c"}),
        json.dumps({"id": "d", "text": "", "context": {"language": 5}}),
        json.dumps(["no object"]),
    ]
    out = io.StringIO()

    command.run(io.StringIO("\n".join(lines)), out, understander, explain=True)

    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [answer["id"] for answer in answers] == [1, None, "b", "c", "d", None]
    assert answers[0]["decision"] == "answer"
    assert answers[0]["explain"]
    assert answers[2]["topics"] == ["work.paid_leave"]
    assert ["error" in answer for answer in answers] == [False, True, False, True, True, True]
