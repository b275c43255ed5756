"""What a draft of a flow asks for the first time: it keeps these fields' definitions with it, under `new_fields`.

They are part of the draft's words and structure, so they are undone, compared, merged and approved with it; when the flow goes
live each becomes a piece of its own, which other flows can use too.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from flows.dialogue.exits import Plain, items_of, nodes_of
from flows.dialogue.graph import FlowField
from flows.findings import Issue
from flows.library import Library
from flows.model import LABEL_CHARS
from translations.script import skeleton

NEW_FIELDS = "new_fields"
KEY_CHARS = 24
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
ASKING = frozenset({"ask", "choose", "checklist"})


def new_fields_of(data: Plain) -> dict[str, dict[str, Any]]:
    found = data.get(NEW_FIELDS)
    return {str(key): {**each, "key": key} for key, each in found.items()} if isinstance(found, Mapping) else {}


def without_new_fields(data: Plain) -> dict[str, Any]:
    """The flow itself, as its model knows it."""
    return {key: value for key, value in data.items() if key != NEW_FIELDS}


def with_new_fields(library: Library, data: Plain) -> Library:
    """Those that can be read; what is live goes before them."""
    made = {}
    for key, each in new_fields_of(data).items():
        try:
            made[key] = FlowField.model_validate(each)
        except ValidationError:
            continue
    return replace(library, fields={**made, **library.fields}) if made else library


def key_for(names: Mapping[str, str], taken: Mapping[str, Any]) -> str:
    """A short name out of the words: 'Bargeld im Haus' is bargeld_im_haus, with a number where that is taken."""
    words = next((names[code] for code in ("de", "en", *names) if names.get(code)), "").casefold()
    latin = words.translate(UMLAUTS) if words.translate(UMLAUTS).isascii() else skeleton(words)
    base = re.sub(r"[^a-z0-9]+", "_", latin).strip("_0123456789")[:KEY_CHARS].rstrip("_") or "answer"
    names_to_try = (base, *(f"{base}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names_to_try if name not in taken)


def settled(data: Plain) -> dict[str, Any]:
    """The draft with its new fields as its steps want them: the kind and choices of who asks; none that nobody asks for."""
    asking = {str(node.get("field")): node for node in nodes_of(data).values() if node.get("kind") in ASKING}
    kept = {key: _fitting(each, asking[key]) for key, each in new_fields_of(data).items() if key in asking}
    return {**without_new_fields(data), **({NEW_FIELDS: kept} if kept else {})}


def check_new_fields(library: Library, data: Plain) -> Iterator[Issue]:
    """What the checks of a whole library can't see: a name that got taken, words that a button can't hold."""
    for key, each in new_fields_of(data).items():
        where = f"field {key}"
        if key in library.fields:
            yield Issue("error", where, f"the short name {key} is taken by now: choose that one, or give another name")
        try:
            FlowField.model_validate(each)
        except ValidationError:
            yield Issue("error", where, f"what is remembered needs a name, and words of {LABEL_CHARS} letters at most")


def _fitting(field: Plain, node: Plain) -> dict[str, Any]:
    kind = str(node.get("kind"))
    what = str(node.get("what") or "text")
    kinds = {"choose": "choice", "checklist": "checklist"}
    made = {**deepcopy(dict(field)), "kind": kinds.get(kind, "yes_no" if what == "photo" else what)}
    made.pop("key", None)
    made.pop("values", None)
    if kind == "choose" and (values := _values(node)):
        made["values"] = values
    return made


def _values(node: Plain) -> dict[str, Any]:
    """As the buttons say them."""
    found = {}
    for option in items_of(node):
        if option.get("value") and option.get("next") and isinstance(option.get("label"), Mapping):
            found[str(option["value"])] = dict(option["label"])
    return found
