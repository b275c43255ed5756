"""What waits for approval, language by language, and the page on which one text after the other is read and approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import canned_files
from app.canned_files import FileInfo
from app.editor import approving, releasing
from app.editor.approving import aspects_of
from app.editor.drafts import open_drafts, open_piece
from app.editor.people import writers
from app.editor.policy import policy_now
from app.editor.reading import files_of, read
from app.editor.waiting import Waiting, aspects_for, is_older, waiting
from app.errors import BadInput, Conflict, HubError, NotAllowed, NotFound
from app.hub import Hub
from app.models import User
from app.rights import ALL_PLACES
from app.web.deps import HubDep, LeadDep, StaffDep, Tx
from app.web.editor.naming import label_of, piece_url, title
from app.web.editor.showing import Shown, aspect_name, name_of, show
from app.web.i18n import texts
from app.web.media_files import handed_out
from app.web.pages import reader_language, render
from flows.aspects import ASPECTS, STRUCTURE

router = APIRouter(prefix="/editor/approvals", include_in_schema=False)

Number = Annotated[int, Form()]
ONE = "/{aspect}/{kind}/{key}"


@dataclass(frozen=True, slots=True)
class Row:
    """One text in the list. `name`: what it is called, in the reader's language."""

    waiting: Waiting
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One place of a text: German, and the words to approve with what changed in them. `file`: they name one."""

    german: str
    row: Shown
    changed: bool
    file: FileInfo | None


@router.get("")
async def approvals_page(request: Request, hub: HubDep, tx: Tx, user: StaffDep, done: str = "") -> Response:
    words = texts(reader_language(request))
    found = await waiting(tx, user)
    groups = [(each, aspect_name(words, each), _rows(request, found, each)) for each in ASPECTS]
    read_now = [piece for piece in await open_drafts(tx) if releasing.is_only_read(piece)]
    return render(
        request,
        "editor/approvals.html",
        groups=[group for group in groups if group[2]],
        speaks=user.speaks,
        read=read_now,
        may_publish=user.role in ALL_PLACES,
        done=done,
    )


@router.post("/publish")
async def publish_form(hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    await releasing.publish_read(hub, tx, user)
    return RedirectResponse("/editor/approvals?done=read", status_code=303)


@router.get(ONE)
async def reading_page(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, aspect: str, kind: str, key: str, done: str = ""
) -> Response:
    return await _reading(request, hub, tx, user, aspect, kind, key, done=done)


@router.post(f"{ONE}/approve")
async def approve_form(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, aspect: str, kind: str, key: str, seen: Number = 0
) -> Response:
    """On to the next text that waits in this language."""
    after = _after(await _queue(tx, user, aspect), kind, key)
    try:
        async with tx.begin_nested():
            await approving.approve(hub, tx, user, kind, key, aspect, seen=seen)
    except (BadInput, Conflict, NotAllowed) as error:
        return await _reading(request, hub, tx, user, aspect, kind, key, error=error)
    url = f"{reading_url(after)}?done=approved" if after else "/editor/approvals?done=approved"
    return RedirectResponse(url, status_code=303)


@router.post(f"{ONE}/withdraw")
async def withdraw_form(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, aspect: str, kind: str, key: str, seen: Number = 0
) -> Response:
    _check_language(user, aspect)
    try:
        async with tx.begin_nested():
            await approving.withdraw(tx, user, kind, key, aspect, seen=seen)
    except (BadInput, Conflict, NotAllowed) as error:
        return await _reading(request, hub, tx, user, aspect, kind, key, error=error)
    return RedirectResponse(f"/editor/approvals/{aspect}/{kind}/{key}?done=withdrawn", status_code=303)


@router.get(f"{ONE}/files/{{name}}")
async def file_to_approve(
    request: Request, tx: Tx, user: StaffDep, aspect: str, kind: str, key: str, name: str
) -> Response:
    """A recording or a picture that belongs to these words, as the draft has them now; no other file."""
    _check_language(user, aspect)
    if name not in files_of(await open_piece(tx, kind, key), aspect):
        raise NotFound("There is no such file.")
    file = await canned_files.read(tx, name)
    return handed_out(request, file.data, file.mime, name, view=True)


def reading_url(each: Waiting) -> str:
    return piece_url(each.kind, each.key).replace("/pieces/", f"/approvals/{each.aspect}/", 1)


async def _reading(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    aspect: str,
    kind: str,
    key: str,
    *,
    done: str = "",
    error: HubError | None = None,
) -> Response:
    queue = await _queue(tx, user, aspect)
    piece = await open_piece(tx, kind, key)
    state = next((each for each in await aspects_of(tx, user, piece) if each.name == aspect), None)
    if state is None:
        raise NotFound("There are no words in this language to approve.")
    words = texts(reader_language(request))
    found = await read(tx, piece, aspect)
    files = await canned_files.infos(tx, {each.file for each in found.lines})
    library, lang = hub.shelf.library, "" if aspect == STRUCTURE else aspect
    after = _after(queue, kind, key)
    number = next((number for number, each in enumerate(queue, 1) if (each.kind, each.key) == (kind, key)), None)
    return render(
        request,
        "editor/reading.html",
        status=error.status if error else 200,
        piece=piece,
        title=title(kind, key, piece.data, words.language),
        aspect=state,
        part={"older": piece.live is not None and not state.changed and is_older(piece.live, aspect)},
        language=aspect_name(words, aspect),
        writers=(await writers(tx, piece.draft)).get(aspect, []),
        beside=[
            Beside(
                each.german,
                Shown(name_of(words, library, each.path), aspect, lang, each.words),
                each.changed,
                files.get(each.file),
            )
            for each in found.lines
        ],
        base=[show(request, each) for each in found.base],
        path=f"/editor/approvals/{aspect}/{kind}/{key}",
        after=reading_url(after) if after else "",
        number=number,
        total=len(queue),
        four_eyes=(await policy_now(tx)).four_eyes,
        problem=words.say(error.message, error.detail) if error else "",
        done=done,
    )


async def _queue(tx: AsyncSession, user: User, aspect: str) -> Sequence[Waiting]:
    """What this user can approve in this language, in the order of the list. Raises NotAllowed for other languages."""
    _check_language(user, aspect)
    return [each for each in await waiting(tx, user) if each.aspect == aspect and not each.own]


def _check_language(user: User, aspect: str) -> None:
    if aspect not in aspects_for(user):
        raise NotAllowed("Only coordinators, admins and mediators of this language may approve it.")


def _after(queue: Sequence[Waiting], kind: str, key: str) -> Waiting | None:
    """The next in the list; after the last one the first that was left out."""
    here = next((place for place, each in enumerate(queue) if (each.kind, each.key) == (kind, key)), -1)
    others = [*queue[here + 1 :], *queue[: max(here, 0)]]
    return others[0] if others else None


def _rows(request: Request, found: Sequence[Waiting], aspect: str) -> list[Row]:
    language = reader_language(request)
    rows = []
    for each in found:
        if each.aspect == aspect:
            rows.append(Row(each, _name(each, language), reading_url(each)))
    return rows


def _name(each: Waiting, language: str) -> str:
    """Also of what is not live yet."""
    return label_of(each.data, language) if each.kind == "entry" else title(each.kind, each.key, each.data, language)
