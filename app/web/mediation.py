"""The pages of language mediators: their queue, one text to check. And what colleagues do in a case with what they asked for."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import mediating, mediation
from app.errors import Conflict, HubError
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.inbox import back, changed
from app.web.pages import reader_language, render
from translations.protect import differences

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form()]
Number = Annotated[int, Form()]
ONE = "/mediation/{mediation_id}"
ASKED = "/inbox/{case_id}/mediations/{mediation_id}"


@router.get("/mediation")
async def queue_page(request: Request, hub: HubDep, tx: Tx, user: StaffDep, done: str = "") -> Response:
    mediating.check_mediates(user)
    return await _queue(request, hub, tx, user, done=done)


@router.post(f"{ONE}/take")
async def take(hub: HubDep, tx: Tx, user: StaffDep, mediation_id: int) -> Response:
    await mediating.take(hub, tx, user, mediation_id)
    return RedirectResponse(f"/mediation/{mediation_id}", status_code=303)


@router.post(f"{ONE}/put-back")
async def put_back(tx: Tx, user: StaffDep, mediation_id: int) -> Response:
    await mediating.put_back(tx, user, mediation_id)
    return RedirectResponse("/mediation", status_code=303)


@router.get(ONE)
async def work_page(request: Request, hub: HubDep, tx: Tx, user: StaffDep, mediation_id: int) -> Response:
    found = await mediating.work(hub, tx, user, mediation_id)
    return render(request, "mediation/work.html", work=found, text=found.row.draft, differs=[], note="")


@router.post(f"{ONE}/release")
async def release(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    mediation_id: int,
    text: Words = "",
    edits: Number = 0,
    differs: Words = "",
) -> Response:
    """`differs`: that numbers or links are others than in the original is meant so."""
    try:
        found = await mediating.work(hub, tx, user, mediation_id)
        other = differences(found.original, text) if text.strip() else []
        if other and not differs:
            return render(request, "mediation/work.html", status=422, work=found, text=text, differs=other, note="")
        async with tx.begin_nested():
            row = await mediating.release(hub, tx, user, mediation_id, text=text, seen_edits=edits)
    except Conflict as error:
        return await _queue(request, hub, tx, user, error=error, kept=text)
    return RedirectResponse(f"/mediation?done={row.problem or row.kind}", status_code=303)


@router.post(f"{ONE}/return")
async def send_back(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, mediation_id: int, note: Words = ""
) -> Response:
    try:
        await mediating.send_back(hub, tx, user, mediation_id, note=note)
    except Conflict as error:
        return await _queue(request, hub, tx, user, error=error, kept=note)
    return RedirectResponse("/mediation?done=returned", status_code=303)


@router.post("/inbox/{case_id}/messages/{message_id}/check")
async def ask_reading(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, message_id: int) -> Response:
    await mediation.ask_reading(hub, tx, user, case_id, message_id)
    return await changed(request, hub, tx, user, case_id)


@router.post(f"{ASKED}/withdraw")
async def withdraw(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, mediation_id: int) -> Response:
    """The whole page comes back: the German stands in the composer again."""
    await mediation.withdraw(hub, tx, user, case_id, mediation_id)
    return back(request, case_id)


@router.post(f"{ASKED}/send")
async def send_anyway(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, mediation_id: int, seen: Number = 0
) -> Response:
    await mediation.send_anyway(hub, tx, user, case_id, mediation_id, seen_seq=seen)
    return await changed(request, hub, tx, user, case_id)


async def _queue(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    *,
    done: str = "",
    error: HubError | None = None,
    kept: str = "",
) -> Response:
    """`kept`: words that could not be released because a colleague was faster; nobody has to write them twice."""
    return render(
        request,
        "mediation/queue.html",
        status=error.status if error else 200,
        queue=await mediating.queue(hub, tx, user),
        speaks=user.speaks,
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        kept=kept,
        done=done,
    )
