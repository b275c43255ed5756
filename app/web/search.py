"""Search pages: over all cases, or within one thread. Words come by POST, so that they stand in no address and no log."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.errors import BadInput
from app.filters import Filters, visible
from app.hub import Hub
from app.lists import CaseCard, case_card
from app.search import Found, Hit, search, search_thread
from app.web.asked import read
from app.web.deps import HubDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.lists import choices_of
from app.web.pages import reader_language, render

router = APIRouter(prefix="/inbox/search", include_in_schema=False)

Words = Annotated[str, Form()]
LARGEST = 2**63 - 1
CaseForm = Annotated[int, Form(ge=0, le=LARGEST)]
CaseQuery = Annotated[int, Query(ge=0, le=LARGEST)]


@router.get("")
async def search_page(request: Request, hub: HubDep, tx: Tx, user: StaffDep, case: CaseQuery = 0) -> Response:
    """The empty form; `case`: within one thread."""
    visible(user)
    card = await case_card(tx, user, case) if case else None
    return await _page(request, hub, tx, card)


@router.post("")
async def search_form(
    request: Request, hub: HubDep, tx: Tx, user: StaffDep, words: Words = "", case: CaseForm = 0, before: Words = ""
) -> Response:
    visible(user)
    card = await case_card(tx, user, case) if case else None
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    filters = read({**form, "before": ""}).filters
    found, hits, problem = Found(), None, ""
    try:
        if card is not None:
            hits = await search_thread(tx, user, case, words)
        else:
            found = await search(hub, tx, user, words, filters=filters, before=before)
    except BadInput as error:
        problem = texts(reader_language(request)).say(error.message, error.detail)
    return await _page(
        request,
        hub,
        tx,
        card,
        filters=filters,
        words=words,
        found=found,
        hits=hits,
        problem=problem,
        later=bool(before),
    )


async def _page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    card: CaseCard | None,
    *,
    filters: Filters | None = None,
    words: str = "",
    found: Found | None = None,
    hits: tuple[tuple[Hit, ...], bool] | None = None,
    problem: str = "",
    later: bool = False,
) -> Response:
    return render(
        request,
        "inbox/search.html",
        status=422 if problem else 200,
        card=card,
        filters=filters or Filters(),
        words=words,
        found=found,
        hits=hits,
        problem=problem,
        later=later,
        choices={} if card else await choices_of(hub, tx, reader_language(request)),
    )
