"""The served places: when somebody is there where no roster says it, special days, and who hears of alarms."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app import places
from app.duty_rules import read_rules, rules_at
from app.errors import NotFound
from app.web.deps import HubDep, LeadDep, Tx
from app.web.duty_views import week_of
from app.web.hours_words import week_words
from app.web.i18n import local_day, texts
from app.web.pages import reader_language, render
from flows.hours import WEEKDAYS
from flows.model import Place

router = APIRouter(prefix="/admin/places", include_in_schema=False)

EMPTY_DAYS = 3  # lines for more special days; saving brings new ones


@router.get("")
async def places_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, done: str = "") -> Response:
    words, library = texts(reader_language(request)), hub.shelf.library
    today = local_day(hub.now())
    return render(
        request,
        "admin/places.html",
        places={slug: (found, week_words(found.duty, words)) for slug, found in library.served.items()},
        special={
            slug: [(day, places.write_hours(spans)) for day, spans in sorted(found.duty.days.items()) if day >= today]
            for slug, found in library.served.items()
        },
        rostered={slug for slug, gaps in (await week_of(hub, tx)).gaps.items() if len(gaps.days) < len(WEEKDAYS)},
        done=done,
    )


@router.get("/{slug}")
async def place_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    """What an empty field for minutes means is said: the minutes around the place."""
    version = await places.place_version(tx, slug)
    found = Place.model_validate(version.data)
    if not found.served:
        raise NotFound("There is no such place.")
    days = [(day.isoformat(), places.write_hours(spans)) for day, spans in sorted(found.duty.days.items())]
    return render(
        request,
        "admin/place.html",
        found=found,
        version=version.version,
        around=rules_at(await read_rules(tx), hub.shelf.library, found.parent or "").returns,
        hours={day: places.write_hours(found.duty.week.get(day, ())) for day in WEEKDAYS},
        special=[*days, *[("", "")] * EMPTY_DAYS],
    )


@router.post("/{slug}")
async def change_place(request: Request, tx: Tx, user: LeadDep, slug: str) -> Response:
    form = await request.form()
    seen = str(form.get("version", ""))
    days, hours = ([str(each) for each in form.getlist(name)] for name in ("day", "day_hours"))
    wanted = places.Form(
        hours={day: str(form.get(f"hours_{day}", "")) for day in WEEKDAYS},
        special=list(zip(days, hours, strict=False)),
        always=form.get("always") == "1",
        on_holidays=form.get("on_holidays") == "1",
        alerts=str(form.get("alerts", "")),
        returns=str(form.get("returns", "")),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
    )
    await places.change(tx, user, slug, wanted)
    return RedirectResponse("/admin/places?done=saved", status_code=303)
