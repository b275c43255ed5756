"""The stored dialogues: which still say what they should, and what to do where one doesn't."""

import asyncio
import json
from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor.dialogues import TRANSCRIPT, drafted_dialogues, failure_of, live_dialogues
from app.editor.differences import word_changes
from app.editor.drafted import drafted_library
from app.editor.drafts import Stale, open_drafts, open_piece
from app.editor.redoing import keep, play_anew, retire, stored_of, take
from app.errors import BadInput, HubError
from app.hub import Hub
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.clashing import last_seen
from app.web.editor.issue_words import issue_words
from app.web.editor.showing import stale_view
from app.web.i18n import Texts, texts
from app.web.numbers import whole
from app.web.pages import reader_language, render, say_fact
from flows.dialogue.transcript import BadTranscript, Failure, Transcript, read_transcript
from flows.library import Library
from flows.model import StoredTranscript

DEEDS = ("learned", "answer", "who helps with", "case", "letter", "end")
"""What a line of a dialogue tells that the hub does, followed by what it is about."""

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
    seen = whole(last_seen(form)) or 0
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
        body=_lines(words, library, stored),
        changes=word_changes(stored.text, row.failure.played) if row.failure and row.failure.played else (),
        together=row.drafted and row.failure is None and live_failure is not None,
        flow_waits=row.head is not None and await _has_draft(tx, "flow", row.head.flow),
        lines="\n".join(said),
        library=library,
        issue_words=issue_words,
        stale=stale,
        problem=_problem(words, error) if error and not stale else "",
        done=done,
    )


def _problem(words: Texts, error: HubError) -> str:
    """What can't be played says why in the words of the checks."""
    return words.say(error.message, {key: issue_words(words, str(value)) for key, value in error.detail.items()})


async def _has_draft(tx: AsyncSession, kind: str, key: str) -> bool:
    return any((piece.kind, piece.key) == (kind, key) for piece in await open_drafts(tx))


def _lines(words: Texts, library: Library, stored: StoredTranscript) -> list[tuple[str, str]]:
    """Each line with what it is: `own` words of the person, what the hub `says`, what it `does`, in the reader's words."""
    _, _, body = stored.text.partition("\n\n")
    made = []
    for line in filter(str.strip, body.splitlines()):
        what = {">": "own", "*": "does"}.get(line[0], "says")
        made.append((what, _deed(words, library, line[2:]) if what == "does" else line[2:]))
    return made


def _deed(words: Texts, library: Library, text: str) -> str:
    """'learned letter_date: "2026-10-12"' as 'notes: Letter received on: Monday, 12 October 2026'."""
    kind = next((each for each in DEEDS if text.startswith(f"{each} ")), text)
    rest = text.removeprefix(kind).strip()
    if kind == "learned":
        key, _, value = rest.partition(": ")
        rest = ": ".join(say_fact(library, key, json.loads(value), words.language))
    else:
        known = (library.label(each, words.language) or words.term("reason", each) for each in rest.split())
        rest = ", ".join(words.term("deed", each) for each in known).replace(":, ", ": ")
    return f"{words.term('deed', kind.replace(' ', '_'))} {rest}".strip()


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
