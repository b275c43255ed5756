"""A flow with the person: a look at what they get first, the start, and the end by a colleague's hand."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app import leading
from app.errors import Conflict, HubError
from app.hub import Hub
from app.inbox import thread
from app.leading import Wish
from app.models import User
from app.web.composed import target
from app.web.deps import HubDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.inbox import back, changed
from app.web.pages import is_fragment, reader_language, render, trigger
from app.web.threads import newer_than

router = APIRouter(prefix="/inbox/{case_id}/flow", include_in_schema=False)

Words = Annotated[str, Form()]
Number = Annotated[int, Form()]


@router.post("/look")
async def look(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, flow: Words = "", to: Words = ""
) -> Response:
    """What would be said, before it is."""
    return await _panel(request, hub, tx, user, case_id, flow, to)


@router.post("/start")
async def start(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: StaffDep,
    case_id: int,
    flow: Words = "",
    to: Words = "",
    despite: Words = "",
    instead: Words = "",
) -> Response:
    """`despite` and `instead` say what the colleague has decided: `app.leading.Wish`."""
    conversation_id, seen = target(to)
    wish = Wish(despite=bool(despite), instead=bool(instead))
    try:
        async with tx.begin_nested():
            await leading.start(
                hub, tx, user, case_id, conversation_id=conversation_id, slug=flow, seen_seq=seen, wish=wish
            )
    except Conflict as error:
        if not is_fragment(request):
            raise
        return await _panel(request, hub, tx, user, case_id, flow, to, error, wish)
    if not is_fragment(request):
        return back(request, case_id)
    return trigger(Response(status_code=200), f"case-{case_id}")


@router.post("/stop")
async def stop(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, case_id: int, conversation: Number = 0
) -> Response:
    await leading.stop_it(hub, tx, user, case_id, conversation)
    return await changed(request, hub, tx, user, case_id)


async def _panel(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    user: User,
    case_id: int,
    flow: str,
    to: str,
    error: HubError | None = None,
    wish: Wish | None = None,
) -> Response:
    """With what is new, where something is: the next press then knows it."""
    conversation_id, seen = target(to)
    looked = await leading.look(hub, tx, user, case_id, conversation_id, flow)
    detail = error.detail if error else {}
    found = await thread(tx, user, case_id)
    news = newer_than(found, conversation_id, seen) if "last_seq" in detail else []
    response = render(
        request,
        "inbox/_flow_start.html",
        status=error.status if error else 200,
        case_id=case_id,
        name=found.card.name,
        look=looked,
        conversation_id=conversation_id,
        seen=detail.get("last_seq", seen),
        problem=texts(reader_language(request)).say(error.message, detail) if error else "",
        news=news,
        wish=wish or Wish(),
        despite="name" in detail,
        instead="running" in detail,
    )
    return trigger(response, f"case-{case_id}") if error else response
