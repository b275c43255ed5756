"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app import two_factor
from app.auth import CodeNeeded, Credentials, sign_in, sign_out
from app.auth import user_of as session_of
from app.errors import NotSignedIn, TooManyTries
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, SessionDep, Tx
from app.web.devices import device_of
from app.web.i18n import texts
from app.web.pages import reader_language, render
from app.web.security import check_same_origin, cookie_name, is_https

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start(request: Request, hub: HubDep, tx: Tx) -> Response:
    token = request.cookies.get(cookie_name(hub.settings), "")
    found = await session_of(tx, token, hub.now()) if token else None
    return RedirectResponse(await _home(hub, found.user_id) if found else "/inbox", status_code=303)


@router.get("/sign-in")
async def sign_in_page(request: Request, hub: HubDep, tx: Tx, next: str = "") -> Response:
    token = request.cookies.get(cookie_name(hub.settings), "")
    if token and await session_of(tx, token, hub.now()):
        return RedirectResponse(_local_path(next), status_code=303)
    return render(request, "sign_in.html", next=next, problem="", email="")


@router.post("/sign-in")
async def sign_in_form(
    request: Request,
    hub: HubDep,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    check_same_origin(request)  # there is no session yet whose token could be checked
    try:
        given = Credentials(email, password, _address(request), _device(request))
        token, found = await sign_in(hub.db, hub.vault, given, hub.now())
    except CodeNeeded as half:
        ticket = two_factor.ticket(hub.vault, half.user, hub.now())
        return render(request, "sign_in_code.html", next=next, problem="", ticket=ticket)
    except (NotSignedIn, TooManyTries) as error:
        problem = texts(reader_language(request)).get(error.message)
        return render(request, "sign_in.html", status=error.status, next=next, problem=problem, email=email)
    return _signed_in(hub, token, next or await _home(hub, found.user_id))


@router.post("/sign-in/code")
async def sign_in_code(
    request: Request,
    hub: HubDep,
    ticket: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """The second step: from the app, or one of the recovery codes."""
    check_same_origin(request)
    try:
        token, found = await two_factor.finish(
            hub.db, hub.vault, ticket, code, _address(request), hub.now(), device=_device(request)
        )
    except (NotSignedIn, TooManyTries) as error:
        problem = texts(reader_language(request)).get(error.message)
        return render(request, "sign_in_code.html", status=error.status, next=next, problem=problem, ticket=ticket)
    return _signed_in(hub, token, next or await _home(hub, found.user_id))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _device(request: Request) -> str:
    return device_of(request.headers.get("user-agent", ""))


def _signed_in(hub: Hub, token: str, next: str) -> Response:
    response = RedirectResponse(_local_path(next), status_code=303)
    # A cookie of the browser's session; how long it counts is decided on the server.
    response.set_cookie(
        cookie_name(hub.settings), token, path="/", httponly=True, samesite="lax", secure=is_https(hub.settings)
    )
    return response


@router.post("/sign-out")
async def sign_out_form(hub: HubDep, tx: Tx, found: SessionDep) -> Response:
    await sign_out(tx, found.id)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(cookie_name(hub.settings), path="/", secure=is_https(hub.settings), httponly=True)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _home(hub: Hub, user_id: int) -> str:
    """Mediators see no cases."""
    async with hub.db.transaction() as session:
        user = await session.get_one(User, user_id)
    return "/mediation" if user.role == "mediator" else "/inbox"


def _local_path(path: str) -> str:
    """Only ever a page of ours: '//elsewhere' and 'https://elsewhere' would lead away."""
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if fine else "/inbox"
