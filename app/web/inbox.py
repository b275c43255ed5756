"""One case's page: its thread beside the list, what staff do with it. Plain forms; htmx fetches the same parts."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from app import cases, keeping, later, mentions
from app.answering import Wish, answer
from app.asking import ask_mediator
from app.cases import access_case
from app.drafts import drop_draft
from app.errors import BadInput, Conflict, HubError, NotFound
from app.filters import View
from app.hub import Hub
from app.inbox import THREAD_MESSAGES, Thread, thread
from app.lists import mark_read, seen_until
from app.models import User
from app.presence import colleagues
from app.search import reach
from app.snooze import zone_of
from app.translating import Made, Settled, Wanted, choose, count_sent, settle
from app.web.asked import asked
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import desk_of, read_moment
from app.web.filetypes import SENDABLE, plain_mime
from app.web.i18n import texts
from app.web.lists import show
from app.web.pages import is_fragment, reader_language, render, trigger
from app.web.threads import Row, newer_than, rows_since
from app.web.translating import check_settled, look, read_wanted, shown_in
from app.web.voices import check_carries_sound, read_voice
from channels.base import MediaFile
from flows.canned import open_places

KEPT_ID = re.compile(r"[0-9]{1,18}")

router = APIRouter(prefix="/inbox", include_in_schema=False)

LONG_THREAD = 5000  # "show older": more than any conversation had so far, still one page


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as its writer left it: to which conversation, having seen what, and what stands in its way."""

    text: str = ""
    conversation_id: int = 0
    seen_seq: int = 0
    files: tuple[MediaFile, ...] = ()
    speaks: bool = False  # one of the files is a voice message
    kept: tuple[int, ...] = ()  # files of replies that came back unsent, to go with this one
    send_at: str = ""  # as the form has it; empty: now
    wish: Wish = field(default_factory=Wish)
    problem: str = ""
    may_go_on: bool = False  # the problem is a colleague who has begun to answer
    news: tuple[Row, ...] = ()
    open: tuple[str, ...] = ()  # places in the text that are known to stand empty: a second press sends it so
    quote: int | None = None  # the message that it answers
    quoted: str = ""
    wanted: Wanted | None = None  # its translation; None: as the desk has it
    made: Made | None = None  # what the machine has just made of it
    looks: bool = False  # at the translation first
    checks: bool = False  # a mediator, before it is sent
    translation: str = ""  # what is wrong with it


@router.get("/{case_id}")
async def case_page(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    older: bool = False,
    at: str = "",
    since: str = "",
) -> Response:
    """`at`: a message or event that must be among those shown, however old, such as 'message-7'.

    `since`: when the reader of the open page had looked before, as the page itself was told.
    """
    if is_fragment(request):
        return await _live_part(request, hub, tx, user, case_id, older=older, at=at, since=_moment(since))
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
    await mentions.note(hub, tx, user, case_id, text)
    await drop_draft(tx, user.id, case_id, "note")
    if is_fragment(request):
        people = await mentions.mentionable(tx, user, await access_case(tx, user, case_id))
        return trigger(
            render(request, "inbox/_note_form.html", case_id=case_id, note_text="", mentionable=people),
            f"case-{case_id}",
        )
    return back(request, case_id)


