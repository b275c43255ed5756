"""The page behind an admin's link: a new colleague, or one who forgot their password, chooses one."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app import staffing
from app.errors import BadInput
from app.web.deps import HubDep, Tx
from app.web.i18n import texts
from app.web.pages import reader_language, render
from app.web.security import check_same_origin

router = APIRouter(prefix="/welcome/{token}", include_in_schema=False)


@router.get("")
async def welcome_page(request: Request, hub: HubDep, tx: Tx, token: str) -> Response:
    user = await staffing.invited(tx, token, hub.now())
    return render(request, "welcome.html", name=user.name, email=user.email, problem="", done=False)


@router.post("")
async def choose_password(
    request: Request,
    hub: HubDep,
    tx: Tx,
    token: str,
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    check_same_origin(request)
    user = await staffing.invited(tx, token, hub.now())
    problem = ""
    try:
        if new != again:
            raise BadInput("The new password was typed differently the second time.")
        await staffing.accept(tx, token, new, hub.now())
    except BadInput as error:
        problem = texts(reader_language(request)).get(error.message)
    return render(
        request,
        "welcome.html",
        status=422 if problem else 200,
        name=user.name,
        email=user.email,
        problem=problem,
        done=not problem,
    )
