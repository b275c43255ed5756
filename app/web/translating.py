"""The part of the composer for writing German: its preview in the person's language, checked, and said back in German."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import Response

from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import User
from app.replying import REPLY_CHARS
from app.translating import Job, Made, Settled, Wanted, choose, compare, job, say_back, settle_anew, translate
from app.web.composing import conversation_of
from app.web.deps import HubDep, StaffDep, Tx
from app.web.numbers import whole
from app.web.pages import render
from translations.machine import NoRoute, TooSlow

router = APIRouter(prefix="/inbox/{case_id}/translate", include_in_schema=False)

Words = Annotated[str, Form()]


@router.post("")
async def preview(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, text: Words = "", to: Words = ""
) -> Response:
    """What the person would get. POST, because it holds what is said to them."""
    work = await _job(hub, tx, user, case_id, to, text)
    await tx.commit()  # gives the connection back: the machine may take seconds
    try:
        made = await translate(hub, work)
    except (NoRoute, TooSlow) as error:
        return _failed(request, error, work.language)
    return render(request, "inbox/_translated.html", made=made, language=work.language, problem="")


@router.post("/check")
async def check(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    text: Words = "",
    to: Words = "",
    translation: Words = "",
) -> Response:
    """A translation that its writer has changed: is everything still in it?"""
    work = await _job(hub, tx, user, case_id, to, text)
    made = Made(translation, work.language, different=compare(work, translation))
    return render(request, "inbox/_translating_notes.html", made=made, edited=True, problem="")


@router.post("/back")
async def back(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, to: Words = "", translation: Words = ""
) -> Response:
    if len(translation) > REPLY_CHARS:
        raise BadInput("That is too long: at most {limit} characters.", limit=REPLY_CHARS)
    work = await _job(hub, tx, user, case_id, to, "")
    await tx.commit()
    try:
        made = await say_back(hub, user, translation, work.language)
    except (NoRoute, TooSlow) as error:
        return render(request, "inbox/_said_back.html", made=None, problem=_slug(error))
    return render(request, "inbox/_said_back.html", made=made, problem="")


@router.post("/choice")
async def choice(tx: Tx, user: StaffDep, case_id: int, translate: Words = "") -> Response:
    await choose(tx, user, case_id, bool(translate))
    return Response(status_code=204)


def read_wanted(form: FormData) -> Wanted:
    return Wanted(
        on=bool(form.get("translate")),
        offered=bool(form.get("may_translate")),
        text=str(form.get("translation", "")),
        language=str(form.get("language", "")),
        made_from=str(form.get("made_from", "")),
        machine=str(form.get("machine", "")),
        untouched=whole(form.get("untouched"), digits=4) or 0,
        as_written=bool(form.get("as_written")),
        fits=bool(form.get("fits")),
    )


async def look(
    hub: Hub, tx: AsyncSession, user: User, case_id: int, conversation_id: int, german: str
) -> Settled | None:
    """The translation made anew, only to be seen. Raises Conflict where there is none."""
    work = await job(hub, tx, user, case_id, conversation_id, german)
    if work is None or not german.strip():
        return None
    settled = await settle_anew(hub, work)
    if settled.made is None:
        check_settled(settled)
    return settled


def check_settled(settled: Settled) -> None:
    """Raises Conflict where the writer has to decide; nothing was sent."""
    match settled.problem:
        case "no_route":
            raise Conflict(
                "There is no translation into this language on this server. Nothing was sent.", translation="no_route"
            )
        case "too_slow":
            raise Conflict(
                "The translation took too long. Nothing was sent; your text is kept.", translation="too_slow"
            )
        case "unsure":
            raise Conflict(
                "The translation is not complete. Please look at it; nothing was sent yet.", translation="unsure"
            )
        case "stale":
            raise Conflict("You changed the German after the translation. Which of them is right?", translation="stale")


def shown_in(wanted: Wanted, german: str, settled: Settled | None) -> Wanted:
    """With what was made of the German just now."""
    if settled is None or settled.made is None:
        return wanted
    made = settled.made
    return replace(
        wanted,
        text=made.text,
        language=made.language,
        made_from=german,
        machine=made.text,
        untouched=len(made.untouched),
    )


async def _job(hub: Hub, tx: AsyncSession, user: User, case_id: int, to: str, german: str) -> Job:
    work = await job(hub, tx, user, case_id, conversation_of(to), german)
    if work is None:
        raise NotFound("Nothing has to be translated for this person.")
    return work


def _failed(request: Request, error: NoRoute | TooSlow, language: str) -> Response:
    return render(request, "inbox/_translated.html", made=None, language=language, problem=_slug(error))


def _slug(error: NoRoute | TooSlow) -> str:
    return "no_route" if isinstance(error, NoRoute) else "too_slow"
