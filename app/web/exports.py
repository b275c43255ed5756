"""A case as files for the person it is about: choose a reason, get them."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.exporting import REASONS, access_exportable, export_case
from app.web.deps import HubDep, StaffDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/inbox/{case_id}/export", include_in_schema=False)


@router.get("")
async def export_page(request: Request, tx: Tx, user: StaffDep, case_id: int) -> Response:
    case = await access_exportable(tx, user, case_id)
    return render(request, "inbox/export.html", case=case, reasons=REASONS)


@router.post("")
async def export_form(
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    reason: Annotated[str, Form()] = "",
    notes: Annotated[bool, Form()] = False,
) -> Response:
    packed = await export_case(hub, tx, user, case_id, reason, notes=notes)
    headers = {"Content-Disposition": f'attachment; filename="case-{case_id}.zip"'}
    return Response(packed, media_type="application/zip", headers=headers)
