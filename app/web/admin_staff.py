"""For admins: colleagues. A link for a new one, or for who forgot the password, is shown once, to be handed over."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import staffing
from app.auth import ROLES
from app.errors import HubError, NotFound
from app.hub import Hub
from app.models import User
from app.teams import all_teams
from app.web.deps import AdminDep, HubDep, Tx
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from flows.model import UNDERSTOOD_LANGUAGES

router = APIRouter(prefix="/admin/staff", include_in_schema=False)


@router.get("")
async def staff_page(request: Request, hub: HubDep, tx: Tx, user: AdminDep) -> Response:
    return await _list(request, hub, tx)


@router.post("")
async def invite(request: Request, hub: HubDep, tx: Tx, user: AdminDep) -> Response:
    form = await request.form()
    try:
        async with tx.begin_nested():
            colleague, token = await staffing.invite(tx, user, str(form.get("email", "")), _read(form), hub.now())
    except HubError as error:
        problem = texts(reader_language(request)).get(error.message)
        return await _list(request, hub, tx, status=error.status, problem=problem, typed=form)
    return _link(request, hub, colleague, token)


@router.get("/{user_id}")
async def colleague_page(
    request: Request, hub: HubDep, tx: Tx, user: AdminDep, user_id: int, done: str = ""
) -> Response:
    found = await staffing.colleagues(tx, hub.now(), user_id=user_id)
    if not found:
        raise NotFound("There is no such colleague.")
    return render(
        request,
        "admin/colleague.html",
        view=found[0],
        member_of=await staffing.teams_of(tx, user_id),
        done=done,
        **await _choices(tx),
    )


@router.post("/{user_id}")
async def change(request: Request, hub: HubDep, tx: Tx, user: AdminDep, user_id: int) -> Response:
    await staffing.change(hub, tx, user, user_id, _read(await request.form()))
    return _done(user_id, "saved")


@router.post("/{user_id}/link")
async def new_link(request: Request, hub: HubDep, tx: Tx, user: AdminDep, user_id: int) -> Response:
    colleague, token = await staffing.new_link(tx, user, user_id, hub.now())
    return _link(request, hub, colleague, token)


@router.post("/{user_id}/disable")
async def disable(hub: HubDep, tx: Tx, user: AdminDep, user_id: int) -> Response:
    await staffing.disable(hub, tx, user, user_id)
    return _done(user_id, "disabled")


@router.post("/{user_id}/enable")
async def enable(tx: Tx, user: AdminDep, user_id: int) -> Response:
    await staffing.enable(tx, user, user_id)
    return _done(user_id, "enabled")


@router.post("/{user_id}/sign-out")
async def sign_out(tx: Tx, user: AdminDep, user_id: int) -> Response:
    await staffing.sign_out(tx, user, user_id)
    return _done(user_id, "signed_out")


@router.post("/{user_id}/two-factor-off")
async def two_factor_off(tx: Tx, user: AdminDep, user_id: int) -> Response:
    await staffing.reset_two_factor(tx, user, user_id)
    return _done(user_id, "two_factor_off")


async def _list(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    *,
    status: int = 200,
    problem: str = "",
    typed: FormData | None = None,
) -> Response:
    return render(
        request,
        "admin/staff.html",
        status=status,
        staff=await staffing.colleagues(tx, hub.now()),
        problem=problem,
        typed=typed or {},
        **await _choices(tx),
    )


async def _choices(tx: AsyncSession) -> dict[str, Any]:
    return {"roles": ROLES, "languages": UNDERSTOOD_LANGUAGES, "teams": [view.team for view in await all_teams(tx)]}


def _link(request: Request, hub: Hub, colleague: User, token: str) -> Response:
    link = f"{hub.settings.base_url}/welcome/{token}"
    days = staffing.INVITATION_LIFE.days
    return render(request, "admin/invitation.html", colleague=colleague, link=link, days=days)


def _done(user_id: int, what: str) -> Response:
    return RedirectResponse(f"/admin/staff/{user_id}?done={what}", status_code=303)


def _read(form: FormData) -> staffing.Form:
    return staffing.Form(
        name=str(form.get("name", "")),
        role=str(form.get("role", "")),
        speaks=[code for code in UNDERSTOOD_LANGUAGES if code in form.getlist("speaks")],
        teams={found for value in form.getlist("teams") if (found := whole(value)) is not None},
    )