@router.post("/{case_id}/reply")
async def reply(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    """Refused with the draft kept where the conversation moved on, or where there is something to put right."""
    settled = None
    try:
        draft = await _read_draft(request)
        wanted = draft.wanted or Wanted()
        if draft.looks:
            settled = await look(hub, tx, user, case_id, draft.conversation_id, draft.text)
            return await _refused(request, hub, tx, user, case_id, None, settled)
        if not draft.checks:
            settled = await settle(hub, tx, user, case_id, draft.conversation_id, draft.text, wanted)
            check_settled(settled)
        async with tx.begin_nested():
            if settled is None:
                await _ask_mediator(hub, tx, user, case_id, draft)
            else:
                await _send(hub, tx, user, case_id, draft, settled)
            if wanted.offered and not wanted.as_written:
                await choose(tx, user, case_id, wanted.on)
    except (Conflict, BadInput) as error:
        return await _refused(request, hub, tx, user, case_id, error, settled)
    if not is_fragment(request):
        return back(request, case_id)
    found = await thread(tx, user, case_id)
    desk = await desk_of(hub, tx, user, found.case)
    part = render(request, "inbox/_composer.html", thread=found, draft=Draft(), desk=desk)
    return trigger(part, f"case-{case_id}", "sent")


async def _ask_mediator(hub: Hub, tx: AsyncSession, user: User, case_id: int, draft: Draft) -> None:
    """In the queue the words are safe, so the composer may forget them; what a mediator can't check stays with it."""
    if draft.files or draft.kept or draft.quote or draft.send_at:
        raise BadInput(
            "A mediator checks words only. Take away files, quote and time first, or send those on their own."
        )
    wanted = draft.wanted or Wanted()
    _check_filled(draft, draft.text, wanted.text)
    await ask_mediator(
        hub,
        tx,
        user,
        case_id,
        conversation_id=draft.conversation_id,
        german=draft.text,
        wanted=wanted,
        seen_seq=draft.seen_seq,
    )
    await _drop_drafts(tx, user, case_id)


def _check_filled(draft: Draft, *said: str) -> None:
    if {place for text in said for place in open_places(text)} - set(draft.open):
        raise BadInput(
            "Something still stands empty in your text. Fill it in, or press Send again to send it so.", empty=True
        )


async def _drop_drafts(tx: AsyncSession, user: User, case_id: int) -> None:
    for kind in ("reply", "translation"):
        await drop_draft(tx, user.id, case_id, kind)


async def _send(hub: Hub, tx: AsyncSession, user: User, case_id: int, draft: Draft, settled: Settled) -> None:
    """Now, or kept for later; the draft on the server has done its duty either way."""
    _check_filled(draft, draft.text, settled.text)
    if draft.speaks:
        await check_carries_sound(hub, tx, draft.conversation_id)
    files = [*await keeping.take_back(tx, user, case_id, draft.kept), *draft.files]
    if draft.send_at:
        if draft.quote:
            raise BadInput("A reply for later can't be an answer to one message. Take the quote away first.")
        case = await access_case(tx, user, case_id)
        await later.schedule(
            hub,
            tx,
            user,
            case_id,
            conversation_id=draft.conversation_id,
            text=settled.text,
            seen_seq=draft.seen_seq,
            send_at=read_moment(draft.send_at, zone_of(hub, case.place)),
            files=files,
            written=settled.written,
        )
    else:
        await answer(
            hub,
            tx,
            user,
            case_id,
            conversation_id=draft.conversation_id,
            text=settled.text,
            seen_seq=draft.seen_seq,
            files=files,
            quotes=draft.quote,
            wish=draft.wish,
            written=settled.written,
        )
    await _drop_drafts(tx, user, case_id)
    await keeping.drop_given_back(tx, user, case_id)
    await count_sent(tx, settled)


async def _refused(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    error: HubError | None,
    settled: Settled | None = None,
) -> Response:
    """The composer again with all that was in it. Without an error its writer only wanted to see the translation."""
    form = await request.form()
    conversation_id, seen_seq = _target(str(form.get("to", "")))
    found = await thread(tx, user, case_id)
    detail = error.detail if error else {}
    problem = texts(reader_language(request)).say(error.message, detail) if error else ""
    news = newer_than(found, conversation_id, seen_seq) if "last_seq" in detail else []
    text = str(form.get("text", ""))
    quote = _number(form.get("quote"))
    wanted = shown_in(read_wanted(form), text, settled)
    draft = Draft(
        text=text,
        conversation_id=conversation_id,
        open=tuple({*open_places(text), *open_places(wanted.text)}) if "empty" in detail else (),
        quote=quote,
        quoted=next((each.message.text or "" for each in found.items if each.message and each.message.id == quote), ""),
        send_at=str(form.get("send_at", "")),
        wish=_wish(form),
        problem=problem,
        may_go_on="name" in detail,
        news=tuple(news),
        wanted=wanted,
        made=settled.made if settled else None,
        translation=str(detail.get("translation", "")),
    )
    status = error.status if error else 200
    if is_fragment(request):
        desk = await desk_of(hub, tx, user, found.case, conversation_id)
        response = render(request, "inbox/_composer.html", status=status, thread=found, draft=draft, desk=desk)
        return trigger(response, f"case-{case_id}")
    return await _whole_page(request, hub, tx, user, case_id, found=found, draft=draft, status=status)


async def _read_draft(request: Request) -> Draft:
    form = await request.form()
    conversation_id, seen_seq = _target(str(form.get("to", "")))
    parts, spoken = _uploads(form, "files"), _uploads(form, "voice")
    try:
        files = [await _read_file(part) for part in parts] + [await read_voice(part) for part in spoken]
    finally:
        await form.close()
    return Draft(
        text=str(form.get("text", "")),
        conversation_id=conversation_id,
        seen_seq=seen_seq,
        files=tuple(files),
        speaks=bool(spoken),
        kept=tuple(int(each) for each in form.getlist("kept") if isinstance(each, str) and KEPT_ID.fullmatch(each)),
        send_at=str(form.get("send_at", "")),
        open=tuple(str(each) for each in form.getlist("open")),
        quote=_number(form.get("quote")),
        wish=_wish(form),
        wanted=read_wanted(form),
        looks=bool(form.get("look")),
        checks=bool(form.get("check")),
    )


def _wish(form: FormData) -> Wish:
    return Wish(despite=bool(form.get("despite")), at_once=bool(form.get("at_once")))


def _uploads(form: FormData, name: str) -> list[UploadFile]:
    return [part for part in form.getlist(name) if isinstance(part, UploadFile) and part.filename]


async def _read_file(part: UploadFile) -> MediaFile:
    mime = plain_mime(part.content_type)
    if mime not in SENDABLE:
        raise BadInput("This kind of file can't be sent: only pictures, PDF, audio and MP4 video.")
    return MediaFile(await part.read(), mime, part.filename)


def _number(given: object) -> int | None:
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 19 else None


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _target(to: str) -> tuple[int, int]:
    """The form's choice '<conversation>:<last message seen>'."""
    conversation_id, _, seen = to.partition(":")
    if not (conversation_id.isdecimal() and seen.isdecimal()) or len(to) > 30:
        return 0, 0
    return int(conversation_id), int(seen)


async def _live_part(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    *,
    older: bool = False,
    at: str = "",
    since: datetime | None = None,
) -> Response:
    found = await _thread(tx, user, case_id, older=older, at=at)
    desk = await desk_of(hub, tx, user, found.case)
    here = (await colleagues(hub, tx, user, [case_id])).get(case_id, ())
    back = asked(request).query
    return render(
        request,
        "inbox/_live.html",
        thread=found,
        rows=rows_since(found, user.id, since),
        since=since,
        older=older,
        at=at,
        desk=desk,
        back=back,
        here=here,
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
    since = await seen_until(tx, user, case_id)
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
        rows=rows_since(found, user.id, since),
        since=since,
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


async def left(request: Request, hub: Hub, tx: AsyncSession, user: User, case_id: int) -> Response:
    """After a step that may have given the case out of its giver's sight: to the list, then."""
    try:
        await access_case(tx, user, case_id)
    except NotFound:
        return back(request)
    return await changed(request, hub, tx, user, case_id)


def back(request: Request, case_id: int | None = None) -> Response:
    target = f"/inbox/{case_id}" if case_id else "/inbox"
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
