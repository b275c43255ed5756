"""For admins: packages of the machine translation, what they make possible, what is missing."""

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from app.errors import BadInput
from app.hub import Hub
from app.packages import add, overview, take_away
from app.web.deps import AdminDep, HubDep, Tx
from app.web.i18n import texts
from app.web.pages import reader_language, render
from app.web.security import LARGER
from translations.machine import memory_of

router = APIRouter(prefix="/admin/translations", include_in_schema=False)


@router.get("")
async def translations_page(request: Request, hub: HubDep, user: AdminDep, done: str = "") -> Response:
    return _page(request, hub, done=done)


@router.post("")
async def upload(request: Request, hub: HubDep, tx: Tx, user: AdminDep) -> Response:
    """The form was read by the check of its token already; a parameter of FastAPI would read it from strangers too."""
    try:
        async with request.form() as form:  # leaving it closes the file
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise BadInput("Choose a file.")
            await add(tx, user, hub.settings, file.filename, file.file)
    except BadInput as error:
        return _page(request, hub, problem=texts(reader_language(request)).say(error.message, error.detail), status=422)
    return RedirectResponse("/admin/translations?done=added", status_code=303)


@router.post("/{pair}/remove")
async def remove_form(hub: HubDep, tx: Tx, user: AdminDep, pair: str) -> Response:
    await take_away(tx, user, hub.settings, pair)
    return RedirectResponse("/admin/translations?done=removed", status_code=303)


def _page(request: Request, hub: Hub, *, done: str = "", problem: str = "", status: int = 200) -> Response:
    loaded = hub.machine.loaded()
    return render(
        request,
        "admin/translations.html",
        status=status,
        found=overview(hub.settings),
        loaded={each.pair for each in loaded},
        memory_used=memory_of(loaded),
        memory_limit=hub.settings.translation_memory_mb,
        most_mb=LARGER["/admin/translations"] // 1_000_000,
        done=done,
        problem=problem,
    )
