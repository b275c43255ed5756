"""Drafts that were thrown away, to be had back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.editor.drafts import Piece, locked, save, untouched
from app.editor.policy import check_edits
from app.errors import Conflict, NotFound
from app.hub import Hub
from app.models import ContentDraft, User
from app.publishing import live_version

MOST = 20


@dataclass(frozen=True, slots=True)
class Closed:
    """`name`: who wrote in it last."""

    id: int
    kind: str
    key: str
    closed_at: datetime | None
    name: str | None


async def closed_drafts(session: AsyncSession, kind: str, key: str) -> Sequence[Closed]:
    """The last thrown away first."""
    query = (
        sa.select(ContentDraft.id, ContentDraft.kind, ContentDraft.key, ContentDraft.closed_at, User.name)
        .outerjoin(User, User.id == ContentDraft.updated_by_id)
        .where(ContentDraft.kind == kind, ContentDraft.key == key, ContentDraft.closed_as == "discarded")
        .order_by(ContentDraft.closed_at.desc(), ContentDraft.id.desc())
        .limit(MOST)
    )
    return [Closed(*row) for row in await session.execute(query)]


async def restore(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, draft_id: int) -> Piece:
    """The draft is open again, as a new one: on the version that it began from, by the people who wrote it.

    Raises Conflict where another one has been begun meanwhile.
    """
    check_edits(user)
    closed = await session.get(ContentDraft, draft_id)
    if closed is None or (closed.kind, closed.key, closed.closed_as) != (kind, key, "discarded"):
        raise NotFound("There is no such draft.")
    open_one = sa.select(ContentDraft.id).where(
        ContentDraft.kind == kind, ContentDraft.key == key, ContentDraft.closed_at.is_(None)
    )
    if await session.scalar(open_one):
        raise Conflict("There is another draft meanwhile. Publish it or throw it away first.")
    live = await live_version(session, kind, key)
    piece = await save(hub, session, user, kind, key, closed.data, seen=untouched(live))
    if piece.draft is None:
        raise Conflict("What was thrown away is live meanwhile, word by word.")
    draft = await locked(session, user, kind, key, seen=piece.revision)
    draft.base_version = closed.base_version if live else 0
    draft.authors = closed.authors  # who had it back wrote nothing, and may approve it
    draft.marks, draft.note = closed.marks, closed.note
    closed.closed_as = "restored"
    await audit.note(session, user, "draft_restored", of=f"{kind} {key}")
    await session.flush()
    return piece
