"""A piece on its way to being live: what differs, what is wrong, who approves it, when it is published."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor import approving, drafts, releasing
from app.editor.approving import Aspect, aspects_of
from app.editor.closed import closed_drafts, restore
from app.editor.dialogues import TRANSCRIPT, live_dialogues, look_at
from app.editor.differences import Change, word_changes
from app.editor.drafts import Piece, Stale
from app.editor.people import names, writers
from app.editor.policy import SECOND_PERSON, policy_now
from app.editor.rebasing import rebase, together, version_data
from app.editor.redoing import take_all
from app.editor.releasing import Blocked, NotApproved
from app.editor.trial import invalid, issues_again
from app.editor.waiting import is_older
from app.errors import BadInput, Conflict, HubError, NotAllowed, NotFound
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, LeadDep, Tx
from app.web.desk import read_moment
from app.web.editor.clashing import choices_of, clash_views
from app.web.editor.found import Found, in_words
from app.web.editor.naming import edit_url, look_url, piece_url, title, try_url
from app.web.editor.showing import Shown, aspect_name, shown
from app.web.i18n import texts
from app.web.pages import reader_language, render
from flows.dialogue.transcript import Failure
from flows.findings import Issue
from flows.services import TIMEZONE

router = APIRouter(prefix="/editor/pieces/{kind}/{key}", include_in_schema=False)

Words = Annotated[str, Form()]
Number = Annotated[int, Form()]
NOTE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Part:
    """One aspect with what differs in it. `writers`: who changed it. `older`: than the text that it is a translation of."""

    aspect: Aspect
    name: str
    rows: list[Shown]
    writers: list[str]
    older: bool
    second: bool  # a second person is asked for, in this kind of content


@router.get("")
async def piece_page(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, done: str = ""
) -> Response:
    return await page(request, hub, tx, user, kind, key, done=done)


@router.post("/approve")
async def approve_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, aspect: Words = "", seen: Number = 0
) -> Response:
    return await _acted(
        request, hub, tx, user, kind, key, "approved", approving.approve(hub, tx, user, kind, key, aspect, seen=seen)
    )


@router.post("/withdraw")
async def withdraw_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, aspect: Words = "", seen: Number = 0
) -> Response:
    return await _acted(
        request, hub, tx, user, kind, key, "withdrawn", approving.withdraw(tx, user, kind, key, aspect, seen=seen)
    )


@router.post("/publish")
async def publish_form(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    kind: str,
    key: str,
    seen: Number = 0,
    note: Words = "",
    when: Words = "now",
    at: Words = "",
) -> Response:
    """`at` is the town's time. What was written as the reason stays in the field where it can't be published."""
    try:
        moment = read_moment(at, TIMEZONE) if when == "later" else None
        if moment and moment <= hub.now():
            raise BadInput("This time has passed. Choose a later one, or publish now.")
        if len(note) > NOTE_CHARS:
            raise BadInput("That is too long: at most {limit} characters.", limit=NOTE_CHARS)
        async with tx.begin_nested():
            await releasing.publish(hub, tx, user, kind, key, seen=seen, note=note, at=moment)
    except HubError as error:
        return await page(request, hub, tx, user, kind, key, error=error, note=note, when=when, at=at)
    return _back(kind, key, "scheduled" if moment else "published")


@router.post("/dialogues")
async def dialogues_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, seen: Number = 0
) -> Response:
    """All stored dialogues that the draft changes are to be as they are now."""
    return await _acted(request, hub, tx, user, kind, key, "dialogues", take_all(hub, tx, user, kind, key, seen=seen))


@router.post("/unschedule")
async def unschedule_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, seen: Number = 0
) -> Response:
    return await _acted(
        request, hub, tx, user, kind, key, "unscheduled", releasing.unschedule(tx, user, kind, key, seen=seen)
    )


@router.post("/discard")
async def discard_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, seen: Number = 0
) -> Response:
    return await _acted(request, hub, tx, user, kind, key, "discarded", drafts.discard(tx, user, kind, key, seen=seen))


@router.post("/restore")
async def restore_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str, draft: Number = 0
) -> Response:
    return await _acted(request, hub, tx, user, kind, key, "restored", restore(hub, tx, user, kind, key, draft))


@router.get("/together")
async def together_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str) -> Response:
    return await _together(request, tx, kind, key)


@router.post("/together")
async def together_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, kind: str, key: str) -> Response:
    choices, seen = choices_of(await request.form())
    try:
        async with tx.begin_nested():
            await rebase(hub, tx, user, kind, key, choices, seen=seen)
    except (Stale, BadInput) as error:
        return await _together(request, tx, kind, key, choices=choices, error=error)
    return _back(kind, key, "together")


async def page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    kind: str,
    key: str,
    *,
    done: str = "",
    error: HubError | None = None,
    note: str | None = None,
    when: str = "now",
    at: str = "",
) -> Response:
    closed = await closed_drafts(tx, kind, key)
    language = reader_language(request)
    try:
        piece = await drafts.open_piece(tx, kind, key)
    except NotFound:
        if not closed:
            raise
        return render(
            request, "editor/thrown_away.html", kind=kind, key=key, closed=closed, path=piece_url(kind, key), done=done
        )
    failures = await _failures(hub, tx, piece)
    before = await version_data(tx, kind, key, piece.live.version - 1) if done == "published" and piece.live else None
    return render(
        request,
        "editor/piece.html",
        status=error.status if error else 200,
        piece=piece,
        title=title(kind, key, piece.data, language),
        parts=await _parts(request, tx, user, piece),
        issues=await _issues(request, hub, piece, error, failures),
        dialogues=await _dialogues(tx, failures) if piece.kind != TRANSCRIPT else [],
        four_eyes=(await policy_now(tx)).four_eyes,
        waits=[aspect_name(texts(language), each) for each in error.aspects] if isinstance(error, NotApproved) else [],
        problem=texts(language).say(error.message, error.detail) if error else "",
        closed=closed,
        path=piece_url(kind, key),
        links={"edit": edit_url(kind, key), "look": look_url(piece, language), "try": try_url(kind, key)},
        published=shown(request, before, piece.live.data) if before is not None and piece.live else [],
        now_live=releasing.is_only_read(piece),
        done=done,
        note=note if note is not None else piece.draft.note if piece.draft else "",
        when=when,
        at=at,
    )


async def _parts(request: Request, tx: AsyncSession, user: User, piece: Piece) -> list[Part]:
    words = texts(reader_language(request))
    rows = shown(request, piece.live.data if piece.live else None, piece.data)
    wrote = await writers(tx, piece.draft)
    return [
        Part(
            aspect=each,
            name=aspect_name(words, each.name),
            rows=[row for row in rows if row.aspect == each.name] if each.changed else [],
            writers=wrote.get(each.name, []),
            older=not each.changed
            and each.state != "approved"
            and piece.live is not None
            and is_older(piece.live, each.name),
            second=each.name in SECOND_PERSON.get(piece.kind, ()),
        )
        for each in await aspects_of(tx, user, piece)
    ]


async def _issues(
    request: Request, hub: Hub, piece: Piece, error: HubError | None, failures: Sequence[Failure]
) -> list[Found]:
    """Looking everything over takes a while: beside the loop."""
    library, today = hub.shelf.library, hub.today
    if isinstance(error, Blocked):
        issues: list[Issue] = list(error.issues)
    elif piece.draft is None or not piece.changed:
        issues = []
    else:
        found = await asyncio.to_thread(issues_again, library, piece.kind, piece.key, piece.data, today)
        issues = [*(failure.issue for failure in failures), *found]
    return in_words(request, piece.kind, piece.key, piece.data, issues)


async def _failures(hub: Hub, tx: AsyncSession, piece: Piece) -> tuple[Failure, ...]:
    """Stored dialogues that the draft changes; none where it can't be read at all."""
    if piece.draft is None or not piece.changed or invalid(piece.kind, piece.data):
        return ()
    return (await look_at(tx, hub.shelf.library, piece)).failures


