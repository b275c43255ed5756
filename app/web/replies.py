"""Sending from the composer: now, later, past a mediator; or the composer again with all that was in it, and why."""

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app import canned_files, keeping, later
from app.answering import answer
from app.asking import ask_mediator
from app.cases import access_case
from app.drafts import DRAFT_CHARS, drop_draft, save_draft
from app.errors import BadInput, Conflict, HubError
from app.hub import Hub
from app.inbox import thread
from app.models import User
from app.snooze import zone_of
from app.translating import Settled, Wanted, choose, count_sent, settle
from app.web.composed import Draft, read_draft, ready, target, wish
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import desk_of, read_moment
from app.web.i18n import texts
from app.web.inbox import back, whole_page
from app.web.numbers import whole
from app.web.pages import is_fragment, reader_language, render, trigger
from app.web.threads import may_write, newer_than, words_of
from app.web.translating import check_settled, look, read_wanted, shown_in
from app.web.voices import check_carries_sound
from flows.canned import open_places

router = APIRouter(prefix="/inbox", include_in_schema=False)


@router.post("/{case_id}/reply")
async def reply(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    """Refused with the draft kept where the conversation moved on, or where there is something to put right."""
    settled = None
    try:
        draft = await read_draft(request)
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


@router.get("/{case_id}/composer")
async def composer(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int) -> Response:
    """What a page whose composer is off asks for when something happened: 204 while nothing may be sent still."""
    found = await thread(tx, user, case_id)
    if not is_fragment(request):
        return back(request, case_id)
    if not may_write(found):
        return Response(status_code=204)
    desk = await desk_of(hub, tx, user, found.case)
    draft = Draft(text=desk.drafts.get("reply", ""))
    return render(request, "inbox/_composer.html", thread=found, draft=draft, desk=desk)


async def _ask_mediator(hub: Hub, tx: AsyncSession, user: User, case_id: int, draft: Draft) -> None:
    """In the queue the words are safe, so the composer may forget them; what a mediator can't check stays with it."""
    if draft.files or draft.kept or draft.ready or draft.quote or draft.send_at:
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
    files = [
        *await keeping.take_back(tx, user, case_id, draft.kept),
        *await canned_files.for_sending(tx, draft.ready),
        *draft.files,
    ]
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
    await keeping.drop_given_back(tx, user, case_id, {*draft.kept, *draft.kept_shown})
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
    conversation_id, seen_seq = target(str(form.get("to", "")))
    found = await thread(tx, user, case_id)
    detail = error.detail if error else {}
    problem = texts(reader_language(request)).say(error.message, detail) if error else ""
    news = newer_than(found, conversation_id, seen_seq) if "last_seq" in detail else []
    text = str(form.get("text", ""))
    if text.strip() and not may_write(found):  # no field is there any more to hold the words
        await save_draft(tx, user, case_id, "reply", text[:DRAFT_CHARS])
    quote = whole(form.get("quote"))
    wanted = shown_in(read_wanted(form), text, settled)
    draft = Draft(
        text=text,
        conversation_id=conversation_id,
        open=tuple({*open_places(text), *open_places(wanted.text)}) if "empty" in detail else (),
        quote=quote,
        quoted=words_of(found, quote),
        ready=ready(form),
        send_at=str(form.get("send_at", "")),
        wish=wish(form),
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
    return await whole_page(request, hub, tx, user, case_id, found=found, draft=draft, status=status)
