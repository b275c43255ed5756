"""Replies that wait for a second reader: the list of them, what is done with one, and which topics ask for it."""

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app import second_reader as reading
from app.errors import BadInput
from app.risky import HOURS, SECOND_READER, rule_now
from app.web.admin import write_setting
from app.web.deps import HubDep, LeadDep, StaffDep, Tx
from app.web.inbox import back, changed
from app.web.pages import reader_language, render

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form()]
Number = Annotated[int, Form()]
PENDING = "/inbox/{case_id}/pending/{reply_id}"


@router.get("/inbox/to-read")
async def to_read(request: Request, tx: Tx, user: StaffDep) -> Response:
    return render(request, "inbox/to_read.html", pending=await reading.to_read(tx, user))


@router.post(f"{PENDING}/release")
async def release(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    reply_id: int,
    text: Words = "",
    seen: Number = 0,
    despite: Words = "",
) -> Response:
    """`seen`: the newest message of the conversation on the page with this form."""
    await reading.release(hub, tx, user, case_id, reply_id, text=text, seen_seq=seen, despite=bool(despite))
    return await changed(request, hub, tx, user, case_id)


@router.post(f"{PENDING}/return")
async def send_back(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, reply_id: int, note: Words = ""
) -> Response:
    await reading.send_back(hub, tx, user, case_id, reply_id, note=note)
    return await changed(request, hub, tx, user, case_id)


@router.post(f"{PENDING}/withdraw")
async def withdraw(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, reply_id: int) -> Response:
    """The whole page comes back: the words stand in the composer again."""
    await reading.withdraw(hub, tx, user, case_id, reply_id)
    return back(request, case_id)


@router.post(f"{PENDING}/alone")
async def send_alone(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    reply_id: int,
    reason: Words = "",
    seen: Number = 0,
) -> Response:
    await reading.send_alone(hub, tx, user, case_id, reply_id, reason=reason, seen_seq=seen)
    return await changed(request, hub, tx, user, case_id)


@router.get("/admin/second-reader")
async def settings_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, done: str = "") -> Response:
    library, language = hub.shelf.library, reader_language(request)
    topics = sorted(library.entries)
    areas = [
        (area, [(slug, library.label(slug, language) or slug) for slug in slugs])
        for area, slugs in groupby(topics, key=lambda slug: slug.partition(".")[0])
    ]
    return render(
        request, "admin/second_reader.html", rule=await rule_now(tx), areas=areas, every_hours=HOURS, done=done
    )


@router.post("/admin/second-reader")
async def save_settings(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    topics = {str(slug) for slug in form.getlist("topics")}
    hours = str(form.get("hours", ""))
    if not topics <= set(hub.shelf.library.entries):
        raise BadInput("There is no such topic.")
    if hours not in map(str, HOURS):
        raise BadInput("Please choose how long a reply waits.")
    await write_setting(tx, user, SECOND_READER, {"topics": sorted(topics), "hours": int(hours)})
    return RedirectResponse("/admin/second-reader?done=saved", status_code=303)