async def _dialogues(tx: AsyncSession, failures: Sequence[Failure]) -> list[tuple[str, tuple[Change, ...]]]:
    """Each dialogue that would say something else, with what that is."""
    live = await live_dialogues(tx) if failures else {}
    return [
        (each.name, word_changes(live[each.name].text, each.played))
        for each in failures
        if each.played is not None and each.name in live
    ]


async def _acted(
    request: Request, hub: Hub, tx: AsyncSession, user: User, kind: str, key: str, done: str, deed: Any
) -> Response:
    """What was refused is said on the page itself, beside what stands there now."""
    try:
        async with tx.begin_nested():
            await deed
    except (BadInput, Conflict, NotAllowed) as error:
        return await page(request, hub, tx, user, kind, key, error=error)
    return _back(kind, key, done)


async def _together(
    request: Request,
    tx: AsyncSession,
    kind: str,
    key: str,
    *,
    choices: Mapping[str, str] | None = None,
    error: HubError | None = None,
) -> Response:
    language = reader_language(request)
    piece = await drafts.open_piece(tx, kind, key)
    chosen = choices or {}
    merged = await together(tx, piece, chosen)
    assert piece.draft is not None
    assert piece.live is not None
    base = await version_data(tx, kind, key, piece.draft.base_version)
    return render(
        request,
        "editor/together.html",
        status=error.status if error else 200,
        piece=piece,
        title=title(kind, key, piece.data, language),
        path=piece_url(kind, key),
        problem=texts(language).say(error.message, error.detail) if error else "",
        theirs=shown(request, base, piece.live.data),
        mine=shown(request, base, piece.data),
        clashes=clash_views(request, merged.clashes, chosen),
        live_by=(await names(tx, {piece.live.user_id or 0})).get(piece.live.user_id or 0),
    )


def _back(kind: str, key: str, done: str) -> Response:
    return RedirectResponse(f"{piece_url(kind, key)}?done={done}", status_code=303)
