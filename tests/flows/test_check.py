"""What must not go live, what somebody should look at, and what the coordinator must find out."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from flows.check import check_content
from flows.load import Content, read_content
from flows.model import LocalAnswer
from flows.understand import CONTENT_DIR


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(CONTENT_DIR)


def changed(content: Content, **changes: Any) -> Content:
    first = content.entries[0].model_copy(update=changes)
    return replace(content, entries=(first, *content.entries[1:]))


def errors(content: Content) -> list[str]:
    return [f"{issue.where}: {issue.text}" for issue in check_content(content) if issue.severity == "error"]


def test_the_starter_content_may_go_live_and_says_what_is_open(content: Content) -> None:
    assert errors(content) == []
    issues = check_content(content)
    assert any(issue.severity == "warning" and "draft" in issue.text for issue in issues)
    assert any(issue.severity == "gap" and "has not been called yet" in issue.text for issue in issues)
    assert [issue.severity for issue in issues] == sorted(
        (issue.severity for issue in issues), key=("error", "warning", "gap").index
    )


def test_nobody_who_builds_the_hub_approves(content: Content) -> None:
    assert all(answer.approved_by is None for entry in content.entries for answer in entry.answers.values())
    assert all(phone.tested_on is None for entry in content.entries for phone in entry.phones)


def test_errors_are_found(content: Content) -> None:
    entry = content.entries[0]
    answer = entry.answers["bg"]
    without = {language: each for language, each in entry.answers.items() if language != "uk"}
    unknown = answer.model_copy(update={"messages": ("{no_such_figure} €",)})
    full = answer.model_copy(update={"messages": ("a", "b", "c")})
    local = {"weissenfels": {"bg": LocalAnswer(local="там")}}
    assert "no answer in this language" in errors(changed(content, answers=without))[0]
    assert "no_such_figure" in errors(changed(content, answers={**entry.answers, "bg": unknown}))[0]
    assert "has no entry" in errors(changed(content, next=("no.such",)))[0]
    assert "unknown place" in errors(changed(content, places={"nowhere": {"bg": LocalAnswer(local="там")}}))[0]
    late = {"valid_from": date(2027, 1, 1), "valid_until": date(2026, 1, 1)}
    assert "before it is valid" in errors(changed(content, **late))[0]
    assert any(
        "makes more than" in e for e in errors(changed(content, answers={**entry.answers, "bg": full}, places=local))
    )


def test_a_place_in_an_unknown_place(content: Content) -> None:
    lost = content.places[0].model_copy(update={"parent": "atlantis"})
    assert "atlantis" in errors(replace(content, places=(lost, *content.places[1:])))[0]
