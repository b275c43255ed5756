"""What js/waits.js asks after each live event: how many wait, and whether it may make a sound. Numbers only."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from app.waits import waits_for
from app.web.deps import HubDep, StaffDep, Tx

router = APIRouter(include_in_schema=False)


@router.get("/inbox/waiting")
async def waiting(hub: HubDep, tx: Tx, user: StaffDep) -> Response:
    found = await waits_for(hub, tx, user)
    heard = found.heard_at.timestamp() if found.heard_at else 0
    return JSONResponse({"count": found.count, "heard": heard, "quiet": found.quiet})
