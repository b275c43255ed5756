"""Flows broken on purpose: the check says where, in which language, and why."""

from typing import Any

import pytest

from flows.dialogue.check import check_flows
from flows.findings import Issue
from tests.flows.dialogue.small import content, small, words


def errors(data: dict[str, Any]) -> list[Issue]:
    return [issue for issue in check_flows(content(data)) if issue.severity == "error"]


def test_a_sound_flow_has_no_errors_but_is_a_draft() -> None:
    issues = list(check_flows(content(small())))
    assert [issue.severity for issue in issues] == ["warning"] * 5
    assert all("draft" in issue.text for issue in issues)


def node(name: str, **changes: Any) -> dict[str, Any]:
    return {name: {**small()["nodes"].get(name, {}), **changes}}


BG_MISSING = {language: text for language, text in words("Hello.").items() if language != "bg"}

BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "a node that does not exist": ({"nodes": node("hello", next="nowhere")}, "node hello", "nowhere"),
    "a start that does not exist": ({"start": "nowhere"}, "flow small", "starts at the node nowhere"),
    "an unreachable node": (
        {"nodes": {"island": {"kind": "say", "text": words("x"), "next": "fine"}}}, "node island", "cannot be reached"),
    "a dead end": (
        {"nodes": {**node("warm", if_no="a"), "a": {"kind": "ask", "what": "text", "field": "note", "text": words("?"),
                                                   "next": "b"},
                   "b": {"kind": "ask", "what": "text", "field": "note", "text": words("?"), "next": "a"}}},
        "node a", "dead end"),
    "a loop without a question": (
        {"nodes": {**node("warm", if_yes="a"), "a": {"kind": "say", "text": words("x"), "next": "b"},
                   "b": {"kind": "say", "text": words("y"), "next": "a"}}},
        "node a", "loop without a question"),
    "a missing language": ({"nodes": node("hello", text=BG_MISSING)}, "node hello", "no words in this language"),
    "too long for SMS": ({"nodes": node("warm", text=words("Warm? " * 60))}, "node warm", "too long for SMS"),
    "no way to a human": ({"nodes": {"human": {"kind": "end"}}}, "flow small", "no way to a human"),
    "an unknown topic": (
        {"nodes": node("hello", kind="answer", topic="work.nothing") and
         {"hello": {"kind": "answer", "topic": "work.nothing", "next": "how_many"}}}, "node hello", "work.nothing"),
    "an unknown field": ({"nodes": node("how_many", field="windows")}, "node how_many", "windows"),
    "a field of another kind": ({"nodes": node("how_many", field="note")}, "node how_many", "note is a text"),
    "an unknown placeholder": ({"nodes": node("hello", text=words("Hello {who}."))}, "node hello", "{who}"),
    "an option without words": (
        {"nodes": node("kind", options=[{"value": "gas", "next": "fine"}, {"value": "x", "next": "long"}])},
        "node kind", "has no words"),
    "the same value twice": (
        {"nodes": node("kind", options=[{"value": "gas", "label": words("Gas"), "next": "fine"},
                                        {"value": "gas", "label": words("Oil"), "next": "long"}])},
        "node kind", "same value twice"),
    "an unknown place": (
        {"nodes": node("long", cases=[{"when": {"place": "atlantis"}, "next": "human"}])}, "node long", "atlantis"),
    "an unknown flow": ({"nodes": {"hello": {"kind": "choose", "text": words("?"), "options": [
        {"value": "on", "label": words("On"), "next": "how_many"}, {"flow": "lost"}]}}}, "node hello", "lost"),
    "an unknown letter": ({"nodes": {"hello": {"kind": "letter", "letter": "love", "next": "how_many"}}},
                          "node hello", "love"),
    "an unknown file": ({"nodes": node("hello", image={"bg": "cat.png"})}, "node hello", "cat.png"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str) -> None:
    changes, where, why = BROKEN[name]
    found = errors(small(**changes))
    assert any(where in issue.where and why in issue.text for issue in found), found


def test_a_missing_language_is_named() -> None:
    (issue,) = errors(small(nodes=node("hello", text=BG_MISSING)))
    assert issue.language == "bg"
