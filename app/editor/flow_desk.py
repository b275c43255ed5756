"""Changes of a flow as the flow editor makes them: each one a step of the draft, on top of what the person saw.

Who is overtaken by a colleague loses nothing: both changes can be put together, from what both began with.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Data, Piece, Stale, create, open_piece, save, tidy
from app.editor.merging import Clash, Merged, Side, merge
from app.editor.trial import issues_again
from app.errors import BadInput, Conflict
from app.hub import Hub
from app.models import ContentDraft, ContentRevision, ContentVersion, User
from flows.dialogue.editing import NAME, CannotEdit, Edited
from flows.findings import Issue

KIND = "flow"
SLUG_CHARS = 16

Edit = Callable[[Data], Edited]


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody had before them: a revision of the draft, or without one (0) the live version."""

    revision: int
    live: int

    def __str__(self) -> str:
        return f"{self.revision}-{self.live}"

    @classmethod
    def parse(cls, text: str) -> "Seen":
        parts = text.split("-")
        if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            raise BadInput("This page is too old. Please load it again.")
        return cls(int(parts[0]), int(parts[1]))

    @classmethod
    def of(cls, piece: Piece) -> "Seen":
        if piece.draft is not None:
            return cls(piece.revision, 0)
        return cls(0, piece.live.version if piece.live else 0)


class Overtaken(Conflict):
    """A colleague saved meanwhile. `base`: what both began with; `mine`: with the refused change."""

    def __init__(self, piece: Piece, base: Data, mine: Data, merged: Merged) -> None:
        super().__init__("{name} has changed this meanwhile.", name=piece.changed_by or "?")
        self.piece = piece
        self.base = base
        self.mine = mine
        self.clashes: tuple[Clash, ...] = merged.clashes


async def change(
    hub: Hub,
    session: AsyncSession,
    user: User,
    slug: str,
    edit: Edit,
    *,
    seen: Seen,
    base: Seen | None = None,
    prefer: Side | None = None,
    machine: tuple[str, ...] = (),
) -> Edited:
    """`base`: the person was overtaken before, and puts what they began there together with what they see now.

    Raises Overtaken, and BadInput where the change makes no sense.
    """
    piece = await open_piece(session, KIND, slug)
    began = await _data_of(session, slug, base or seen)
    try:
        done = edit(began)
    except CannotEdit as error:
        raise BadInput(error.message, **error.detail) from None
    merged = Merged(done.data, ())
    if base is not None or seen != Seen.of(piece):
        merged = merge(began, tidy(done.data), tidy(piece.data), prefer or "theirs")
        if seen != Seen.of(piece) or (merged.clashes and prefer is None):
            raise Overtaken(piece, began, done.data, merged)
    try:
        await save(hub, session, user, KIND, slug, merged.data, seen=piece.revision, machine=machine)
    except Stale:
        newer = await open_piece(session, KIND, slug)
        raise Overtaken(newer, began, done.data, merge(began, tidy(done.data), tidy(newer.data))) from None
    return Edited(merged.data, done.node, done.loose)


async def begin(hub: Hub, session: AsyncSession, user: User, slug: str, label: str) -> Piece:
    """A new flow: it greets, and hands over."""
    slug = slug.strip().lower()
    if not NAME.fullmatch(slug) or len(slug) > SLUG_CHARS:
        raise BadInput("A flow's name has small letters, digits and _ only, {most} at most.", most=SLUG_CHARS)
    if not label.strip():
        raise BadInput("A label is needed: what stands on the button that starts it.")
    nodes = {
        "hello": {"kind": "say", "text": {}, "next": "human"},
        "human": {"kind": "hand_over", "reason": "asked"},
    }
    data = {"flow": slug, "label": {"de": label.strip()}, "start": "hello", "nodes": nodes}
    try:
        return await create(hub, session, user, KIND, slug, data)
    except Conflict:
        raise Conflict("There is already a flow with this name.") from None


async def issues_of(hub: Hub, slug: str, data: Data) -> list[Issue]:
    """What the checks say of it, outside of the event loop."""
    return await asyncio.to_thread(issues_again, hub.shelf.library, KIND, slug, data, hub.today)


async def _data_of(session: AsyncSession, slug: str, seen: Seen) -> dict[str, Any]:
    if seen.revision:
        query = (
            sa.select(ContentRevision.data)
            .join(ContentDraft, ContentDraft.id == ContentRevision.draft_id)
            .where(ContentDraft.kind == KIND, ContentDraft.key == slug, ContentRevision.revision == seen.revision)
            .order_by(ContentDraft.id.desc())
            .limit(1)
        )
    else:
        of_it = (ContentVersion.kind == KIND, ContentVersion.key == slug)
        query = sa.select(ContentVersion.data).where(*of_it, ContentVersion.version == seen.live)
    found = await session.scalar(query)
    if found is None:
        raise BadInput("This page is too old. Please load it again.")
    return tidy(found)
