"""One case's page: its thread beside the list, what staff do with it. Plain forms; htmx fetches the same parts."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from app import cases, later
from app.cases import access_case
from app.drafts import drop_draft
from app.errors import BadInput, Conflict, HubError
from app.filters import View
from app.hub import Hub
from app.inbox import THREAD_MESSAGES, Thread, thread
from app.lists import mark_read
from app.models import User
from app.presence import colleagues
from app.search import reach
from app.snooze import zone_of
from app.web.asked import asked
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import desk_of, read_moment
from app.web.filetypes import SENDABLE, plain_mime
from app.web.i18n import texts
from app.web.lists import show
from app.web.pages import is_fragment, reader_language, render, trigger
from app.web.threads import Row, newer_than, rows
from channels.base import MediaFile

router = APIRouter(prefix="/inbox", include_in_schema=False)

LONG_THREAD = 5000  # "show older": more than any conversation had so far, still one page


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as its writer left it: to which conversation, having seen what, and what stands in its way."""

    text: str = ""
    conversation_id: int = 0
    seen_seq: int = 0
    files: tuple[MediaFile, ...] = ()
    send_at: str = ""  # as the form has it; empty: now
    problem: str = ""
    news: tuple[Row, ...] = ()


@router.get("/{case_id}")
async def case_page(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, older: bool = False, at: str = ""
) -> Response:
    """`at`: a message or event that must be among those shown, however old, such as 'message-7'."""
    if is_fragment(request):
        return await _live_part(request, hub, tx, user, case_id, older=older, at=at)
    return await _whole_page(request, hub, tx, user, case_id, older=older, at=at)


