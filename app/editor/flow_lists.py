"""All flows with their state, for the page that lists them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, open_drafts
from app.editor.flow_desk import KIND
from app.editor.trial import content_of, invalid, library_with
from app.hub import Hub
from flows.dialogue.check import check_flows
from flows.findings import Issue
from flows.library import Library
from flows.model import ANSWER_LANGUAGES


@dataclass(frozen=True, slots=True)
class Row:
    slug: str
    label: str
    steps: int
    draft: Piece | None
    live: bool
    errors: int
    warnings: int
    unapproved: tuple[str, ...]  # languages that nobody of the town has approved


async def all_flows(hub: Hub, session: AsyncSession, language: str) -> list[Row]:
    """By label. What is counted is the draft, where there is one."""
    library = hub.shelf.library
    drafts = {piece.key: piece for piece in await open_drafts(session) if piece.kind == KIND}
    return await asyncio.to_thread(_rows, library, drafts, language)


def _rows(library: Library, drafts: Mapping[str, Piece], language: str) -> list[Row]:
    live = list(check_flows(content_of(library)))
    rows = []
    for slug in {*library.flows, *drafts}:
        draft = drafts.get(slug)
        found = _of(slug, live) if draft is None else _of_draft(library, draft)
        label = draft.data.get("label") or {} if draft else library.flows[slug][1].label
        nodes = draft.data.get("nodes") or {} if draft else library.flows[slug][1].nodes
        rows.append(
            Row(
                slug, _in(label, language) or slug, len(nodes), draft, slug in library.flows,
                sum(1 for issue in found if issue.severity == "error"),
                sum(1 for issue in found if issue.severity == "warning" and "approved" not in issue.text),
                _unapproved(library, slug),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: "".join(filter(str.isalnum, row.label)).casefold())


def _of(slug: str, issues: Iterable[Issue]) -> list[Issue]:
    return [issue for issue in issues if issue.where == f"flow {slug}" or issue.where.startswith(f"flow {slug},")]


def _of_draft(library: Library, draft: Piece) -> list[Issue]:
    try:
        tried = library_with(library, KIND, draft.data)
    except ValidationError:
        return invalid(KIND, draft.data)
    return _of(draft.key, check_flows(content_of(tried)))


def _unapproved(library: Library, slug: str) -> tuple[str, ...]:
    found = library.flows.get(slug)
    return tuple(code for code in ANSWER_LANGUAGES if found and not found[1].is_approved(code))


def _in(label: Mapping[Any, str], language: str) -> str:
    return label.get(language) or label.get("de") or next(iter(label.values()), "")
