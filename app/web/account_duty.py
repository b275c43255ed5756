"""One's own absence: off duty until a moment, or back."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from app.rostering import set_away
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import read_moment
from flows.services import TIMEZONE

router = APIRouter(prefix="/account", include_in_schema=False)


@router.post("/away")
async def away(hub: HubDep, tx: Tx, user: StaffDep, until: Annotated[str, Form()] = "") -> Response:
    """Empty: back."""
    set_away(user, read_moment(until, TIMEZONE) if until else None, hub.now())
    return RedirectResponse("/account?done=saved", status_code=303)
