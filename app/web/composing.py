"""Parts of the composer that are asked for while somebody writes: what may be inserted, and what sending will mean."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.cases import access_case
from app.errors import BadInput
from app.inserting import options, writing
from app.replying import REPLY_CHARS
from app.sending import sending
from app.web.deps import HubDep, StaffDep, Tx
from app.web.pages import reader_language, render

router = APIRouter(prefix="/inbox/{case_id}", include_in_schema=False)

Words = Annotated[str, Form()]
ASKED_CHARS = 100


@router.post("/insert")
async def insert(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    q: Words = "",
    to: Words = "",
    language: Words = "",
) -> Response:
    """A search, and POST, because what is looked for tells about the person."""
    writes = await writing(hub, tx, user, case_id, conversation_of(to), language)
    found = await options(hub, tx, writes, q[:ASKED_CHARS], reader_language(request))
    return render(request, "inbox/_options.html", options=found, wanted=writes.wanted)


@router.post("/measure")
async def measure(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    text: Words = "",
    to: Words = "",
    translate: Words = "",
    translation: Words = "",
) -> Response:
    """Of what the person gets: the translation, where one stands there."""
    case = await access_case(tx, user, case_id)
    text = translation if translate and text.strip() and translation.strip() else text
    if len(text) > REPLY_CHARS * 2:
        raise BadInput("That is too long: at most {limit} characters.", limit=REPLY_CHARS)
    counted = await sending(hub, tx, case, conversation_of(to), text)
    return render(request, "inbox/_sending.html", sending=counted)


def conversation_of(to: str) -> int:
    """Of the form's choice '<conversation>:<last message seen>'; 0 for the one that wrote last."""
    first = to.partition(":")[0]
    return int(first) if first.isdecimal() and first.isascii() and len(first) < 19 else 0
