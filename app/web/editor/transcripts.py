"""The stored dialogues: which still say what they should, and what to do where one doesn't."""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor.dialogues import TRANSCRIPT, drafted_dialogues, failure_of, live_dialogues
from app.editor.differences import word_changes
from app.editor.drafted import drafted_library
from app.editor.drafts import Stale, open_piece
from app.editor.redoing import keep, play_anew, retire, stored_of, take
from app.errors import BadInput, HubError
from app.hub import Hub
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.showing import stale_view
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from flows.dialogue.transcript import BadTranscript, Failure, Transcript, read_transcript
from flows.library import Library
from flows.model import StoredTranscript

router = APIRouter(prefix="/editor/transcripts", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Row:
    stored: StoredTranscript
    head: Transcript | None  # None where it can't be read
    failure: Failure | None
    drafted: bool


@router.get("")
async def list_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    """Played with all drafts in place: what would fail if they went live."""
    library, _ = await drafted_library(tx, hub.shelf.library, "drafts")
    drafts = await drafted_dialogues(tx)
    dialogues = await live_dialogues(tx) | drafts
    rows = await asyncio.to_thread(_rows, dialogues, library, set(drafts))
    flows = sorted({row.head.flow for row in rows if row.head})
    return render(
        request,
        "editor/transcripts.html",
        rows=[row for row in rows if not (row.head and row.head.retired)],
        retired=[row for row in rows if row.head and row.head.retired],
        failing=[row for row in rows if row.failure],
        flows=flows,
        library=library,
    )


@router.get("/{name}")
async def transcript_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, name: str, done: str = "") -> Response:
    return await _page(request, hub, tx, name, done=done)


@router.post("/{name}")
async def change_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, name: str) -> Response:
    """Other words of the person, played with all drafts."""
    form = await request.form()
    lines = str(form.get("lines", "")).splitlines()
    seen = whole((form.getlist("seen") or [""])[-1]) or 0
    piece = await open_piece(tx, TRANSCRIPT, name)
    library, _ = await drafted_library(tx, hub.shelf.library, "drafts")
    mine: StoredTranscript | None = None
    try:
        mine = await play_anew(stored_of(piece), lines, library)
        async with tx.begin_nested():
            await keep(hub, tx, user, mine, seen)
    except (BadInput, Stale) as error:
        return await _page(request, hub, tx, name, error=error, lines=lines, mine=mine)
    return _done(name, "played")


@router.post("/{name}/take")
async def take_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, name: str) -> Response:
    library, _ = await drafted_library(tx, hub.shelf.library, "drafts")
    try:
        async with tx.begin_nested():
            await take(hub, tx, user, name, library, seen=await _seen(request))
    except (BadInput, Stale) as error:
        return await _page(request, hub, tx, name, error=error)
    return _done(name, "taken")


@router.post("/{name}/retire")
async def retire_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, name: str) -> Response:
    try:
        async with tx.begin_nested():
            await retire(hub, tx, user, name, True, seen=await _seen(request))
    except (BadInput, Stale) as error:
        return await _page(request, hub, tx, name, error=error)
    return _done(name, "retired")


@router.post("/{name}/restore")
async def restore_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, name: str) -> Response:
    try:
        async with tx.begin_nested():
            await retire(hub, tx, user, name, False, seen=await _seen(request))
    except (BadInput, Stale) as error:
        return await _page(request, hub, tx, name, error=error)
    return _done(name, "restored")


async def _page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    name: str,
    *,
    done: str = "",
    error: HubError | None = None,
    lines: list[str] | None = None,
    mine: StoredTranscript | None = None,
) -> Response:
    piece = await open_piece(tx, TRANSCRIPT, name)
    library, _ = await drafted_library(tx, hub.shelf.library, "drafts")
    stored = stored_of(piece)
    (row,) = await asyncio.to_thread(_rows, {name: stored}, library, {name} if piece.draft else set())
    live_failure = await asyncio.to_thread(failure_of, stored, hub.shelf.library)
    stale = stale_view(request, error, mine.model_dump()) if isinstance(error, Stale) and mine else None
    words = texts(reader_language(request))
    said = lines if lines is not None else list(row.head.said) if row.head else []
    return render(
        request,
        "editor/transcript.html",
        status=error.status if error else 200,
        piece=piece,
        row=row,
        body=stored.text.partition("\n\n")[2].splitlines(),
        changes=word_changes(stored.text, row.failure.played) if row.failure and row.failure.played else (),
        together=row.drafted and row.failure is None and live_failure is not None,
        lines="\n".join(said),
        library=library,
        stale=stale,
        problem=words.say(error.message, error.detail) if error and not stale else "",
        done=done,
    )


def _rows(dialogues: dict[str, StoredTranscript], library: Library, drafted: set[str]) -> list[Row]:
    return [
        Row(stored, _head(stored), failure_of(stored, library), name in drafted)
        for name, stored in sorted(dialogues.items())
    ]


def _head(stored: StoredTranscript) -> Transcript | None:
    try:
        return read_transcript(stored)
    except BadTranscript:
        return None


async def _seen(request: Request) -> int:
    return whole((await request.form()).get("seen")) or 0


def _done(name: str, what: str) -> Response:
    return RedirectResponse(f"/editor/transcripts/{name}?done={what}", status_code=303)
