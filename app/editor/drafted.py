"""The content as it would be: with all open drafts, with one of them, or as it is live."""

from typing import Literal

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, open_drafts
from app.editor.trial import library_with
from flows.library import MODELS, Library

Which = Literal["drafts", "this", "live"]


async def drafted_library(
    session: AsyncSession, library: Library, which: Which, this: tuple[str, str] | None = None
) -> tuple[Library, list[Piece]]:
    """And the drafts that could not be taken in, because something in them is missing or too long."""
    left_out: list[Piece] = []
    pieces = await open_drafts(session) if which != "live" else []
    for piece in pieces:
        if piece.kind not in MODELS or (which == "this" and (piece.kind, piece.key) != this):
            continue
        try:
            library = library_with(library, piece.kind, piece.data)
        except ValidationError:
            left_out.append(piece)
    return library, left_out
