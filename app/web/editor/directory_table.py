"""The directory as a table: to be downloaded, changed in a spreadsheet and brought back after a look at what would change."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from app.editor import service_csv, services
from app.editor.service_csv import MOST_BYTES, Plan, Row
from app.editor.service_list import all_services
from app.editor.services import WORDS
from app.errors import BadInput, Conflict, HubError
from app.hub import Hub
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.service_texts import plainly
from app.web.editor.showing import Shown, shown
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render

router = APIRouter(prefix="/directory/table", include_in_schema=False)


@router.get("")
async def table_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, done: str = "") -> Response:
    return _page(request, done=whole(done, digits=6))


@router.get("/services.csv")
async def download(hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    listed = await all_services(tx, hub.shelf.library)
    table = service_csv.export([await services.find(tx, each.service.slug) for each in listed])
    name = f"services-{hub.today.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("")
async def look(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    """What the file would change; nothing is saved."""
    try:
        async with request.form() as form:  # leaving it closes the file
            given = form.get("file")
            if not isinstance(given, UploadFile) or not given.filename:
                raise BadInput("Choose a file.")
            content = await given.read(MOST_BYTES + 1)
        return await _planned(request, hub, tx, content)
    except BadInput as error:
        return _page(request, problem=error)


@router.post("/apply")
async def apply(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    table: Annotated[str, Form()] = "",
    mark: Annotated[str, Form()] = "",
) -> Response:
    content = b""
    try:
        content = base64.b64decode(table, validate=True)
        async with tx.begin_nested():
            note = texts(reader_language(request)).get("From a table")
            count = await service_csv.apply(hub, tx, user, content, mark=mark, note=note)
    except binascii.Error:
        return _page(request, problem=BadInput("Choose a file."))
    except Conflict as error:
        return await _planned(request, hub, tx, content, error)
    except BadInput as error:
        return _page(request, problem=error)
    return RedirectResponse(f"/directory/table?done={count}", status_code=303)


async def _planned(
    request: Request, hub: Hub, tx: AsyncSession, content: bytes, problem: HubError | None = None
) -> Response:
    plan = await service_csv.plan(hub, tx, content)
    return _page(request, plan=plan, table=base64.b64encode(content).decode(), problem=problem)


def _page(
    request: Request,
    *,
    plan: Plan | None = None,
    table: str = "",
    problem: HubError | None = None,
    done: int | None = None,
) -> Response:
    words = texts(reader_language(request))
    return render(
        request,
        "editor/directory_table.html",
        status=problem.status if problem else 200,
        plan=plan,
        table=table,
        problem=words.say(problem.message, problem.detail) if problem else "",
        wrong=[
            (row, [(each.where, words.say(each.message, each.detail)) for each in row.problems])
            for row in (plan.wrong if plan else ())
        ],
        changing=[(row, _differences(request, row), _waits(row)) for row in (plan.changing if plan else ())],
        done=done,
    )


def _differences(request: Request, row: Row) -> list[Shown]:
    """Of a new service its name says enough."""
    return shown(request, plainly(row.old), plainly(row.new)) if row.old else []


def _waits(row: Row) -> bool:
    """Its words wait for a second person."""
    return row.old is None or any(row.old.get(field, {}) != row.new.get(field, {}) for field in WORDS)
