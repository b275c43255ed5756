"""One's own account: name, languages, how Enter works, password, where one is signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import pushing
from app.auth import STAFF_LANGUAGES, change_password, end_session, end_sessions, sessions_of
from app.errors import BadInput
from app.hub import Hub
from app.models import StaffSession, User
from app.rostering import shifts_of
from app.tokens import SCOPES, tokens_of
from app.web.deps import HubDep, SessionDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.pages import reader_language, render
from flows.model import UNDERSTOOD_LANGUAGES

router = APIRouter(prefix="/account", include_in_schema=False)

NAME_CHARS = 80


@router.get("")
async def account_page(request: Request, hub: HubDep, tx: Tx, found: SessionDep, done: str = "") -> Response:
    return await show(request, hub, tx, found, done=done)


@router.post("/me")
async def set_me(request: Request, user: StaffDep, tx: Tx, name: Annotated[str, Form()] = "") -> Response:
    """What colleagues see of me, and how the pages behave. Mediators approve words in their languages: admins set these."""
    form = await request.form()
    name = " ".join(name.split())
    if not name or len(name) > NAME_CHARS or not name.isprintable():
        raise BadInput("Please give a name of at most 80 characters.")
    user.name = name
    if user.role != "mediator":
        user.speaks = [code for code in UNDERSTOOD_LANGUAGES if code in form.getlist("speaks")]
    user.options = user.options | {"enter_sends": form.get("enter") == "sends"}
    return RedirectResponse("/account?done=saved", status_code=303)


@router.post("/language")
async def set_language(user: StaffDep, tx: Tx, language: Annotated[str, Form()] = "") -> Response:
    if language not in STAFF_LANGUAGES:
        raise BadInput("This language is not available.")
    user.language = language
    return RedirectResponse("/account?done=language", status_code=303)


@router.post("/password")
async def set_password(
    request: Request,
    hub: HubDep,
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
        return await show(request, hub, tx, found, status=error.status, problem=problem)
    return RedirectResponse("/account?done=password", status_code=303)


@router.post("/sessions/end-others")
async def end_others(found: SessionDep, tx: Tx) -> Response:
    await end_sessions(tx, found.user_id, keep=found.id)
    return RedirectResponse("/account?done=sessions", status_code=303)


@router.post("/sessions/{session_id}/end")
async def end_one(user: StaffDep, tx: Tx, session_id: int) -> Response:
    await end_session(tx, user, session_id)
    return RedirectResponse("/account?done=session", status_code=303)


async def show(
    request: Request, hub: Hub, tx: AsyncSession, found: StaffSession, *, status: int = 200, **context: Any
) -> Response:
    """The page, with what a form of it has to say."""
    me: User = found.user
    return render(
        request,
        "account.html",
        status=status,
        me=me,
        languages=UNDERSTOOD_LANGUAGES,
        sessions=await sessions_of(tx, me.id, hub.now()),
        here=found.id,
        tokens=await tokens_of(tx, me.id),
        shifts=await shifts_of(tx, me),
        scopes=SCOPES,
        push_key=await pushing.public_key(hub, tx),
        subscriptions=await pushing.subscriptions(tx, me.id),
        can_mail=bool(hub.settings.smtp_url),
        **{"problem": "", "done": "", "new_token": "", "token_problem": ""} | context,
    )
