"""Puts what was learned into words: `{letter_date}` in a node's text, a field's value on a case."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.lists import format_list

from flows.library import Library
from flows.model import PLACEHOLDER
from translations.phrases import phrase

BLANK = "_" * 30  # a line to write on, in a letter


def fill(
    text: str, fields: Mapping[str, Any], library: Library, language: str, on: date, *, blanks: bool = False
) -> str:
    """Fields first, figures next. Raises NotSayable where a figure has no value on that day.

    A field that is not known is an ellipsis, with `blanks` a line to write on.
    """

    def value(match: re.Match[str]) -> str:
        key = match[1]
        if key not in library.fields:
            return match[0]
        return say_value(library, key, fields.get(key), language) or (BLANK if blanks else "…")

    return library.fill(PLACEHOLDER.sub(value, text), language, on)


def say_day(day: date, language: str, *, weekday: bool = True) -> str:
    """'вторник, 3 ноември 2026', 'Dienstag, 3. November 2026': as one says it, without the abbreviation for 'year'."""
    pattern = "d. MMMM y" if language == "de" else "d MMMM y"
    return format_date(day, f"EEEE, {pattern}" if weekday else pattern, locale=language)


def say_value(library: Library, key: str, value: Any, language: str) -> str:
    """A field's value as a reader of that language says it: 'вторник, 3 ноември 2026', '4, 9'. Empty where not known."""
    field = library.fields.get(key)
    if field is None or value is None or value == []:
        return ""
    match field.kind:
        case "date":
            return say_day(date.fromisoformat(value), language)
        case "yes_no":
            return phrase("button.yes" if value else "button.no", language)
        case "ages":
            return format_list([str(age) for age in value], locale=language)
        case "choice":
            labels = field.values.get(str(value), {})
            return str(labels.get(language, value))  # type: ignore[call-overload]
        case "place":
            place = library.places.get(str(value))
            return place.names[language] if place else phrase("button.place_other", language)  # type: ignore[index]
        case "checklist":
            return f"{sum(1 for done in value.values() if done)}/{len(value)}"
        case _:
            return str(value)
