"""For admins: teams, their places and members."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.auth import list_users
from app.teams import Form, all_teams, change, create, get_team
from app.web.deps import AdminDep, HubDep, Tx
from app.web.numbers import whole
from app.web.pages import render

router = APIRouter(prefix="/admin/teams", include_in_schema=False)


@router.get("")
async def teams_page(request: Request, hub: HubDep, tx: Tx, user: AdminDep, done: str = "") -> Response:
    return render(
        request,
        "admin/teams.html",
        teams=await all_teams(tx),
        staff=await list_users(tx),
        places=hub.shelf.library.places,
        done=done,
    )


@router.post("")
async def create_form(request: Request, hub: HubDep, tx: Tx, user: AdminDep) -> Response:
    await create(tx, hub.shelf.library, user, await _read(request))
    return RedirectResponse("/admin/teams?done=saved", status_code=303)


@router.get("/{team_id}")
async def team_page(request: Request, hub: HubDep, tx: Tx, user: AdminDep, team_id: int) -> Response:
    await get_team(tx, team_id)
    (view,) = [view for view in await all_teams(tx) if view.team.id == team_id]
    return render(request, "admin/team.html", view=view, staff=await list_users(tx), places=hub.shelf.library.places)


@router.post("/{team_id}")
async def change_form(request: Request, hub: HubDep, tx: Tx, user: AdminDep, team_id: int) -> Response:
    await change(tx, hub.shelf.library, user, team_id, await _read(request))
    return RedirectResponse("/admin/teams?done=saved", status_code=303)


async def _read(request: Request) -> Form:
    form = await request.form()
    return Form(
        name=str(form.get("name", "")),
        organisation=str(form.get("organisation", "")),
        places={str(slug) for slug in form.getlist("places")},
        members={found for value in form.getlist("members") if (found := whole(value)) is not None},
    )
