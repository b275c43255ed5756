"""Where coordinators begin: what is being changed."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.editor.drafts import open_drafts
from app.web.deps import LeadDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/editor", include_in_schema=False)


@router.get("")
async def overview_page(request: Request, tx: Tx, user: LeadDep) -> Response:
    return render(request, "editor/overview.html", drafts=await open_drafts(tx))
