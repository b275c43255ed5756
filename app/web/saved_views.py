"""Saved lists: kept from the list's own filters, shown as chips above it, renamed and shared on a page of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import saved_views
from app.errors import BadInput
from app.hub import Hub
from app.models import User
from app.saved_views import COUNTED_TO, Chip
from app.web.asked import Asked, read, view_of
from app.web.deps import StaffDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/inbox/views", include_in_schema=False)

Words = Annotated[str, Form()]
Id = Annotated[int, Path(le=2**63 - 1)]
SHOWN = 8  # chips; the rest is on the page of lists


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A saved list as its chip shows it."""

    chip: Chip
    asked: Asked
    count: str = ""


async def shortcuts(hub: Hub, session: AsyncSession, user: User) -> Sequence[Shortcut]:
    made = []
    for chip in (await saved_views.views(session, user))[:SHOWN]:
        wanted = _asked(chip)
        if wanted is None:
            continue
        number = await saved_views.count(hub, session, user, view_of(wanted.view or "all"), wanted.filters)
        made.append(Shortcut(chip, wanted, f"{COUNTED_TO}+" if number > COUNTED_TO else str(number)))
    return made


@router.get("")
async def views_page(request: Request, tx: Tx, user: StaffDep) -> Response:
    found = [Shortcut(chip, wanted) for chip in await saved_views.views(tx, user) if (wanted := _asked(chip))]
    return render(request, "inbox/views.html", views=found)


@router.post("")
async def save(request: Request, tx: Tx, user: StaffDep, name: Words = "", shared: Words = "") -> Response:
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    wanted = read({**form, "before": ""})
    await saved_views.save(tx, user, name, wanted.pairs, shared=bool(shared))
    return RedirectResponse(f"/inbox?{wanted.query}", status_code=303)


@router.post("/{view_id}")
async def change(tx: Tx, user: StaffDep, view_id: Id, name: Words = "", shared: Words = "") -> Response:
    await saved_views.change(tx, user, view_id, name=name, shared=bool(shared))
    return RedirectResponse("/inbox/views", status_code=303)


@router.post("/{view_id}/delete")
async def delete(tx: Tx, user: StaffDep, view_id: Id) -> Response:
    await saved_views.delete(tx, user, view_id)
    return RedirectResponse("/inbox/views", status_code=303)


def _asked(chip: Chip) -> Asked | None:
    """None for a list of an older version that can't be read any more."""
    try:
        return read(chip.view.query)
    except BadInput:
        return None
