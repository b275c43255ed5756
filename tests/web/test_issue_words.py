"""Whatever the checks can say is said in German too: their sentences are found in the code, so that no new one is forgotten."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.web.editor.issue_words import PYDANTIC, SENTENCES, issue_words
from app.web.i18n import texts

ROOT = Path(__file__).parents[2]
SPEAKERS = [
    *(ROOT / "flows").glob("*.py"),
    *(ROOT / "flows" / "dialogue").glob("*.py"),
    *(ROOT / "app" / "editor").glob("*.py"),
]
SAYING = {"Issue": 2, "Failure": 1, "BadTranscript": 0, "BrokenFlow": 0}
OWN = {"flow_issues.py": {"Problem": 1}}  # elsewhere the word means something else
MODELS = ("graph.py", "model.py", "examples.py")
"""Whose ValueErrors are issues: pydantic passes them on."""


def said() -> Iterator[str]:
    for file in SPEAKERS:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                places = SAYING | OWN.get(file.name, {}) | ({"ValueError": 0} if file.name in MODELS else {})
                place = places.get(node.func.id, 99)
                if len(node.args) > place and (text := filled(node.args[place])):
                    yield text


def filled(node: ast.expr) -> str:
    """The sentence with something in its gaps; empty where it is not written there."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "x17" for part in node.values]
        return "".join(parts) if "".join(part for part in parts if part != "x17").strip(" :{}") else ""
    return ""


@pytest.mark.parametrize("text", sorted(set(said())))
def test_what_a_check_says_is_known(text: str) -> None:
    assert issue_words(texts("en"), text) == text
    assert issue_words(texts("de"), text) != text


def test_every_sentence_is_there_in_german() -> None:
    words = texts("de")
    assert [each for each in (*SENTENCES, *PYDANTIC) if words.get(each) == each] == []


def test_days_read_as_people_write_them() -> None:
    assert "01.03.2026" in issue_words(texts("de"), "was to be reviewed on 2026-03-01")
