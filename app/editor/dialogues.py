"""Stored dialogues (kind `transcript`): played before something goes live, so that nobody changes unawares what is said.

A draft of a dialogue that is right only with a change goes live together with it: see `Found.along`.
"""

import asyncio
import functools
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, open_piece
from app.editor.trial import tried
from app.models import ContentDraft, ContentVersion
from flows.dialogue.transcript import Failure, check_transcript
from flows.library import MODELS, Library
from flows.model import StoredTranscript
from flows.understand import CONTENT_DIR
from flows.understand.corpus import read_yaml
from flows.understand.intents import IntentLists

TRANSCRIPT = "transcript"
Dialogues = dict[str, StoredTranscript]


@dataclass(frozen=True, slots=True)
class Found:
    """`failures` keep a piece from going live; `along`: dialogues whose drafts go live together with it."""

    failures: tuple[Failure, ...] = ()
    along: tuple[str, ...] = ()


@functools.cache
def intents() -> IntentLists:
    """What a person's words in a dialogue mean, such as yes and no."""
    return IntentLists(read_yaml(CONTENT_DIR / "intents.yaml"))


@functools.lru_cache(maxsize=300)
def failure_of(stored: StoredTranscript, library: Library) -> Failure | None:
    """None where it still says what stands there. Remembered: the same are asked about again and again."""
    return check_transcript(stored, library, intents())


async def look_at(session: AsyncSession, library: Library, piece: Piece) -> Found:
    """What would be if the draft went live beside what is live now. Raises ValidationError where it can't be read at all."""
    if piece.kind == TRANSCRIPT:
        return Found(failures=await asyncio.to_thread(_own, piece, library))
    if piece.kind not in MODELS:
        return Found()
    live, drafts = await live_dialogues(session), await drafted_dialogues(session)
    return await asyncio.to_thread(_compare, library, piece.kind, piece.key, piece.data, live, drafts)


async def fitting_again(session: AsyncSession, library: Library, version: ContentVersion) -> list[ContentVersion]:
    """For a piece that goes back to an old version: earlier versions of the dialogues that then fit again."""
    live = await live_dialogues(session)
    found = await asyncio.to_thread(_compare, library, version.kind, version.key, version.data, live, {})
    if not found.failures:
        return []
    library = tried(library, version.kind, version.data)
    names = [failure.name for failure in found.failures]
    query = sa.select(ContentVersion).where(ContentVersion.kind == TRANSCRIPT, ContentVersion.key.in_(names))
    fitting: dict[str, ContentVersion] = {}
    for old in await session.scalars(query.order_by(ContentVersion.version.desc())):
        if old.key not in fitting and failure_of(_read(old.data), library) is None:
            fitting[old.key] = old
    return list(fitting.values())


async def live_dialogues(session: AsyncSession) -> Dialogues:
    rows = await session.scalars(
        sa.select(ContentVersion.data).where(ContentVersion.kind == TRANSCRIPT, ContentVersion.current)
    )
    return {stored.name: stored for stored in map(_read, rows)}


async def drafted_dialogues(session: AsyncSession) -> Dialogues:
    """What can be read of the open drafts and still begins from what is live."""
    found: Dialogues = {}
    open_ones = sa.select(ContentDraft.key).where(ContentDraft.kind == TRANSCRIPT, ContentDraft.closed_at.is_(None))
    for key in await session.scalars(open_ones.order_by(ContentDraft.key)):
        piece = await open_piece(session, TRANSCRIPT, key)
        if not piece.outdated:
            try:
                found[key] = _read(piece.data)
            except ValidationError:
                continue
    return found


def _own(piece: Piece, library: Library) -> tuple[Failure, ...]:
    try:
        failure = failure_of(_read(piece.data), library)
    except ValidationError:
        failure = Failure(piece.key, "is empty, too long, or has a name of other characters than a to z, 0 to 9 and _")
    return (failure,) if failure else ()


def _compare(library: Library, kind: str, key: str, data: dict[str, Any], live: Dialogues, drafts: Dialogues) -> Found:
    """A dialogue that fails counts where the change makes it fail, or fail otherwise, or where it is of this very flow."""
    new = tried(library, kind, data)
    failures: list[Failure] = []
    along: list[str] = []
    for name in sorted({*live, *drafts}):
        failure = failure_of(live[name], new) if name in live else None
        if name in live and failure is None:
            continue
        redone = failure_of(drafts[name], new) if name in drafts else None
        if name in drafts and redone is None:
            if name in live or failure_of(drafts[name], library) is not None:
                along.append(name)
        elif failure and (_is_of(live[name], kind, key) or failure_of(live[name], library) != failure):
            failures.append(redone or failure)
    return Found(tuple(failures), tuple(along))


def _is_of(stored: StoredTranscript, kind: str, key: str) -> bool:
    return kind == "flow" and f"flow: {key}" in stored.text.partition("\n\n")[0].splitlines()


def _read(data: dict[str, Any]) -> StoredTranscript:
    return StoredTranscript.model_validate(data)
