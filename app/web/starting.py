"""A conversation that staff start: to whom, who agreed and how, and what to say first."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app import firstwords
from app.errors import BadInput, Conflict, NotAllowed
from app.hub import Hub
from app.rights import ANSWERING_ROLES
from app.web.deps import HubDep, StaffDep, Tx
from app.web.desk import read_day
from app.web.i18n import local_day, texts
from app.web.pages import place_name, reader_language, render
from flows.model import ANSWER_LANGUAGES

router = APIRouter(prefix="/inbox/new", include_in_schema=False)

Words = Annotated[str, Form()]


@router.get("")
async def new_page(request: Request, hub: HubDep, user: StaffDep) -> Response:
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    return _page(request, hub, {"day": str(local_day(hub.now())), "place": hub.settings.default_place})


@router.post("")
async def new_form(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    channel: Words = "",
    number: Words = "",
    language: Words = "",
    place: Words = "",
    said_by: Words = "",
    day: Words = "",
    how: Words = "",
    text: Words = "",
) -> Response:
    """What was typed comes back with the problem in words; nothing of it stands in an address."""
    typed = {
        "channel": channel, "number": number, "language": language, "place": place, "said_by": said_by, "day": day,
        "how": how, "text": text,
    }  # fmt: skip
    try:
        async with tx.begin_nested():
            form = firstwords.Start(channel, number, language, place, said_by, read_day(day), how, text)
            case = await firstwords.start(hub, tx, user, form, local_day(hub.now()))
    except (BadInput, Conflict) as error:
        problem = texts(reader_language(request)).say(error.message, error.detail)
        return _page(request, hub, typed, problem=problem, status=error.status)
    return RedirectResponse(f"/inbox/{case.id}", status_code=303)


def _page(request: Request, hub: Hub, typed: dict[str, str], *, problem: str = "", status: int = 200) -> Response:
    reader = reader_language(request)
    library = hub.shelf.library
    return render(
        request,
        "inbox/new.html",
        status=status,
        typed={"channel": "", "number": "", "language": "", "said_by": "", "how": "", "text": ""} | typed,
        channels=firstwords.channels_to_start(hub),
        languages=ANSWER_LANGUAGES,
        places=sorted(library.served, key=lambda slug: place_name(library, slug, reader)),
        ways=firstwords.WAYS,
        today=local_day(hub.now()),
        problem=problem,
    )