@router.post("/{case_id}/take")
async def take(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await cases.take(hub, tx, user, case_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/{case_id}/release")
async def release(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    await cases.release(hub, tx, user, case_id)
    return await changed(request, hub, tx, user, case_id)


@router.post("/{case_id}/note")
async def note(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, text: Annotated[str, Form()] = ""
) -> Response:
    await cases.note(hub, tx, user, case_id, text)
    await drop_draft(tx, user.id, case_id, "note")
    if is_fragment(request):
        return trigger(render(request, "inbox/_note_form.html", case_id=case_id, note_text=""), f"case-{case_id}")
    return back(request, case_id)


@router.post("/{case_id}/reply")
async def reply(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    """Refused with the draft kept where the conversation moved on, or where there is something to put right."""
    try:
        draft = await _read_draft(request)
        async with tx.begin_nested():
            await _send(hub, tx, user, case_id, draft)
    except (Conflict, BadInput) as error:
        return await _refused(request, hub, tx, user, case_id, error)
    if not is_fragment(request):
        return back(request, case_id)
    found = await thread(tx, user, case_id)
    desk = await desk_of(hub, tx, user, found.case)
    part = render(request, "inbox/_composer.html", thread=found, draft=Draft(), desk=desk)
    return trigger(part, f"case-{case_id}", "sent")


async def _send(hub: Hub, tx: AsyncSession, user: User, case_id: int, draft: Draft) -> None:
    """Now, or kept for later; the draft on the server has done its duty either way."""
    if draft.send_at:
        if draft.files:
            raise BadInput("Files can't be sent later yet, only words.")
        case = await access_case(tx, user, case_id)
        await later.schedule(
            hub,
            tx,
            user,
            case_id,
            conversation_id=draft.conversation_id,
            text=draft.text,
            seen_seq=draft.seen_seq,
            send_at=read_moment(draft.send_at, zone_of(hub, case.place)),
        )
    else:
        await cases.reply(
            hub,
            tx,
            user,
            case_id,
            conversation_id=draft.conversation_id,
            text=draft.text,
            seen_seq=draft.seen_seq,
            files=draft.files,
        )
    await drop_draft(tx, user.id, case_id, "reply")


async def _refused(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int, error: HubError) -> Response:
    form = await request.form()
    conversation_id, seen_seq = _target(str(form.get("to", "")))
    found = await thread(tx, user, case_id)
    problem = texts(reader_language(request)).say(error.message, error.detail)
    news = newer_than(found, conversation_id, seen_seq) if "last_seq" in error.detail else []
    draft = Draft(
        text=str(form.get("text", "")),
        conversation_id=conversation_id,
        send_at=str(form.get("send_at", "")),
        problem=problem,
        news=tuple(news),
    )
    if is_fragment(request):
        desk = await desk_of(hub, tx, user, found.case)
        response = render(request, "inbox/_composer.html", status=error.status, thread=found, draft=draft, desk=desk)
        return trigger(response, f"case-{case_id}")
    return await _whole_page(request, hub, tx, user, case_id, found=found, draft=draft, status=error.status)


async def _read_draft(request: Request) -> Draft:
    form = await request.form()
    conversation_id, seen_seq = _target(str(form.get("to", "")))
    parts = [part for part in form.getlist("files") if isinstance(part, UploadFile) and part.filename]
    try:
        files = [await _read_file(part) for part in parts]
    finally:
        await form.close()
    return Draft(
        str(form.get("text", "")), conversation_id, seen_seq, tuple(files), send_at=str(form.get("send_at", ""))
    )


async def _read_file(part: UploadFile) -> MediaFile:
    mime = plain_mime(part.content_type)
    if mime not in SENDABLE:
        raise BadInput("This kind of file can't be sent: only pictures, PDF, audio and MP4 video.")
    return MediaFile(await part.read(), mime, part.filename)


def _target(to: str) -> tuple[int, int]:
    """The form's choice '<conversation>:<last message seen>'."""
    conversation_id, _, seen = to.partition(":")
    if not (conversation_id.isdigit() and seen.isdigit()) or len(to) > 30:
        return 0, 0
    return int(conversation_id), int(seen)


async def _live_part(
    request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int, *, older: bool = False, at: str = ""
) -> Response:
    found = await _thread(tx, user, case_id, older=older, at=at)
    desk = await desk_of(hub, tx, user, found.case)
    here = (await colleagues(hub, tx, user, [case_id])).get(case_id, ())
    back = asked(request).query
    return render(
        request, "inbox/_live.html", thread=found, rows=rows(found), older=older, at=at, desk=desk, back=back, here=here
    )


async def _whole_page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    *,
    older: bool = False,
    at: str = "",
    found: Thread | None = None,
    draft: Draft | None = None,
    status: int = 200,
) -> Response:
    found = found or await _thread(tx, user, case_id, older=older, at=at)
    desk = await desk_of(hub, tx, user, found.case)
    if found.items:
        await mark_read(tx, user, case_id, found.items[-1].at)
    shown = await show(request, hub, tx, user, _view_of(found, user))
    return render(
        request,
        "inbox/case.html",
        status=status,
        shown=shown,
        back=shown.asked.query,
        here=(await colleagues(hub, tx, user, [case_id])).get(case_id, ()),
        open=case_id,
        thread=found,
        rows=rows(found),
        older=older,
        at=at,
        draft=draft or Draft(text=desk.drafts.get("reply", "")),
        desk=desk,
    )


async def _thread(tx: AsyncSession, user: User, case_id: int, *, older: bool, at: str = "") -> Thread:
    least = await reach(tx, user, case_id, at) if at else 0
    return await thread(tx, user, case_id, limit=max(LONG_THREAD if older else THREAD_MESSAGES, least))


async def changed(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int) -> Response:
    if not is_fragment(request):
        return back(request, case_id)
    return trigger(await _live_part(request, hub, tx, user, case_id), "cases")


def back(request: Request, case_id: int) -> Response:
    target = f"/inbox/{case_id}"
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def _view_of(found: Thread, user: User) -> View:
    """The list in which a case is found that was opened by its address."""
    if found.case.status == "closed":
        return "closed"
    if found.case.status == "snoozed":
        return "snoozed"
    if found.case.assignee_id is None:
        return "unassigned"
    return "mine" if found.case.assignee_id == user.id else "all"
