"""What open pages tell: that their reader is still there, writes, and how far they have read; and who else is there."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app import presence
from app.cases import access_case
from app.errors import BadInput
from app.lists import mark_read
from app.web.deps import HubDep, StaffDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/inbox/{case_id}", include_in_schema=False)


@router.get("/presence")
async def who_is_here(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await access_case(tx, user, case_id)
    here = (await presence.colleagues(hub, tx, user, [case_id])).get(case_id, ())
    return render(request, "inbox/_presence.html", here=here, case_id=case_id)


@router.post("/here")
async def here(
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    writes: Annotated[bool, Form()] = False,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """204; 200 where something was unread till now, so that the page's list can be fetched again."""
    await presence.here(hub, tx, user, case_id, writes=writes)
    news = bool(seen) and await mark_read(tx, user, case_id, min(_moment(seen), hub.now()))
    return Response(status_code=200 if news else 204)


@router.post("/gone")
async def gone(tx: Tx, user: StaffDep, case_id: int) -> Response:
    await presence.gone(tx, user, case_id)
    return Response(status_code=204)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadInput("This time is not valid.")
    return at
