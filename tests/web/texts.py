"""Collects what the staff pages say, to compare it with the catalogues."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from app import errors
from app.web.editor.showing import WITHOUT_NAME
from flows.aspects import STAMPS
from flows.model import ANSWER_LANGUAGES, Strict

APP = Path(__file__).parents[2] / "app"
PAGES = APP / "web"
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.HubError)}
SILENT = WITHOUT_NAME | {*ANSWER_LANGUAGES, "approved"}
"""Steps of a path that only hold languages or approvals, or are a language."""
RAISED_FOR_PAGES = (
    "api_reading.py", "auth.py", "cases.py", "inbox.py", "snooze.py", "handing.py", "drafts.py", "later.py", "closing.py",
    "resending.py", "teams.py", "filters.py", "tokens.py", "two_factor.py", "blocking.py", "corrections.py",
    "firstwords.py", "opening.py", "revealing.py", "canned.py", "inserting.py", "sending.py", "risky.py",
    "claims.py", "second_reader.py", "answering.py", "duty_rules.py", "rostering.py", "places.py", "looking_up.py",
    "staffing.py", "pushing.py", "exporting.py", "digests.py", "bulk.py", "needle.py", "search.py",
    "saved_views.py", "packages.py", "mediation.py", "mediating.py", "terms.py", "translating.py", "leading.py",
    "canned_files.py",
    "editor/known.py", "editor/redoing.py",
)  # fmt: skip


def template_texts() -> set[str]:
    """The sentences in templates, of one and of many the one; keys such as `status.sent` are tested by group."""
    found = extract_from_dir(PAGES / "templates", [("**.html", "jinja2")], {"**.html": {"trimmed": "true"}})
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def error_texts() -> set[str]:
    """First arguments of raised errors that reach a page."""
    files = [*PAGES.rglob("*.py"), *(APP / "editor").glob("*.py"), *(APP / name for name in RAISED_FOR_PAGES)]
    return {text for file in files for text in _raised(ast.parse(file.read_text()))}


def finding_codes() -> set[str]:
    """What `channel check` may find: `Finding("code", …)`, and Telegram's `_failed("code", error)`."""
    trees = [ast.parse(file.read_text()) for file in (APP.parent / "channels").glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    first = [
        call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("Finding", "_failed")
    ]
    return {each.value for each in first if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def refused_reasons() -> set[str]:
    """The slugs with which adapters refuse a request, and those that the hub counts itself."""
    files = [*APP.rglob("*.py"), *(APP.parent / "channels").glob("*.py")]
    return {slug for file in files for slug in _slugs(ast.parse(file.read_text()))}


def fields_of(models: Iterable[type[Strict]]) -> set[str]:
    """The fields of content, at every depth, as a difference names them; who approved words is no part of them."""
    schemas = [model.model_json_schema() for model in models]
    every = [each for schema in schemas for each in (schema, *schema.get("$defs", {}).values())]
    return {name for schema in every for name in schema.get("properties", {})} - STAMPS - SILENT


def _slugs(tree: ast.Module) -> Iterator[str]:
    """Of `NotFromProvider("slug")` and `count_refused(hub, name, "slug")`, both ends of a condition included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = {"NotFromProvider": 0, "count_refused": 2}.get(node.func.id)
            if place is not None and len(node.args) > place:
                found = ast.walk(node.args[place])
                yield from (one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _raised(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
            message = node.args[0]
            if isinstance(message, ast.Constant) and isinstance(message.value, str):
                yield message.value
