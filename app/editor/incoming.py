"""Newer content of another town, or of the hub's starter, beside this town's own words: taken part by part, or declined.

What only they changed comes into a draft, which goes the usual way; what both changed a person decides. Nothing is
overwritten silently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.editor.drafts import Data, Piece, locked, open_piece, save
from app.editor.merging import Merged, merge
from app.editor.policy import check_edits
from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import ContentIncoming, User
from app.publishing import incoming_base
from flows.load import whole

STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`base`: from what both began; `merged`: the hub's own words with theirs."""

    row: ContentIncoming
    piece: Piece
    base: Data
    merged: Merged


async def incoming(session: AsyncSession) -> list[ContentIncoming]:
    """What nobody has decided upon yet."""
    query = sa.select(ContentIncoming).where(ContentIncoming.hash != ContentIncoming.settled_hash)
    return list(await session.scalars(query.order_by(ContentIncoming.kind, ContentIncoming.key, ContentIncoming.id)))


async def propose(
    session: AsyncSession, incoming_id: int, choices: Mapping[str, str] = MappingProxyType({})
) -> Proposal:
    """Raises NotFound, Conflict where somebody has decided meanwhile."""
    row = await session.get(ContentIncoming, incoming_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such text.")
    if row.hash == row.settled_hash:
        raise Conflict("Somebody has decided this meanwhile.")
    piece = await open_piece(session, row.kind, row.key)
    base = whole(row.kind, await incoming_base(session, row.kind, row.key, row.origin))
    merged = merge(base, whole(row.kind, piece.data), whole(row.kind, row.data), "mine", choices=choices)
    return Proposal(row, piece, base, merged)


async def take(
    hub: Hub, session: AsyncSession, user: User, incoming_id: int, choices: Mapping[str, str], *, seen: int, shown: str
) -> Piece:
    """Into a draft. `shown`: the hash of what the page showed. Raises BadInput, Conflict, Stale."""
    check_edits(user)
    proposal = await propose(session, incoming_id, choices)
    row = _checked(proposal.row, shown)
    if proposal.merged.undecided(choices):
        raise BadInput("Please choose for each place that both have changed.")
    piece = await save(hub, session, user, row.kind, row.key, proposal.merged.data, seen=seen)
    if piece.draft is not None:
        draft = await locked(session, user, row.kind, row.key, seen=piece.revision)
        draft.marks = {**draft.marks, "incoming": row.source or row.origin}
    row.settled, row.settled_hash = row.data, row.hash
    await audit.note(session, user, "content_taken", of=f"{row.kind} {row.key}", source=row.source)
    await session.flush()
    return piece


async def keep(session: AsyncSession, user: User, incoming_id: int, *, shown: str) -> None:
    """The hub's own words stay; nobody is asked again until theirs change anew."""
    check_edits(user)
    row = _checked((await propose(session, incoming_id)).row, shown)
    row.settled, row.settled_hash = row.data, row.hash
    await audit.note(session, user, "content_kept", of=f"{row.kind} {row.key}", source=row.source)
    await session.flush()


def _checked(row: ContentIncoming, shown: str) -> ContentIncoming:
    if row.hash != shown:
        raise Conflict("Still newer words have come meanwhile. Please look at them first.")
    return row
