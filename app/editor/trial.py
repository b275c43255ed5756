"""What would be if a draft were live: the whole content with the draft in place, looked over and played."""

import functools
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from flows.check import check_content
from flows.dialogue.new_fields import check_new_fields, with_new_fields, without_new_fields
from flows.findings import Issue
from flows.library import MODELS, PINNED, Library
from flows.load import KEYS, Content
from flows.model import Strict

PLURALS = dict(zip(MODELS, (field.name for field in fields(Library)), strict=True))
"""Kind -> the Library's field."""
CONTENT_FIELDS = {field.name for field in fields(Content)}
DRAFT_VERSION = 0  # no version in the database has this number


def library_with(library: Library, kind: str, data: Mapping[str, Any], version: int = DRAFT_VERSION) -> Library:
    """The live library with this piece in the place of its live version, and the fields that a flow brings with it.

    Raises ValidationError.
    """
    if kind not in MODELS:
        return library
    if kind == "flow":
        library, data = with_new_fields(library, data), without_new_fields(data)
    piece = MODELS[kind].model_validate(data)
    pieces = dict(getattr(library, PLURALS[kind]))
    pieces[key_of(kind, piece)] = (version, piece) if kind in PINNED else piece
    return replace(library, **{PLURALS[kind]: pieces})


def key_of(kind: str, piece: Strict) -> str:
    return str(getattr(piece, KEYS.get(kind, "key")))


def content_of(library: Library) -> Content:
    """As files would give it; what the library doesn't hold (canned replies, glossary) is left out."""
    found = {}
    for kind, name in PLURALS.items():
        values = getattr(library, name).values()
        if name in CONTENT_FIELDS:
            found[name] = tuple(each[1] for each in values) if kind in PINNED else tuple(values)
    return Content(**found)


def invalid(kind: str, data: Mapping[str, Any]) -> list[Issue]:
    """What keeps a draft from being read at all, each with the field in dots."""
    if kind not in MODELS:
        return []
    try:
        MODELS[kind].model_validate(without_new_fields(data) if kind == "flow" else data)
    except ValidationError as error:
        return [
            Issue("error", ".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()
        ]
    return []


def issues_with(library: Library, kind: str, key: str, data: Mapping[str, Any], today: date) -> list[Issue]:
    """What the checks say of this piece, and what it breaks elsewhere, the gravest first."""
    own = list(check_new_fields(library, data)) if kind == "flow" else []
    broken = invalid(kind, data)
    if broken or own:
        return [*broken, *own]
    before = set(_issues(library, today))
    after = _issues(library_with(library, kind, data), today)
    return [issue for issue in after if issue not in before or concerns(issue, kind, key)]


def issues_again(library: Library, kind: str, key: str, data: Mapping[str, Any], today: date) -> list[Issue]:
    """`issues_with`, remembered: the same draft is looked at again and again, by its editor and by who approves it."""
    return list(_again(library, kind, key, json.dumps(data, sort_keys=True), today))


def tried(library: Library, kind: str, data: Mapping[str, Any]) -> Library:
    """`library_with`, remembered: what dialogues say with a draft need not be played again when it is published."""
    return _tried(library, kind, json.dumps(data, sort_keys=True))


@functools.lru_cache(maxsize=6)
def _tried(library: Library, kind: str, written: str) -> Library:
    return library_with(library, kind, json.loads(written))


@functools.lru_cache(maxsize=6)  # each may keep a library of ten megabytes that is no longer live
def _again(library: Library, kind: str, key: str, written: str, today: date) -> tuple[Issue, ...]:
    return tuple(issues_with(library, kind, key, json.loads(written), today))


def concerns(issue: Issue, kind: str, key: str) -> bool:
    name = key if kind == "entry" else f"{kind} {key}"
    return issue.where == name or issue.where.startswith((f"{name},", f"{name} "))


@functools.lru_cache(maxsize=4)
def _issues(library: Library, today: date) -> tuple[Issue, ...]:
    """Looking over everything takes a third of a second, and what is live is asked about again and again."""
    return tuple(check_content(content_of(library), today))
