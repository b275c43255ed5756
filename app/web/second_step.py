"""Two-factor sign-in of one's own account: scan, confirm a code, see the recovery codes once; turn it off again."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app import two_factor
from app.crypto import Vault
from app.errors import BadInput
from app.models import User
from app.qr import qr_svg
from app.web.deps import HubDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.pages import reader_language, render

router = APIRouter(prefix="/account/two-factor", include_in_schema=False)


@router.get("")
async def two_factor_page(request: Request, hub: HubDep, user: StaffDep) -> Response:
    return _page(request, hub.vault, user)


@router.post("/on")
async def turn_on(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    sealed: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    offered = two_factor.offer(hub.vault, user, sealed)
    try:
        codes = await two_factor.turn_on(tx, hub.vault, user, offered.sealed, code, hub.now())
    except BadInput as error:
        return _page(request, hub.vault, user, offered.sealed, error)
    return render(request, "recovery_codes.html", codes=codes)


@router.post("/off")
async def turn_off(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, password: Annotated[str, Form()] = ""
) -> Response:
    try:
        await two_factor.turn_off(tx, user, password)
    except BadInput as error:
        return _page(request, hub.vault, user, problem=error)
    return RedirectResponse("/account?done=two_factor_off", status_code=303)


@router.post("/codes")
async def new_codes(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, password: Annotated[str, Form()] = ""
) -> Response:
    try:
        codes = await two_factor.new_recovery_codes(tx, hub.vault, user, password)
    except BadInput as error:
        return _page(request, hub.vault, user, problem=error)
    return render(request, "recovery_codes.html", codes=codes)


def _page(request: Request, vault: Vault, user: User, sealed: str = "", problem: BadInput | None = None) -> Response:
    offered = None if user.totp_secret else two_factor.offer(vault, user, sealed)
    return render(
        request,
        "two_factor.html",
        status=problem.status if problem else 200,
        offer=offered,
        picture=Markup(qr_svg(offered.address).decode()) if offered else "",  # noqa: S704 - drawn by segno
        codes_left=len(user.recovery_codes),
        problem=texts(reader_language(request)).get(problem.message) if problem else "",
    )
