"""WhatsApp's templates with their names at the providers, and letters: all languages of one beside each other."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor import drafts, templates
from app.editor.entries import LANGUAGES
from app.errors import Conflict
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.clashing import last_seen
from app.web.editor.showing import stale_view
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render

router = APIRouter(prefix="/editor/templates", include_in_schema=False)


@router.get("")
async def templates_page(request: Request, tx: Tx, user: LeadDep) -> Response:
    return render(request, "editor/templates.html", rows=await templates.rows(tx))


@router.get("/{key}")
async def template_page(request: Request, tx: Tx, user: LeadDep, key: str, done: str = "") -> Response:
    piece = await templates.find(tx, key)
    return await _page(request, tx, piece, piece.data, piece.revision, done=done)


@router.post("/{key}")
async def save(request: Request, hub: HubDep, tx: Tx, user: LeadDep, key: str) -> Response:
    form = await request.form()
    piece = await templates.find(tx, key)
    mine = templates.read(piece.kind, form, piece.data)
    try:
        async with tx.begin_nested():
            seen = whole(last_seen(form)) or 0
            await drafts.save(hub, tx, user, piece.kind, key, mine, seen=seen)
    except Conflict as error:
        return await _page(request, tx, piece, mine, whole(form.get("seen")) or 0, error=error)
    return RedirectResponse(f"/editor/templates/{key}?done=saved", status_code=303)


async def _page(
    request: Request,
    tx: AsyncSession,
    piece: drafts.Piece,
    data: dict[str, Any],
    seen: int,
    *,
    done: str = "",
    error: Conflict | None = None,
) -> Response:
    stale = error if isinstance(error, drafts.Stale) else None
    return render(
        request,
        "editor/template.html",
        status=error.status if error else 200,
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        stale=stale_view(request, stale, drafts.tidy(data)) if stale else None,
        piece=piece,
        data=data,
        seen=seen,
        words=templates.words_of(piece.kind, data),
        fields=templates.WORDS["template" if piece.kind == "template" else "letter"],
        languages=LANGUAGES,
        categories=templates.CATEGORIES,
        longest=templates.LONGEST,
        done=done,
    )
