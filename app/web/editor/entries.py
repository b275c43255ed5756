"""The answers by area, with the state of each language; and a new one, from nothing or from a question that got no answer."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import gaps
from app.editor import entries
from app.errors import BadInput, Conflict, HubError
from app.models import Gap, Message
from app.web.abc_views import AREAS
from app.web.deps import HubDep, LeadDep, Tx
from app.web.i18n import local_day, texts
from app.web.numbers import whole
from app.web.pages import reader_language, render

router = APIRouter(prefix="/editor/entries", include_in_schema=False)


@router.get("")
async def entries_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    return await _list(request, hub, tx, "")


@router.post("")
async def search(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    """A POST, as all searches, so that no address keeps what was looked for."""
    return await _list(request, hub, tx, str((await request.form()).get("q", "")))


@router.get("/new")
async def new_page(request: Request, tx: Tx, user: LeadDep, gap: str = "") -> Response:
    return await _new(request, tx, {"gap": gap})


@router.post("/new")
async def create(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    asked = await _gap(tx, form.get("gap", ""))
    try:
        if form.get("area") not in AREAS:
            raise BadInput("Please choose an area.")
        async with tx.begin_nested():
            piece = await entries.begin(
                hub, tx, user, form["area"],
                label=form.get("label", ""), question=form.get("question", ""), name=form.get("name", ""),
            )  # fmt: skip
    except (BadInput, Conflict) as error:
        return await _new(request, tx, form, error)
    if asked and form.get("dealt"):
        await gaps.close(tx, [asked[0].id])
    return RedirectResponse(f"/editor/entries/{piece.key}{f'?gap={asked[0].id}' if asked else ''}", status_code=303)


async def _list(request: Request, hub: HubDep, tx: AsyncSession, sought: str) -> Response:
    found = await entries.rows(tx, sought)
    areas = [*AREAS, *sorted({row.area for row in found} - set(AREAS))]
    return render(
        request,
        "editor/entries.html",
        areas=[(area, AREAS.get(area, "book-open"), [row for row in found if row.area == area]) for area in areas],
        found=len(found),
        languages=entries.LANGUAGES,
        sought=sought,
        today=local_day(hub.now()),
    )


async def _new(request: Request, tx: AsyncSession, written: dict[str, Any], error: HubError | None = None) -> Response:
    return render(
        request,
        "editor/entry_new.html",
        status=error.status if error else 200,
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        written=written,
        asked=await _gap(tx, str(written.get("gap", ""))),
        areas=list(AREAS),
    )


async def _gap(tx: AsyncSession, number: str) -> tuple[Gap, str] | None:
    """A question that got no answer, with its words; they go with the message that they stand in."""
    key = whole(number)
    found = await tx.get(Gap, key) if key else None
    message = await tx.get(Message, found.message_id) if found else None
    return (found, message.text or "") if found and message else None
