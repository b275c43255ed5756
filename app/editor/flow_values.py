"""Conditions and values of a flow as a form has them: rows of what, how and which, read and written without code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.errors import BadInput
from flows.dialogue.graph import FlowField
from flows.library import Library
from translations.phrases import phrase
from translations.script import skeleton

WORLD = ("@language", "@channel", "@place", "@since")
"""What a condition may ask beside what was learned."""
HOWS = (
    "known", "not_known", "equals", "one_of", "at_least", "at_most", "past", "not_past", "within_days", "days_ago",
)  # fmt: skip
WITHOUT_VALUE = frozenset({"known", "not_known", "past", "not_past"})
COUNTS = frozenset({"at_least", "at_most", "within_days", "days_ago"})
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Row:
    """`of`: a field's key, or one of WORLD; empty in the row for a new test."""

    of: str = ""
    how: str = ""
    value: str = ""


def rows_of(test: Mapping[str, Any], library: Library) -> list[Row]:
    """A condition as rows that must all hold."""
    field = str(test.get("field") or "")
    rows = []
    for how in HOWS:
        name, wanted = (how[4:], False) if how.startswith("not_") else (how, True)
        value = test.get(name)
        if value is None or (name in ("known", "past") and value != wanted):
            continue
        rows.append(Row(field, how, "" if how in WITHOUT_VALUE else write_value(library, field, value)))
    for of in WORLD:
        if (value := test.get(of[1:])) is not None:
            rows.append(Row(of, "equals", ", ".join(value) if isinstance(value, list) else str(value)))
    return rows


def read_test(rows: Iterable[Row], library: Library) -> dict[str, Any]:
    """Raises BadInput for what nobody could mean."""
    test: dict[str, Any] = {}
    for row in rows:
        if not row.of:
            continue
        if row.of in WORLD:
            test[row.of[1:]] = _of_world(row.of, row.value, library)
            continue
        if test.setdefault("field", row.of) != row.of:
            raise BadInput("One condition can test one thing that was learned. Put a second fork behind it.")
        name = row.how.removeprefix("not_")
        if row.how not in HOWS:
            raise BadInput("Choose what the condition compares.")
        test[name] = _compared(library, row)
    return test


def read_value(library: Library, key: str, text: str) -> Any:
    """What somebody wrote or chose as a value of this field: 'Baustelle', 'ja', '18', '2026-11-22'."""
    field = library.fields.get(key)
    text = text.strip()
    if field is None or field.kind in ("text", "checklist"):
        return text
    match field.kind:
        case "choice":
            return _named(text, {value: labels.values() for value, labels in field.values.items()}, key)
        case "yes_no":
            names = {each: [phrase(f"button.{each}", lang) for lang in ("de", "en")] for each in ANSWERS}
            return ANSWERS[_named(text, names, key)]
        case "place":
            return _named(text, {slug: each.names.values() for slug, each in library.places.items()}, key)
        case "date":
            return _day(text)
        case _:
            return _number(text)


def write_value(library: Library, key: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(write_value(library, key, each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def choices(library: Library, key: str, language: str) -> list[tuple[str, str]]:
    """(value, words) to choose from, where the field has such."""
    field = library.fields.get(key)
    if field is None:
        return []
    if field.kind == "yes_no":
        return [(each, phrase(f"button.{each}", language)) for each in ANSWERS]
    return [(value, _in(labels, language, value)) for value, labels in field.values.items()]


def fields_for(library: Library, kinds: Sequence[str] = ()) -> list[FlowField]:
    return [field for field in library.fields.values() if not kinds or field.kind in kinds]


def _compared(library: Library, row: Row) -> Any:
    if row.how in WITHOUT_VALUE:
        return not row.how.startswith("not_")
    if row.how in COUNTS:
        return _number(row.value)
    if not row.value.strip():
        raise BadInput("Say what the condition compares with.")
    if row.how == "one_of":
        return [read_value(library, row.of, each) for each in row.value.split(",") if each.strip()]
    return read_value(library, row.of, row.value)


def _of_world(of: str, value: str, library: Library) -> Any:
    if of == "@place":
        return read_value(library, "place", value) if "place" in library.fields else value.strip()
    if of == "@since":
        return _day(value)
    found = [each.strip() for each in value.split(",") if each.strip()]
    if not found:
        raise BadInput("Say what the condition compares with.")
    return found


def _named(text: str, names: Mapping[str, Iterable[str]], key: str) -> str:
    """By its slug, or by its words in any language, capitals and symbols aside."""
    wanted = skeleton(text)
    for value, said in names.items():
        if text == value or (wanted and wanted in {skeleton(each) for each in said}):
            return value
    known = ", ".join(next(iter(said), value) for value, said in names.items())
    raise BadInput("“{text}” is no value of {field}. There are: {known}.", text=text[:40], field=key, known=known[:300])


def _number(text: str) -> int:
    found = text.strip()
    if not (found.isascii() and found.lstrip("-").isdigit() and len(found) <= 6):
        raise BadInput("Write a whole number, such as 18.")
    return int(found)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadInput("Write the day such as 2026-11-30.") from None


def _in(labels: Mapping[Any, str], language: str, otherwise: str) -> str:
    return labels.get(language) or labels.get("de") or otherwise
