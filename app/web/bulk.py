"""Many cases at once: what the list's bar asks for, and the undo that follows it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app import bulk
from app.bulk import Deed
from app.errors import BadInput, HubError
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import read_day
from app.web.i18n import texts
from app.web.lists import show
from app.web.pages import is_fragment, reader_language, render

router = APIRouter(prefix="/inbox/bulk", include_in_schema=False)

Words = Annotated[str, Form()]


@router.post("")
async def apply(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    chosen: Annotated[list[str] | None, Form()] = None,
    deed: Words = "",
    colleague: Annotated[int, Form()] = 0,
    until: Words = "",
    day: Words = "",
    outcome: Words = "",
    tag: Words = "",
) -> Response:
    """Each of `chosen` is '<case>:<who had it on the page, 0 for nobody>'."""
    wish = Deed(deed, colleague, until, read_day(day) if until == "date" else None, outcome, tag)
    found = await bulk.apply(hub, user, dict(_pair(each) for each in chosen or ()), wish)
    refused = [(each.name, _say(request, each.error)) for each in found.refused]
    toast = {"deed": deed, "done": found.done, "refused": refused, "sealed": found.sealed, "left": ()}
    return await _list(request, hub, tx, user, toast)


@router.post("/undo")
async def undo(request: Request, hub: HubDep, tx: Tx, user: StaffDep, sealed: Words = "") -> Response:
    restored, left = await bulk.undo(hub, user, sealed)
    toast = {"deed": "undo", "done": restored, "refused": (), "sealed": "", "left": left}
    return await _list(request, hub, tx, user, toast)


async def _list(request: Request, hub: Hub, tx: AsyncSession, user: User, toast: dict[str, object]) -> Response:
    template = "inbox/_bulk_done.html" if is_fragment(request) else "inbox/list.html"
    opened = request.query_params.get("open", "")
    shown = await show(request, hub, tx, user)
    return render(request, template, shown=shown, open=int(opened) if opened.isdecimal() else None, toast=toast)


def _pair(value: str) -> tuple[int, int | None]:
    case_id, _, assignee = value.partition(":")
    if not (case_id.isdecimal() and assignee.isdecimal()) or len(value) > 30:
        raise BadInput("Please choose cases first.")
    return int(case_id), int(assignee) or None


def _say(request: Request, error: HubError) -> str:
    return texts(reader_language(request)).say(error.message, error.detail)
