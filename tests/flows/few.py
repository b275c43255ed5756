"""A small real content folder: a few topics with their examples, signals and calibration messages; trained in seconds."""

from pathlib import Path

import yaml

from flows.understand import CONTENT_DIR, Corpus, read_corpus
from flows.understand.corpus import LISTS

TOPICS = ("benefits.child_benefit", "education.kita_place", "housing.find_flat", "work.wage_unpaid")
EACH = 25  # messages of a list


def few(corpus: Corpus) -> Corpus:
    return Corpus(
        examples={topic: _short(corpus.examples[topic]) for topic in TOPICS},
        none=_short(corpus.none),
        signals={kind: _short(texts) for kind, texts in corpus.signals.items()},
        calibration={
            lang: {label: texts for label, texts in labelled.items() if "." not in label or label in TOPICS}
            for lang, labelled in corpus.calibration.items()
        },
        intents=corpus.intents,
        danger=corpus.danger,
    )


def _short(texts: object) -> dict[str, tuple[str, ...]]:
    assert isinstance(texts, dict)
    return {lang: tuple(messages[:EACH]) for lang, messages in texts.items() if lang in ("bg", "ro", "uk")}


def write_few(folder: Path) -> Path:
    """The same as files."""
    corpus = few(read_corpus())
    for name, parts in (
        ("examples", {**corpus.examples, "none": corpus.none}),
        ("signals", corpus.signals),
        ("calibration", corpus.calibration),
    ):
        (folder / name).mkdir(parents=True)
        for key, texts in parts.items():
            data = {label: list(messages) for label, messages in texts.items()}
            (folder / name / f"{key}.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    for name in LISTS:
        (folder / name).write_bytes((CONTENT_DIR / name).read_bytes())
    return folder
