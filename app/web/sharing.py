"""Share a case with another team: choose it, done. The thread shows who shared it with whom."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.lists import case_card
from app.teams import all_teams, share, shared_with, unshare
from app.web.deps import StaffDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/inbox/{case_id}/share", include_in_schema=False)


@router.get("")
async def share_page(request: Request, tx: Tx, user: StaffDep, case_id: int) -> Response:
    card = await case_card(tx, user, case_id)
    already = await shared_with(tx, case_id)
    others = [view for view in await all_teams(tx) if view.team not in already]
    return render(request, "inbox/share.html", card=card, already=already, teams=others)


@router.post("/{team_id}")
async def share_form(tx: Tx, user: StaffDep, case_id: int, team_id: int) -> Response:
    await share(tx, user, case_id, team_id)
    return RedirectResponse(f"/inbox/{case_id}", status_code=303)


@router.post("/{team_id}/end")
async def end_sharing(tx: Tx, user: StaffDep, case_id: int, team_id: int) -> Response:
    """Who sees the case only because it was shared with them sends themselves away: to the list, then."""
    await unshare(tx, user, case_id, team_id)
    return RedirectResponse("/inbox", status_code=303)
