"""What staff put right in the panel of a person. Plain forms that come back to it; htmx gets the panel anew."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import blocking, corrections, opening
from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import Case, User
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import read_day
from app.web.i18n import local_day
from app.web.pages import is_fragment
from app.web.person import changed, refused

router = APIRouter(prefix="/inbox/{case_id}", include_in_schema=False)

Words = Annotated[str, Form()]


@router.post("/person/need")
async def need(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, topic: Words = "", do: Words = "add"
) -> Response:
    """`do`: add, remove or main."""
    ways = {"add": corrections.add_need, "remove": corrections.remove_need, "main": corrections.make_main}
    if do not in ways:
        raise BadInput("error.422")
    return await _do(request, hub, tx, user, case_id, ways[do](hub, tx, user, case_id, topic))


@router.post("/person/deadline")
async def deadline(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, day: Words = "", seen: Words = ""
) -> Response:
    """Without a day it is removed."""
    wish = corrections.set_deadline(
        hub, tx, user, case_id, day=read_day(day), seen=read_day(seen), today=local_day(hub.now())
    )
    return await _do(request, hub, tx, user, case_id, wish)


@router.post("/person/urgency")
async def urgency(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, urgent: Words = "", reason: Words = ""
) -> Response:
    wish = corrections.set_urgency(hub, tx, user, case_id, urgent=urgent == "1", reason=reason)
    return await _do(request, hub, tx, user, case_id, wish)


@router.post("/person/language")
async def language(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, language: Words = ""
) -> Response:
    return await _do(request, hub, tx, user, case_id, corrections.set_language(hub, tx, user, case_id, language))


@router.post("/person/place")
async def place(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, place: Words = "") -> Response:
    """Who does not see cases of the new place is led back to the list."""
    return await _do(request, hub, tx, user, case_id, corrections.set_place(hub, tx, user, case_id, place))


@router.post("/person/forget")
async def forget(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, fact: Words = "") -> Response:
    return await _do(request, hub, tx, user, case_id, corrections.forget_fact(hub, tx, user, case_id, fact))


@router.post("/person/block")
async def block(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, day: Words = "", reason: Words = ""
) -> Response:
    wish = blocking.block(hub, tx, user, case_id, last_day=read_day(day), reason=reason)
    return await _do(request, hub, tx, user, case_id, wish)


@router.post("/person/unblock")
async def unblock(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    return await _do(request, hub, tx, user, case_id, blocking.unblock(hub, tx, user, case_id))


@router.post("/open-again")
async def open_again(hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await opening.open_again(hub, tx, user, case_id)
    return RedirectResponse(f"/inbox/{case_id}", status_code=303)


@router.post("/open-new")
async def open_new(hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    case = await opening.open_new(hub, tx, user, case_id)
    return RedirectResponse(f"/inbox/{case.id}", status_code=303)


async def _do(
    request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int, wish: Awaitable[Case]
) -> Response:
    try:
        async with tx.begin_nested():
            await wish
    except (BadInput, Conflict) as error:
        return await refused(request, hub, tx, user, case_id, error)
    try:
        return await changed(request, hub, tx, user, case_id)
    except NotFound:  # moved out of this colleague's sight
        if is_fragment(request):
            return Response(status_code=204, headers={"HX-Redirect": "/inbox"})
        return RedirectResponse("/inbox", status_code=303)
