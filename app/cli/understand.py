"""`streetwork understand`: JSON lines in, one JSON line out for each, without a database. The wiring is in `app.cli`."""

import json
from collections.abc import Mapping
from typing import Any, TextIO

from flows.understand import Context, Understander, Understanding


def run(stdin: TextIO, stdout: TextIO, understander: Understander, *, explain: bool) -> None:
    """Understand each line of `stdin`; a bad line becomes a line with "error", and the next is read."""
    for line in stdin:
        if line.strip():
            stdout.write(json.dumps(_answer(understander, line, explain), ensure_ascii=False) + "\n")
            stdout.flush()


def _answer(understander: Understander, line: str, explain: bool) -> dict[str, Any]:
    identity: Any = None
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise ValueError("a line must be a JSON object")
        identity = data.get("id")
        text = data.get("text")
        if not isinstance(text, str):
            raise ValueError('"text" must be a string')
        context = _context(data.get("context"))
    except ValueError as error:
        return {"id": identity, "error": str(error)}
    if explain:
        explained = understander.explain(text, context)
        return {**_fields(identity, explained), "explain": list(explained.reasons)}
    return _fields(identity, understander.understand(text, context))


def _context(data: object) -> Context:
    """Unknown fields are ignored; a field of the wrong kind is an error that says so."""
    if data is None:
        return Context()
    if not isinstance(data, Mapping):
        raise ValueError('"context" must be an object')
    offered = data.get("offered") or []
    if not isinstance(offered, list):
        raise ValueError('"offered" must be a list')
    names = {name: data.get(name) for name in ("language", "place", "last_topic")}
    for name, value in names.items():
        if value is not None and not isinstance(value, str):
            raise ValueError(f'"{name}" must be a string')
    return Context(
        language=names["language"],
        place=names["place"],
        last_topic=names["last_topic"],
        offered=tuple(str(topic) for topic in offered),
    )


def _fields(identity: object, understood: Understanding) -> dict[str, Any]:
    return {
        "id": identity,
        "language": understood.language,
        "script": understood.script,
        "decision": understood.decision,
        "topic": understood.topic,
        "topics": list(understood.topics),
        "candidates": [{"topic": c.topic, "score": c.score} for c in understood.candidates],
        "intent": understood.intent,
        "language_wanted": understood.language_wanted,
        "urgent": understood.urgent,
        "danger": list(understood.danger),
        "deadline": understood.deadline,
    }
