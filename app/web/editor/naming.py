"""How pieces of content are named on pages, and where each is edited, looked at and tried out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.editor.drafts import Piece
from app.web.i18n import texts
from flows.findings import Issue
from flows.library import Library

TITLES = {
    "entry": ("answers", "question"), "flow": ("", "label"), "field": ("", "names"), "letter": ("", "names"),
    "place": ("", "names"),
}  # fmt: skip
"""Kind -> (the map of languages that holds it, or none; the field)."""
PLAIN = {"service": "name", "canned": "title", "template": "purpose"}
EDITORS = {
    "entry": "/editor/entries/{}", "figure": "/editor/figures/{}", "flow": "/editor/flows/{}",
    "template": "/editor/templates/{}", "service": "/directory/{}", "canned": "/admin/replies/{}",
    "place": "/admin/places/{}", "examples": "/editor/examples/{}",
    "transcript": "/editor/transcripts/{}", "dialogue": "/editor/transcripts/{}",
}  # fmt: skip


def title(kind: str, key: str, data: Mapping[str, Any], language: str) -> str:
    """In the reader's language, else in German, else the name that the hub has for it."""
    if kind == "figure":
        return texts(language).term("figure", key)
    if kind in PLAIN:
        return str(data.get(PLAIN[kind]) or key)
    holder, field = TITLES.get(kind, ("", ""))
    for code in (language, "de"):
        words = (data.get(holder) or {}).get(code) or {} if holder else data.get(field) or {}
        found = words.get(field if holder else code) if isinstance(words, Mapping) else None
        if isinstance(found, str) and found:
            return found
    return key


def label_of(entry: Mapping[str, Any], language: str) -> str:
    """An entry's short name, as on buttons, also of a draft; its topic where it has none yet."""
    answers = entry.get("answers") or {}
    labels = (str((answers.get(code) or {}).get("label") or "") for code in (language, "de"))
    return next(filter(None, labels), str(entry.get("topic") or ""))


def piece_url(kind: str, key: str) -> str:
    return f"/editor/pieces/{quote(kind, safe='')}/{quote(key, safe='')}"


def edit_url(kind: str, key: str) -> str:
    return EDITORS[kind].format(quote(key, safe="")) if kind in EDITORS else ""


def look_url(piece: Piece, language: str) -> str:
    """Where people read what is live; only answers have such a page."""
    return f"/abc/{language}/{quote(piece.key)}" if piece.kind == "entry" and piece.live else ""


def try_url(kind: str, key: str) -> str:
    return f"/editor/try?{kind}={quote(key)}" if kind in ("flow", "entry") else ""


def issue_url(library: Library, issue: Issue) -> str:
    """`issue.where` is 'work.tips', 'work.tips in weissenfels', 'flow arrival, node job', 'service x', a place."""
    first, _, rest = issue.where.partition(" ")
    if first in library.entries:
        return edit_url("entry", first)
    if first in library.places:
        return edit_url("place", first)
    key, _, place = rest.partition(", ")
    if first not in EDITORS or not key:
        return ""
    node = place.removeprefix("node ").split(" ")[0] if place.startswith("node ") else ""
    return edit_url(first, key) + (f"?node={quote(node)}" if node else "")
