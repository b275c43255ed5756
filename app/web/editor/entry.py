"""One entry: its languages side by side, saved as a draft that all share, with the chat beside it as it would look."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.editor import drafting, drafts
from app.editor.entries import BASE, KIND, LANGUAGES
from app.editor.entry_form import moved, read_entry, read_move
from app.errors import BadInput, Conflict, HubError
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor import entry_views
from app.web.editor.clashing import last_seen
from app.web.editor.showing import name_of, stale_view
from app.web.i18n import local_day, texts
from app.web.numbers import whole
from app.web.pages import is_fragment, reader_language, render
from app.web.visitor import LOOKS
from flows.model import LABEL_CHARS, MESSAGE_CHARS, MESSAGES, NEXT_BUTTONS, SMS_CHARS

router = APIRouter(prefix="/editor/entries", include_in_schema=False)

LIMITS = {"label": LABEL_CHARS, "message": MESSAGE_CHARS, "sms": SMS_CHARS, "messages": MESSAGES, "next": NEXT_BUTTONS}


@router.get("/{topic}")
async def entry_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str) -> Response:
    piece = await drafts.open_piece(tx, KIND, topic)
    return await _page(request, hub, tx, user, piece, request.query_params, request.query_params.getlist("show"))


@router.post("/{topic}")
async def save(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str) -> Response:
    """Every button of the form saves; some then do something more: another place, a message moved, a number tested."""
    form = await request.form()
    piece = await drafts.open_piece(tx, KIND, topic)
    mine = read_entry(form, piece.data)
    do, _, what = str(form.get("do", "")).partition("=")
    if do == "move" and (move := read_move(what)):
        mine = moved(mine, move)
    if do == "tested":
        mine = _tested(mine, whole(what), local_day(hub.now()).isoformat())
    seen = whole(last_seen(form)) or 0
    try:
        if do == "machine":
            async with hub.db.transaction() as own:  # colleagues who save must not wait for the machine
                saved = await drafts.save(hub, own, user, KIND, topic, mine, seen=seen)
            await drafting.draft(hub, tx, user, topic, what)
        else:
            async with tx.begin_nested():
                saved = await drafts.save(hub, tx, user, KIND, topic, mine, seen=seen)
    except (BadInput, Conflict) as error:
        piece = await drafts.open_piece(tx, KIND, topic)
        stale = error if isinstance(error, drafts.Stale) else None
        return await _page(
            request, hub, tx, user, piece, form, _shown(form), mine=mine, error=error, stale=stale
        )  # fmt: skip
    place = str(form.get("go_place", "")) if do == "place" else str(form.get("place", ""))
    if saved.revision == piece.revision and do == "save":
        return _back(topic, form, place, "same")
    return _back(topic, form, place, "" if do == "place" else "saved")


@router.post("/{topic}/preview")
async def preview(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str) -> Response:
    """The chat and the hints for what is in the form just now; nothing is saved. Without scripts, the whole page."""
    form = await request.form()
    piece = await drafts.open_piece(tx, KIND, topic)
    mine = drafts.tidy(read_entry(form, piece.data))
    if not is_fragment(request):
        return await _page(request, hub, tx, user, piece, form, _shown(form), mine=mine)
    chosen = entry_views.choose(hub, user, form, _shown(form), local_day(hub.now()))
    context = await asyncio.to_thread(_seen, hub, piece, mine, chosen)
    return render(request, "editor/_entry_live.html", part_name=_part_name(request, hub), **context)


@router.post("/{topic}/step")
async def step(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str) -> Response:
    """Undo and redo, one saved step at a time."""
    form = await request.form()
    await drafts.open_piece(tx, KIND, topic)
    way = drafts.redo if form.get("do") == "redo" else drafts.undo
    await way(hub, tx, user, KIND, topic, seen=whole(last_seen(form)) or 0)
    return _back(topic, form, "", "saved")


async def _page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    piece: drafts.Piece,
    given: Any,
    shown: Sequence[str],
    *,
    mine: dict[str, Any] | None = None,
    error: HubError | None = None,
    stale: drafts.Stale | None = None,
) -> Response:
    """`mine`: what was written and is not saved. After a stale save the form goes on from what stands there now."""
    data = mine if mine is not None else piece.data
    chosen = entry_views.choose(hub, user, given, shown, local_day(hub.now()))
    library = hub.shelf.library
    context = await asyncio.to_thread(_seen, hub, piece, data, chosen)
    return render(
        request,
        "editor/entry.html",
        status=error.status if error else 200,
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        stale=stale_view(request, stale, drafts.tidy(data)) if stale else None,
        revision=whole(last_seen(given)) or 0 if stale else piece.revision,
        data=data,
        steps=await drafts.can_step(tx, piece.draft),
        unsaved=mine is not None,
        done=str(given.get("done") or ""),
        gap=_gap(given),
        topics=sorted(library.entries),
        part_name=_part_name(request, hub),
        places={slug: len((data.get("places") or {}).get(slug, {})) for slug in library.places},
        **context,
    )


def _seen(hub: Hub, piece: drafts.Piece, data: dict[str, Any], chosen: entry_views.Chosen) -> dict[str, Any]:
    """What looks at every word of it: done in a thread of its own."""
    return {
        "piece": piece,
        "chosen": chosen,
        "columns": entry_views.columns(hub, piece, data, chosen.place),
        "preview": entry_views.preview(hub, data, chosen.scene),
        "looks": LOOKS,
        "languages": LANGUAGES,
        "base": BASE,
        "limits": LIMITS,
        "all_places": list(hub.shelf.library.places),
    }


def _part_name(request: Request, hub: Hub) -> Callable[[Sequence[str]], str]:
    """A field's path in the reader's words."""
    return partial(name_of, texts(reader_language(request)), hub.shelf.library)


def _tested(data: dict[str, Any], number: int | None, today: str) -> dict[str, Any]:
    phones = data.get("phones") or []
    if number is None or number >= len(phones):
        raise BadInput("There is no such number.")
    return {**data, "phones": [p | {"tested_on": today} if n == number else p for n, p in enumerate(phones)]}


def _gap(given: Any) -> str:
    """The number of a question, as a page's address or its form holds it."""
    number = whole(given.get("gap"))
    return "" if number is None else str(number)


def _shown(form: FormData) -> list[str]:
    return [str(code) for code in form.getlist("show")]


def _back(topic: str, form: FormData, place: str, done: str) -> Response:
    """The languages side by side stay, and the question from which the answer is made."""
    query = urlencode(
        [*(("show", code) for code in _shown(form)), ("place", place), ("done", done), ("gap", _gap(form))]
    )
    return RedirectResponse(f"/editor/entries/{topic}?{query}{'#place' if not done else ''}", status_code=303)
