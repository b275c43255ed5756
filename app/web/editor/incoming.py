"""Newer content of another town that waits to be taken or declined."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor.drafts import Stale
from app.editor.incoming import incoming, keep, propose, take
from app.errors import BadInput, HubError
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.clashing import choices_of, clash_views
from app.web.editor.naming import piece_url, title
from app.web.editor.showing import shown
from app.web.i18n import texts
from app.web.pages import reader_language, render

router = APIRouter(prefix="/editor/incoming", include_in_schema=False)


@router.get("")
async def incoming_page(request: Request, tx: Tx, user: LeadDep, done: str = "") -> Response:
    language = reader_language(request)
    rows = [(row, title(row.kind, row.key, row.data, language)) for row in await incoming(tx)]
    return render(request, "editor/incoming.html", rows=rows, done=done)


@router.get("/{incoming_id}")
async def one_page(request: Request, tx: Tx, user: LeadDep, incoming_id: int) -> Response:
    return await _one(request, tx, incoming_id)


@router.post("/{incoming_id}/take")
async def take_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, incoming_id: int) -> Response:
    form = await request.form()
    choices, seen = choices_of(form)
    try:
        async with tx.begin_nested():
            piece = await take(hub, tx, user, incoming_id, choices, seen=seen, shown=str(form.get("shown", "")))
    except (BadInput, Stale) as error:
        return await _one(request, tx, incoming_id, choices=choices, error=error)
    return RedirectResponse(f"{piece_url(piece.kind, piece.key)}?done=taken", status_code=303)


@router.post("/{incoming_id}/keep")
async def keep_form(request: Request, tx: Tx, user: LeadDep, incoming_id: int) -> Response:
    form = await request.form()
    await keep(tx, user, incoming_id, shown=str(form.get("shown", "")))
    return RedirectResponse("/editor/incoming?done=kept", status_code=303)


async def _one(
    request: Request,
    tx: AsyncSession,
    incoming_id: int,
    *,
    choices: Mapping[str, str] = MappingProxyType({}),
    error: HubError | None = None,
) -> Response:
    proposal = await propose(tx, incoming_id, choices)
    row, piece = proposal.row, proposal.piece
    language = reader_language(request)
    return render(
        request,
        "editor/incoming_one.html",
        status=error.status if error else 200,
        row=row,
        piece=piece,
        title=title(row.kind, row.key, piece.data, language),
        path=f"/editor/incoming/{row.id}",
        theirs=shown(request, proposal.base or piece.data, row.data),  # both may have made it on their own
        result=shown(request, piece.data, proposal.merged.data),
        clashes=clash_views(request, proposal.merged.clashes, choices),
        problem=texts(language).say(error.message, error.detail) if error else "",
    )
