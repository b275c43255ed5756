"""The development set against its bars: nobody makes understanding worse unseen."""

import pytest

from flows.understand import CONTENT_DIR, Understander, ensure_artefact, read_corpus
from tests.eval.bars import BARS, BY_LANGUAGE
from tests.eval.measure import Report, measure, read_cases
from tests.live import TRAINED


@pytest.fixture(scope="module")
def report() -> Report:
    return measure(Understander.load(ensure_artefact(CONTENT_DIR, TRAINED)), list(read_cases()))


@pytest.mark.parametrize(("name", "bar"), BARS.items())
def test_bar(report: Report, name: str, bar: float) -> None:
    assert report.tallies["all"].share(name) >= bar


@pytest.mark.parametrize("language", ["bg", "ro", "uk"])
@pytest.mark.parametrize(("name", "bar"), BY_LANGUAGE.items())
def test_bar_of_a_language(report: Report, language: str, name: str, bar: float) -> None:
    assert report.tallies[language].share(name) >= bar


def test_the_development_set_was_never_learnt_from() -> None:
    corpus = read_corpus()
    learnt = {" ".join(text.lower().split()) for text, _ in corpus.signal_rows()}
    assert not learnt & {" ".join(case.text.lower().split()) for case in read_cases()}
