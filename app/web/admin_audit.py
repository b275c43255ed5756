"""For admins: who read, changed, revealed or exported what."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.audit import KINDS, entries
from app.auth import list_users
from app.errors import BadInput
from app.web.deps import AdminDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/admin/audit", include_in_schema=False)


@router.get("")
async def audit_page(
    request: Request, tx: Tx, user: AdminDep, colleague: str = "", kind: str = "", case: str = "", before: str = ""
) -> Response:
    if kind and kind not in KINDS:
        raise BadInput("There is no such list.")
    lines, more = await entries(
        tx, user_id=_number(colleague), kind=kind, case_id=_number(case), before=_number(before)
    )
    return render(
        request,
        "admin/audit.html",
        lines=lines,
        more=more,
        staff=await list_users(tx),
        kinds=KINDS,
        chosen={"colleague": colleague, "kind": kind, "case": case},
    )


def _number(text: str) -> int | None:
    """An empty field of the filter asks for everything."""
    if not text.strip():
        return None
    if not (text.strip().isdecimal() and len(text) < 19):
        raise BadInput("Please give a number.")
    return int(text)
