"""An outdated draft and what went live since it was begun are put together: nothing of either is lost."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.editor.drafts import Data, Piece, check_open, locked, open_piece, save
from app.editor.merging import Merged, merge
from app.editor.policy import check_edits
from app.errors import BadInput, Conflict
from app.hub import Hub
from app.models import ContentVersion, User
from flows.load import whole


async def version_data(session: AsyncSession, kind: str, key: str, version: int) -> Data:
    """Empty where there was none: version 0."""
    query = sa.select(ContentVersion.data).where(ContentVersion.kind == kind, ContentVersion.key == key)
    return dict(await session.scalar(query.where(ContentVersion.version == version)) or {})


async def together(session: AsyncSession, piece: Piece, choices: Mapping[str, str] = MappingProxyType({})) -> Merged:
    """The draft with what went live since. Raises Conflict where nothing did."""
    if piece.draft is None or piece.live is None or not piece.outdated:
        raise Conflict("Nothing else went live since this draft was begun.")
    base = await version_data(session, piece.kind, piece.key, piece.draft.base_version)
    states: list[Mapping[str, Any]] = [whole(piece.kind, data) for data in (base, piece.data, piece.live.data)]
    return merge(states[0], states[1], states[2], "mine", choices=choices)


async def rebase(
    hub: Hub, session: AsyncSession, user: User, kind: str, key: str, choices: Mapping[str, str], *, seen: int
) -> Piece:
    """Raises BadInput where something that both changed is not decided, Stale where the draft changed meanwhile."""
    check_edits(user)
    await check_open(session, kind, key)
    await locked(session, user, kind, key, seen=seen)
    piece = await open_piece(session, kind, key)
    merged = await together(session, piece, choices)
    assert piece.live is not None
    if merged.undecided(choices):
        raise BadInput("Please choose for each place that both have changed.")
    saved = await save(hub, session, user, kind, key, merged.data, seen=seen)
    draft = await locked(session, user, kind, key, seen=saved.revision)
    draft.base_version = piece.live.version
    await audit.note(session, user, "draft_merged", of=f"{kind} {key}")
    await session.flush()
    return await open_piece(session, kind, key)
