"""The live content out of the database, each piece fetched and parsed once in the life of a process."""

import asyncio
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ContentVersion
from flows.library import MODELS
from flows.model import Strict
from flows.terms import GlossaryTerm

Piece = tuple[str, str, int, Strict]  # kind, key, version, what it holds
_Name = tuple[str, str, str]  # kind, key, hash: the same words, whichever version or database they stand in

KINDS: Mapping[str, type[Strict]] = {**MODELS, "term": GlossaryTerm}
"""What the hub speaks by; other kinds (transcripts, say) are for the editor alone."""

_met: Mapping[_Name, Strict] = {}  # of the newest reading; pieces are frozen, so readers share them


async def live_pieces(session: AsyncSession) -> list[Piece]:
    """All of it is four megabytes and a quarter of a second of work, and a publication changes one piece."""
    global _met
    version = ContentVersion
    query = sa.select(version.id, version.version, version.kind, version.key, version.hash)
    rows = (await session.execute(query.where(version.current, version.kind.in_(KINDS)))).all()
    known = _met
    new = {row.id: (row.kind, row.key, row.hash) for row in rows if (row.kind, row.key, row.hash) not in known}
    if new:
        known = {**known, **await _parsed(session, new)}
    _met = {name: known[name] for row in rows for name in [(row.kind, row.key, row.hash)]}
    return [(row.kind, row.key, row.version, known[row.kind, row.key, row.hash]) for row in rows]


async def _parsed(session: AsyncSession, names: Mapping[int, _Name]) -> dict[_Name, Strict]:
    """Raises pydantic's ValidationError on damaged data."""
    query = sa.select(ContentVersion.id, ContentVersion.data).where(ContentVersion.id.in_(names))
    rows = (await session.execute(query)).all()
    return await asyncio.to_thread(_parse, [(names[id_], data) for id_, data in rows])


def _parse(rows: Sequence[tuple[_Name, Mapping[str, object]]]) -> dict[_Name, Strict]:
    return {name: KINDS[name[0]].model_validate(data) for name, data in rows}
