"""What the command palette asks: cases by invented name. Searches are posted, so that no name stands in an address."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.lookup import cases_named
from app.web.deps import StaffDep, Tx
from app.web.pages import render

router = APIRouter(prefix="/inbox", include_in_schema=False)


@router.post("/find")
async def find(request: Request, tx: Tx, user: StaffDep, words: Annotated[str, Form()] = "") -> Response:
    return render(request, "_found.html", found=await cases_named(tx, user, words))
