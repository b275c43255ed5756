"""The versions of a piece: who, when, why; what differs between two of them; and the way back to an older one."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor import releasing
from app.editor.drafts import open_piece
from app.editor.releasing import Blocked
from app.errors import BadInput, Conflict, HubError, NotFound
from app.models import ContentVersion
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.found import in_words
from app.web.editor.naming import piece_url, title
from app.web.editor.showing import aspect_name, shown
from app.web.i18n import Texts, texts
from app.web.pages import reader_language, render
from flows.aspects import ASPECTS

router = APIRouter(prefix="/editor/pieces/{kind}/{key}/versions", include_in_schema=False)

NOTE_CHARS = 500


@router.get("")
async def versions_page(
    request: Request, tx: Tx, user: LeadDep, kind: str, key: str, old: str = "", new: str = "", done: str = ""
) -> Response:
    """`old` and `new`: numbers of versions to compare; the newest two where nothing is chosen."""
    found = await _versions(tx, kind, key)
    numbers = [row.version for row, _ in found]
    chosen = _number(new, numbers, 0), _number(old, numbers, 1)
    data = {row.version: row.data for row, _ in found}
    words = texts(reader_language(request))
    return render(
        request,
        "editor/versions.html",
        title=title(kind, key, data[numbers[0]], words.language),
        path=piece_url(kind, key),
        versions=found,
        approved={row.version: _approved(words, row) for row, _ in found},
        new=chosen[0],
        old=chosen[1],
        rows=shown(request, data[chosen[1]], data[chosen[0]]),
        done=done,
    )


@router.get("/{version}")
async def back_page(request: Request, tx: Tx, user: LeadDep, kind: str, key: str, version: int) -> Response:
    return await _back_page(request, tx, kind, key, version)


@router.post("/{version}")
async def back_form(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    kind: str,
    key: str,
    version: int,
    note: Annotated[str, Form()] = "",
) -> Response:
    try:
        if len(note) > NOTE_CHARS:
            raise BadInput("That is too long: at most {limit} characters.", limit=NOTE_CHARS)
        async with tx.begin_nested():
            await releasing.rollback(hub, tx, user, kind, key, version, note=note)
    except (BadInput, Conflict) as error:
        return await _back_page(request, tx, kind, key, version, error=error, note=note)
    return RedirectResponse(f"{piece_url(kind, key)}?done=published", status_code=303)


async def _back_page(
    request: Request,
    tx: AsyncSession,
    kind: str,
    key: str,
    version: int,
    *,
    error: HubError | None = None,
    note: str = "",
) -> Response:
    found = await _versions(tx, kind, key)
    chosen = next(((row, name) for row, name in found if row.version == version), None)
    if chosen is None:
        raise NotFound("There is no such version.")
    piece = await open_piece(tx, kind, key)
    words = texts(reader_language(request))
    return render(
        request,
        "editor/go_back.html",
        status=error.status if error else 200,
        title=title(kind, key, chosen[0].data, words.language),
        path=piece_url(kind, key),
        version=chosen[0],
        name=chosen[1],
        piece=piece,
        rows=shown(request, piece.live.data if piece.live else None, chosen[0].data),
        problem=words.say(error.message, error.detail) if error else "",
        issues=in_words(request, kind, key, chosen[0].data, error.issues) if isinstance(error, Blocked) else [],
        note=note,
    )


async def _versions(tx: AsyncSession, kind: str, key: str) -> Sequence[tuple[ContentVersion, str | None]]:
    found = await releasing.versions(tx, kind, key)
    if not found:
        raise NotFound("There is no such text.")
    return found


def _approved(words: Texts, row: ContentVersion) -> list[tuple[str, str]]:
    """(part, by whom) of what was approved for this version."""
    given = [aspect for aspect in ASPECTS if aspect in row.approvals]
    return [(aspect_name(words, aspect), row.approvals[aspect]["name"]) for aspect in given]


def _number(text: str, numbers: Sequence[int], place: int) -> int:
    if text.isdecimal() and len(text) < 10 and int(text) in numbers:
        return int(text)
    return numbers[min(place, len(numbers) - 1)]
