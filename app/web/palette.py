"""What the command palette asks: cases by invented name, and for coordinators texts by theirs.

Searches are posted, so that no name stands in an address.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.lookup import cases_named
from app.rights import ALL_PLACES
from app.web.deps import HubDep, StaffDep, Tx
from app.web.editor.by_name import texts_named
from app.web.pages import reader_language, render

router = APIRouter(prefix="/inbox", include_in_schema=False)


@router.post("/find")
async def find(request: Request, hub: HubDep, tx: Tx, user: StaffDep, words: Annotated[str, Form()] = "") -> Response:
    edits = user.role in ALL_PLACES
    return render(
        request,
        "_found.html",
        found=await cases_named(tx, user, words),
        named=texts_named(hub.shelf.library, words, reader_language(request)) if edits else [],
    )
