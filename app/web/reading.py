"""Whether a colleague sees German beside what people write, or only the original. Kept with the account."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.cases import access_case
from app.web.deps import HubDep, StaffDep, Tx
from app.web.inbox import changed

router = APIRouter(include_in_schema=False)


@router.post("/inbox/{case_id}/originals")
async def set_originals(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, only: Annotated[str, Form()] = ""
) -> Response:
    """Chosen above a thread, it holds for all of them and for the list."""
    await access_case(tx, user, case_id)
    user.options = user.options | {"originals": bool(only)}
    request.state.reader = replace(request.state.reader, originals=bool(only))  # for the part that is shown now
    return await changed(request, hub, tx, user, case_id)
