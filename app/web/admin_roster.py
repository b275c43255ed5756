"""The roster: who is on duty in a usual week, what it lacks, and when an unanswered case moves on."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app import rostering
from app.duty_rules import DUTY, as_setting, checked_rules, read_rules
from app.handing import answering
from app.web.admin import write_setting
from app.web.deps import HubDep, LeadDep, Tx
from app.web.duty_views import duty_now, week_of
from app.web.pages import reader_language, render
from translations.phrases import page_phrase

router = APIRouter(prefix="/admin/roster", include_in_schema=False)

HOME = "/admin/roster"


@router.get("")
async def roster_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, done: str = "") -> Response:
    library, language = hub.shelf.library, reader_language(request)
    return render(
        request,
        "admin/roster.html",
        week=await week_of(hub, tx),
        duty=await duty_now(hub, tx),
        staff=await answering(tx),
        places=library.places,
        areas={area: page_phrase(f"area.{area}", language) for area in rostering.areas(library)},
        rules=await read_rules(tx),
        done=done,
    )


@router.post("")
async def add_shifts(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    wanted = rostering.Form(
        user_id=_number(str(form.get("user_id", ""))),
        weekdays={_number(str(day)) for day in form.getlist("weekdays")},
        begins=str(form.get("begins", "")),
        ends=str(form.get("ends", "")),
        places={str(slug) for slug in form.getlist("places")},
        needs={str(area) for area in form.getlist("needs")},
    )
    await rostering.add(tx, hub.shelf.library, user, wanted)
    return RedirectResponse(f"{HOME}?done=saved", status_code=303)


@router.post("/rules")
async def set_rules(request: Request, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    rules = checked_rules(str(form.get("returns", "")).strip(), [str(each).strip() for each in form.getlist("alarms")])
    await write_setting(tx, user, DUTY, dict(as_setting(rules)))
    return RedirectResponse(f"{HOME}?done=saved", status_code=303)


@router.post("/shifts/{shift_id}/remove")
async def remove_shift(tx: Tx, user: LeadDep, shift_id: int) -> Response:
    await rostering.remove(tx, user, shift_id)
    return RedirectResponse(f"{HOME}?done=removed", status_code=303)


def _number(words: str) -> int:
    """-1 for what is none: no row and no weekday has it."""
    return int(words) if words.isascii() and words.isdigit() and len(words) < 19 else -1
