"""One case's page: its thread beside the list, what staff do with it. Plain forms; htmx fetches the same parts."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import cases, mentions
from app.cases import access_case
from app.drafts import drop_draft
from app.errors import NotFound
from app.filters import View
from app.hub import Hub
from app.inbox import THREAD_MESSAGES, Thread, thread
from app.lists import mark_read, seen_until
from app.models import User
from app.presence import colleagues
from app.search import reach
from app.web.asked import asked
from app.web.composed import Draft, kept_draft
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import desk_of
from app.web.lists import show
from app.web.pages import is_fragment, render, trigger
from app.web.threads import rows_since

router = APIRouter(prefix="/inbox", include_in_schema=False)

LONG_THREAD = 5000  # "show older": more than any conversation had so far, still one page


@router.get("/{case_id}")
async def case_page(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    older: bool = False,
    at: str = "",
    since: str = "",
) -> Response:
    """`at`: a message or event that must be among those shown, however old, such as 'message-7'.

    `since`: when the reader of the open page had looked before, as the page itself was told.
    """
    if is_fragment(request):
        return await _live_part(request, hub, tx, user, case_id, older=older, at=at, since=_moment(since))
    return await whole_page(request, hub, tx, user, case_id, older=older, at=at)


@router.post("/{case_id}/take")
async def take(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await cases.take(hub, tx, user, case_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/{case_id}/release")
async def release(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await cases.release(hub, tx, user, case_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/{case_id}/note")
async def note(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, text: Annotated[str, Form()] = ""
) -> Response:
    await mentions.note(hub, tx, user, case_id, text)
    await drop_draft(tx, user.id, case_id, "note")
    if is_fragment(request):
        people = await mentions.mentionable(tx, user, await access_case(tx, user, case_id))
        return trigger(
            render(request, "inbox/_note_form.html", case_id=case_id, note_text="", mentionable=people),
            f"case-{case_id}",
        )
    return back(request, case_id)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


async def _live_part(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    *,
    older: bool = False,
    at: str = "",
    since: datetime | None = None,
) -> Response:
    found = await _thread(tx, user, case_id, older=older, at=at)
    desk = await desk_of(hub, tx, user, found.case)
    here = (await colleagues(hub, tx, user, [case_id])).get(case_id, ())
    back = asked(request).query
    return render(
        request,
        "inbox/_live.html",
        thread=found,
        rows=rows_since(found, user.id, since),
        since=since,
        older=older,
        at=at,
        desk=desk,
        back=back,
        here=here,
    )


async def whole_page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    *,
    older: bool = False,
    at: str = "",
    found: Thread | None = None,
    draft: Draft | None = None,
    status: int = 200,
) -> Response:
    found = found or await _thread(tx, user, case_id, older=older, at=at)
    desk = await desk_of(hub, tx, user, found.case)
    since = await seen_until(tx, user, case_id)
    if found.items:
        await mark_read(tx, user, case_id, found.items[-1].at)
    shown = await show(request, hub, tx, user, _view_of(found, user))
    return render(
        request,
        "inbox/case.html",
        status=status,
        shown=shown,
        back=shown.asked.query,
        here=(await colleagues(hub, tx, user, [case_id])).get(case_id, ()),
        open=case_id,
        thread=found,
        rows=rows_since(found, user.id, since),
        since=since,
        older=older,
        at=at,
        draft=draft or kept_draft(desk.drafts.get("reply", ""), desk.quote, found),
        desk=desk,
    )


async def _thread(tx: AsyncSession, user: User, case_id: int, *, older: bool, at: str = "") -> Thread:
    least = await reach(tx, user, case_id, at) if at else 0
    return await thread(tx, user, case_id, limit=max(LONG_THREAD if older else THREAD_MESSAGES, least))


async def changed(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int) -> Response:
    if not is_fragment(request):
        return back(request, case_id)
    return trigger(await _live_part(request, hub, tx, user, case_id), "cases")


async def left(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int) -> Response:
    """After a step that may have given the case out of its giver's sight: to the list, then."""
    try:
        await access_case(tx, user, case_id)
    except NotFound:
        return back(request)
    return await changed(request, hub, tx, user, case_id)


def back(request: Request, case_id: int | None = None) -> Response:
    target = f"/inbox/{case_id}" if case_id else "/inbox"
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def _view_of(found: Thread, user: User) -> View:
    """The list in which a case is found that was opened by its address."""
    if found.case.status == "closed":
        return "closed"
    if found.case.status == "snoozed":
        return "snoozed"
    if found.case.assignee_id is None:
        return "unassigned"
    return "mine" if found.case.assignee_id == user.id else "all"
