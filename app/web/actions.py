"""What people do with a case beside answering it. Plain forms that come back to the case; htmx gets its live part."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app import closing, handing, later, looking_up, resending, snooze
from app.cases import access_case
from app.drafts import save_draft
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import read_day
from app.web.inbox import back, changed, left
from app.web.numbers import whole

router = APIRouter(prefix="/inbox/{case_id}", include_in_schema=False)

Words = Annotated[str, Form()]
Number = Annotated[int, Form()]


@router.post("/close")
async def close(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, outcome: Words = "", ask: Words = ""
) -> Response:
    await closing.close(hub, tx, user, case_id, outcome=outcome, ask=bool(ask))
    return back(request, case_id)


@router.post("/snooze")
async def snooze_case(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, until: Words = "", day: Words = ""
) -> Response:
    case = await access_case(tx, user, case_id)
    moment = snooze.when(hub, case.place, until, read_day(day))
    await snooze.snooze(hub, tx, user, case_id, until=moment)
    return await changed(request, hub, tx, user, case_id)


@router.post("/wake")
async def wake(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await snooze.wake(hub, tx, user, case_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/assign")
async def assign(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    colleague: Words = "",
    seen: Number = 0,
    note: Words = "",
) -> Response:
    """`colleague`: their id, or 'team-<id>'. `seen`: who had the case on the page with this form, 0 for nobody."""
    kind, _, number = colleague.rpartition("-")
    to_id = whole(number) or 0
    if kind == "team":
        await handing.assign_team(hub, tx, user, case_id, team_id=to_id, seen_assignee_id=seen or None, note=note)
    else:
        await handing.assign(hub, tx, user, case_id, to_id=to_id, seen_assignee_id=seen or None, note=note)
    return await left(request, hub, tx, user, case_id)


@router.post("/tag")
async def tag(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, name: Words = "") -> Response:
    await handing.tag(hub, tx, user, case_id, name)
    return await changed(request, hub, tx, user, case_id)


@router.post("/untag")
async def untag(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, name: Words = "") -> Response:
    await handing.untag(hub, tx, user, case_id, name)
    return await changed(request, hub, tx, user, case_id)


@router.post("/draft")
async def draft(
    tx: Tx, user: StaffDep, case_id: int, kind: Words = "", text: Words = "", made_from: Words = ""
) -> Response:
    await access_case(tx, user, case_id)
    await save_draft(tx, user, case_id, kind, text, made_from)
    return Response(status_code=204)


@router.post("/later/{reply_id}/cancel")
async def cancel(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, reply_id: int) -> Response:
    """The whole page comes back: the words stand in the composer again."""
    await later.cancel(hub, tx, user, case_id, reply_id)
    return back(request, case_id)


@router.post("/messages/{message_id}/again")
async def again(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, message_id: int) -> Response:
    await resending.send_again(hub, tx, user, case_id, message_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/messages/{message_id}/arrived")
async def arrived(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, message_id: int) -> Response:
    await resending.it_arrived(hub, tx, user, case_id, message_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/messages/{message_id}/other-way")
async def other_way(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, message_id: int, conversation: Number = 0
) -> Response:
    await resending.send_other_way(hub, tx, user, case_id, message_id, conversation)
    return await changed(request, hub, tx, user, case_id)


@router.post("/messages/{message_id}/look-up")
async def look_up(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, message_id: int) -> Response:
    await looking_up.look_up(hub, tx, user, case_id, message_id)
    return await changed(request, hub, tx, user, case_id)
