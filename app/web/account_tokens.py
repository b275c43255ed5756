"""Tokens for programs: one's own on the account page, everybody's for admins. A new one is shown once."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.auth import list_users
from app.errors import BadInput, NotFound
from app.models import User
from app.tokens import LIVES, SCOPES, make_token, revoke, tokens_of
from app.web.account import show
from app.web.deps import AdminDep, HubDep, SessionDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.pages import reader_language, render

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Form()]
Scopes = Annotated[list[str], Form()]
Days = Annotated[int, Form()]


@router.post("/account/tokens")
async def make_own(
    request: Request,
    hub: HubDep,
    tx: Tx,
    found: SessionDep,
    name: Name = "",
    scopes: Scopes = [],  # noqa: B006 - FastAPI copies it
    days: Days = LIVES[0],
) -> Response:
    try:
        made = await make_token(tx, found.user, name, scopes, days, hub.now(), by=found.user)
    except BadInput as error:
        problem = texts(reader_language(request)).get(error.message)
        return await show(request, hub, tx, found, status=error.status, token_problem=problem)
    return await show(request, hub, tx, found, new_token=made)


@router.post("/account/tokens/{token_id}/revoke")
async def revoke_own(hub: HubDep, tx: Tx, user: StaffDep, token_id: int) -> Response:
    await revoke(tx, token_id, hub.now(), by=user)
    return RedirectResponse("/account?done=token_revoked", status_code=303)


@router.get("/admin/tokens")
async def all_tokens(request: Request, tx: Tx, user: AdminDep) -> Response:
    return await _page(request, tx)


@router.post("/admin/tokens")
async def make_for(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: AdminDep,
    user_id: Annotated[int, Form()] = 0,
    name: Name = "",
    scopes: Scopes = [],  # noqa: B006 - FastAPI copies it
    days: Days = LIVES[0],
) -> Response:
    owner = await tx.get(User, user_id)
    if owner is None:
        raise NotFound("There is no such colleague.")
    try:
        made = await make_token(tx, owner, name, scopes, days, hub.now(), by=user)
    except BadInput as error:
        return await _page(request, tx, problem=texts(reader_language(request)).get(error.message))
    return await _page(request, tx, new_token=made)


@router.post("/admin/tokens/{token_id}/revoke")
async def revoke_any(hub: HubDep, tx: Tx, user: AdminDep, token_id: int) -> Response:
    await revoke(tx, token_id, hub.now(), by=user)
    return RedirectResponse("/admin/tokens", status_code=303)


async def _page(request: Request, tx: AsyncSession, *, new_token: str = "", problem: str = "") -> Response:
    return render(
        request,
        "admin/tokens.html",
        status=422 if problem else 200,
        tokens=await tokens_of(tx),
        staff=await list_users(tx),
        scopes=SCOPES,
        new_token=new_token,
        token_problem=problem,
    )
