"""Files that replies and flows send: shown to whoever is about to send one; listed, and deleted where nobody does."""

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.canned_files import all_files, delete, read
from app.errors import Conflict
from app.web.deps import LeadDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.media_files import handed_out
from app.web.pages import reader_language, render

router = APIRouter(include_in_schema=False)


@router.get("/content-file/{name}")
async def content_file(request: Request, tx: Tx, user: StaffDep, name: str) -> Response:
    file = await read(tx, name)
    return handed_out(request, file.data, file.mime, name, view=True)


@router.get("/admin/reply-files")
async def files_page(request: Request, tx: Tx, user: LeadDep, done: str = "") -> Response:
    return await _page(request, tx, done=done)


@router.post("/admin/reply-files/{name}/delete")
async def delete_form(request: Request, tx: Tx, user: LeadDep, name: str) -> Response:
    try:
        await delete(tx, user, name)
    except Conflict as error:
        return await _page(request, tx, error)
    return RedirectResponse("/admin/reply-files?done=deleted", status_code=303)


async def _page(request: Request, tx: AsyncSession, error: Conflict | None = None, *, done: str = "") -> Response:
    return render(
        request,
        "admin/reply_files.html",
        status=error.status if error else 200,
        files=await all_files(tx),
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        done=done,
    )
