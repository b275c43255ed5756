"""What a try-out takes as known about the person: the fields of a flow, read from a form."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.errors import BadInput
from flows.dialogue.graph import Ask, Case, Checklist, Choose, Condition, Flow, FlowField, Set, Test
from flows.dialogue.reading import read_ages
from flows.library import Library

ASKED_FOR = frozenset({"date", "number", "yes_no", "text", "ages", "choice"})
"""Kinds of fields that a form can hold; the place is chosen apart."""
TEXT_CHARS = 200


def fields_of(library: Library, slug: str) -> list[FlowField]:
    """The fields that matter in a flow, in the order in which it comes to them."""
    found = library.flows.get(slug)
    keys = dict.fromkeys(_keys(found[1])) if found else {}
    return [library.fields[key] for key in keys if key in library.fields and library.fields[key].kind in ASKED_FOR]


def read_known(library: Library, slug: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Raises BadInput where a value does not fit its field."""
    read = {field.key: _read(field, form.get(field.key, "").strip()) for field in fields_of(library, slug)}
    return {key: value for key, value in read.items() if value is not None}


def written(value: Any) -> str:
    """A value as the form holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _keys(flow: Flow) -> Iterator[str]:
    for node in flow.nodes.values():
        tests: list[Test | None] = []
        match node:
            case Choose():
                yield from filter(None, [node.field])
                tests = [option.when for option in node.options]
            case Ask():
                yield node.field
            case Checklist():
                tests = [item.when for item in node.items]
            case Condition():
                cases: tuple[Case, ...] = node.cases
                tests = [case.when for case in cases]
            case Set():
                yield from node.values
        yield from (test.field for test in tests if test and test.field)


def _read(field: FlowField, given: str) -> Any:
    if not given:
        return None
    value: Any = None
    match field.kind:
        case "yes_no":
            value = {"yes": True, "no": False}.get(given)
        case "number":
            value = int(given) if given.isdecimal() and len(given) < 10 else None
        case "ages":
            value = read_ages(given)
        case "date":
            value = _day(given)
        case "choice":
            value = given if given in field.values else None
        case _:
            value = given[:TEXT_CHARS]
    if value is None or value == []:
        raise BadInput("This does not fit: {name}.", name=field.names.get("de", field.key))
    return value


def _day(given: str) -> str | None:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        return None
