"""Figures: what holds when, which texts say it, and how they will read on a day."""

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.editor import drafts, figures
from app.editor.entries import day
from app.errors import BadInput, Conflict, HubError
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.clashing import last_seen
from app.web.editor.showing import stale_view
from app.web.i18n import local_day, texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from flows.library import write_figure

router = APIRouter(prefix="/editor/figures", include_in_schema=False)

KIND = figures.KIND
PAGES = {
    "entry": "/editor/entries/",
    "flow": "/editor/flows/",
    "template": "/editor/templates/",
    "letter": "/editor/templates/",
}
"""Where a text of a kind is edited; canned replies have their own room."""


@router.get("")
async def figures_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    return await _list(request, hub, tx)


@router.post("")
async def create(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    try:
        async with tx.begin_nested():
            piece = await figures.begin(hub, tx, user, str(form.get("key", "")).strip(), str(form.get("unit", "")))
    except (BadInput, Conflict) as error:
        return await _list(request, hub, tx, error)
    return RedirectResponse(f"/editor/figures/{piece.key}", status_code=303)


@router.get("/{key}")
async def figure_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, key: str) -> Response:
    piece = await drafts.open_piece(tx, KIND, key)
    return await _page(request, hub, tx, piece, _rows(piece.data))


@router.post("/{key}")
async def save(request: Request, hub: HubDep, tx: Tx, user: LeadDep, key: str) -> Response:
    form = await request.form()
    piece = await drafts.open_piece(tx, KIND, key)
    rows = _written(form)
    data = {**piece.data, "source": _source(form, piece.data.get("source") or {})}
    try:
        data["values"] = figures.settled([row for row in rows if row.since or row.value])
        async with tx.begin_nested():
            seen = whole(last_seen(form)) or 0
            await drafts.save(hub, tx, user, KIND, key, data, seen=seen)
    except (BadInput, Conflict) as error:
        stale = stale_view(request, error, drafts.tidy(data)) if isinstance(error, drafts.Stale) else None
        return await _page(
            request, hub, tx, piece, rows, data=data, error=error, stale=stale, seen=whole(form.get("seen")) or 0
        )  # fmt: skip
    return RedirectResponse(f"/editor/figures/{key}?done=saved", status_code=303)


async def _list(request: Request, hub: HubDep, tx: AsyncSession, error: HubError | None = None) -> Response:
    today = local_day(hub.now())
    return render(
        request,
        "editor/figures.html",
        status=error.status if error else 200,
        problem=_said(request, error),
        lines=await figures.lines(tx, today),
        today=today,
        written=await request.form() if error else {},
        amount=_amount(request),
    )


async def _page(
    request: Request,
    hub: HubDep,
    tx: AsyncSession,
    piece: drafts.Piece,
    rows: list[figures.Value],
    *,
    data: dict[str, Any] | None = None,
    error: HubError | None = None,
    stale: Any = None,
    seen: int | None = None,
) -> Response:
    shown, today = data or piece.data, local_day(hub.now())
    starts = [value["since"] for value in shown.get("values") or [] if value["since"] > today.isoformat()]
    on = day(request.query_params.get("on")) or day(min(starts, default=None)) or today
    return render(
        request,
        "editor/figure.html",
        status=error.status if error else 200,
        problem=_said(request, error),
        stale=stale,
        piece=piece,
        seen=piece.revision if seen is None else seen,
        data=shown,
        rows=[figures.Value("", "", ""), *rows] if not error else rows,
        today=today.isoformat(),
        on=on,
        past=[
            date.fromisoformat(each)
            for each in figures.past_changed(piece.live.data if piece.live else None, shown, today)
        ],
        uses=await figures.uses(tx, hub.shelf.library, shown, on),
        pages=PAGES,
        done=str(request.query_params.get("done", "")),
        amount=_amount(request),
    )


def _rows(data: dict[str, Any]) -> list[figures.Value]:
    """The newest first."""
    values = sorted(data.get("values") or [], key=lambda each: str(each["since"]), reverse=True)
    return [figures.Value(each["since"], each.get("until") or "", each["value"]) for each in values]


def _written(form: FormData) -> list[figures.Value]:
    columns = ([str(each).strip() for each in form.getlist(name)] for name in ("since", "until", "value"))
    return [figures.Value(*row) for row in zip(*columns, strict=False)]


def _source(form: FormData, old: dict[str, Any]) -> dict[str, Any]:
    found = {name: str(form.get(f"source_{name}", "")).strip() for name in ("law", "page", "seen")}
    return {**found, "code": old.get("code") or ("V-LAW" if found["law"] else f"V-WEB {found['seen'] or 'undated'}")}


def _said(request: Request, error: HubError | None) -> str:
    """Days as people write them."""
    if error is None:
        return ""
    words = texts(reader_language(request))
    days = {key: day(str(value)) for key, value in error.detail.items()}
    return words.say(error.message, {key: words.date(on) if (on := days[key]) else error.detail[key] for key in days})


def _amount(request: Request) -> Callable[[str, str], str]:
    return lambda value, unit: write_figure(value, unit, reader_language(request))
