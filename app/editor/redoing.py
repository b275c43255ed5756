"""A stored dialogue changed by hand: other words of the person, what is said today taken over, no longer played."""

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.dialogues import TRANSCRIPT, failure_of, look_at
from app.editor.drafts import Piece, Stale, open_piece, save
from app.editor.policy import check_edits
from app.errors import BadInput
from app.hub import Hub
from app.models import User
from flows.dialogue.transcript import with_lines, with_retired
from flows.library import Library
from flows.model import StoredTranscript


class NotPlayable(BadInput):
    """`problem`: where it breaks off, in the words of the checks."""

    def __init__(self, problem: str) -> None:
        super().__init__("This can't be played: {problem}", problem=problem)


async def take(hub: Hub, session: AsyncSession, user: User, name: str, library: Library, *, seen: int) -> Piece:
    """What is said today is how it should be. Raises Stale, NotPlayable."""
    stored = stored_of(await open_piece(session, TRANSCRIPT, name))
    return await keep(hub, session, user, await _as_played(stored, library), seen)


async def take_all(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, *, seen: int) -> int:
    """What a draft says in all the dialogues that it changes is how it should be: they go live together with it. How many.

    One that breaks off stays as it is and still stands in the way. Raises Stale.
    """
    check_edits(user)
    piece = await open_piece(session, kind, key)
    if piece.revision != seen:
        raise Stale(piece)
    changed = [each for each in (await look_at(session, hub.shelf.library, piece)).failures if each.played is not None]
    for failure in changed:
        dialogue = await open_piece(session, TRANSCRIPT, failure.name)
        new = StoredTranscript(name=failure.name, text=failure.played or "")
        await keep(hub, session, user, new, dialogue.revision)
    return len(changed)


async def play_anew(stored: StoredTranscript, said: Sequence[str], library: Library) -> StoredTranscript:
    """With other words of the person. Raises NotPlayable."""
    try:
        return await _as_played(with_lines(stored, said), library)
    except ValidationError:
        raise BadInput("This has become too long.") from None


async def retire(hub: Hub, session: AsyncSession, user: User, name: str, retired: bool, *, seen: int) -> Piece:
    """It stays as a version, so that starter content doesn't bring it back, and is no longer played."""
    stored = stored_of(await open_piece(session, TRANSCRIPT, name))
    return await keep(hub, session, user, with_retired(stored, retired), seen)


def stored_of(piece: Piece) -> StoredTranscript:
    try:
        return StoredTranscript.model_validate(piece.data)
    except ValidationError:
        raise NotPlayable(piece.key) from None


async def _as_played(stored: StoredTranscript, library: Library) -> StoredTranscript:
    failure = await asyncio.to_thread(failure_of, stored, library)
    if failure is None:
        return stored
    if failure.played is None:
        raise NotPlayable(failure.problem)
    return StoredTranscript(name=stored.name, text=failure.played)


async def keep(hub: Hub, session: AsyncSession, user: User, stored: StoredTranscript, seen: int) -> Piece:
    """As a draft. Raises Stale."""
    return await save(hub, session, user, TRANSCRIPT, stored.name, stored.model_dump(), seen=seen)
