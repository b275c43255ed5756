"""What the checks find reads in German too: nobody who edits texts knows the checks' English."""

import re

import pytest

from app.content import CONTENT_DIR
from app.web.editor.issue_words import ABOUT_TEXTS, SENTENCES, issue_words
from app.web.i18n import texts
from flows.check import check_content
from flows.load import read_content

GERMAN = texts("de")
FIELD = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("sentence", [*SENTENCES, *ABOUT_TEXTS])
def test_every_sentence_has_german_words(sentence: str) -> None:
    german = GERMAN.get(sentence)
    assert german != sentence
    assert set(FIELD.findall(german)) <= set(FIELD.findall(sentence))


def test_what_is_found_in_the_starter_texts_is_known() -> None:
    """Gaps are what a colleague wrote down; services have sentences of their own."""
    found = [issue for issue in check_content(read_content(CONTENT_DIR)) if not issue.where.startswith("service ")]
    unknown = {
        issue.text for issue in found if issue.severity != "gap" and issue_words(GERMAN, issue.text) == issue.text
    }
    assert not unknown


def test_days_read_as_people_write_them() -> None:
    assert issue_words(GERMAN, "was to be reviewed on 2026-03-01") == "war am 01.03.2026 wieder anzusehen"
