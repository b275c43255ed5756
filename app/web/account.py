"""One's own account: language of the pages, password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.auth import STAFF_LANGUAGES, change_password
from app.errors import BadInput
from app.web.deps import SessionDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.pages import reader_language, render

router = APIRouter(prefix="/account", include_in_schema=False)


@router.get("")
async def account_page(request: Request, user: StaffDep, done: str = "") -> Response:
    return render(request, "account.html", problem="", done=done)


@router.post("/language")
async def set_language(user: StaffDep, tx: Tx, language: Annotated[str, Form()] = "") -> Response:
    if language not in STAFF_LANGUAGES:
        raise BadInput("This language is not available.")
    user.language = language
    return RedirectResponse("/account?done=language", status_code=303)


@router.post("/password")
async def set_password(
    request: Request,
    found: SessionDep,
    tx: Tx,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    try:
        if new != again:
            raise BadInput("The new password was typed differently the second time.")
        await change_password(tx, found, old, new)
    except BadInput as error:
        problem = texts(reader_language(request)).get(error.message)
        return render(request, "account.html", status=error.status, problem=problem, done="")
    return RedirectResponse("/account?done=password", status_code=303)
