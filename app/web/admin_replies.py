"""For coordinators and admins: the canned replies, per language side by side."""

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from app.canned import Form, Kept, all_canned, change, create, get_canned, set_deleted
from app.canned_files import ENDINGS, FileInfo, infos
from app.errors import BadInput, Conflict, HubError
from app.hub import Hub
from app.teams import all_teams
from app.web.deps import HubDep, LeadDep, Tx
from app.web.filetypes import plain_mime
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from channels.base import MediaFile
from flows.canned import ALL, CANNED_CHARS, CATEGORIES, FILES, KNOWN, VARIABLES
from flows.model import ANSWER_LANGUAGES, FILE_BYTES

router = APIRouter(prefix="/admin/replies", include_in_schema=False)

SHOWN_FIRST = ("de", *(code for code in ANSWER_LANGUAGES if code != "de"))


@router.get("")
async def replies_page(request: Request, tx: Tx, user: LeadDep, done: str = "", of: str = "") -> Response:
    return render(
        request,
        "admin/replies.html",
        replies=await all_canned(tx),
        deleted=await all_canned(tx, deleted=True),
        categories=CATEGORIES,
        languages=SHOWN_FIRST,
        done=done,
        of=of,
    )


@router.get("/new")
async def new_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    return await _form_page(request, hub, tx, None)


@router.post("/new")
async def create_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    try:
        async with tx.begin_nested():
            await create(hub, tx, user, str(form.get("shortcut", "")), await _read(request))
    except (BadInput, Conflict) as error:
        return await _form_page(request, hub, tx, None, error)
    return RedirectResponse("/admin/replies?done=saved", status_code=303)


@router.get("/{shortcut}")
async def reply_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, shortcut: str) -> Response:
    return await _form_page(request, hub, tx, await get_canned(tx, shortcut))


@router.post("/{shortcut}")
async def change_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, shortcut: str) -> Response:
    kept = await get_canned(tx, shortcut)
    form = await request.form()
    try:
        async with tx.begin_nested():
            version = whole(form.get("version"), digits=9) or 0
            await change(hub, tx, user, shortcut, await _read(request), seen_version=version)
    except (BadInput, Conflict) as error:
        return await _form_page(request, hub, tx, kept, error)
    return RedirectResponse("/admin/replies?done=saved", status_code=303)


@router.post("/{shortcut}/delete")
async def delete_form(tx: Tx, user: LeadDep, shortcut: str) -> Response:
    await set_deleted(tx, user, shortcut, True)
    return RedirectResponse(f"/admin/replies?done=deleted&of={shortcut}", status_code=303)


@router.post("/{shortcut}/restore")
async def restore_form(tx: Tx, user: LeadDep, shortcut: str) -> Response:
    await set_deleted(tx, user, shortcut, False)
    return RedirectResponse("/admin/replies?done=restored", status_code=303)


async def _form_page(
    request: Request, hub: Hub, tx: AsyncSession, kept: Kept | None, error: HubError | None = None
) -> Response:
    """What was written is kept where it could not be saved."""
    written = await request.form() if error else FormData()
    return render(
        request,
        "admin/reply.html",
        status=error.status if error else 200,
        kept=kept,
        reply=kept.reply if kept else None,
        written=written,
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        languages=SHOWN_FIRST,
        categories=CATEGORIES,
        places=hub.shelf.library.places,
        teams=[view.team for view in await all_teams(tx)],
        variables=VARIABLES,
        known=KNOWN,
        limit=CANNED_CHARS,
        files=await _files_of(tx, kept),
        all=ALL,
        files_limit=FILES,
        accept=",".join(ENDINGS),
        megabytes=FILE_BYTES // 1_000_000,
        choose_again=any(isinstance(part, UploadFile) and part.filename for part in written.values()),
    )


async def _read(request: Request) -> Form:
    form = await request.form()
    codes = (ALL, *ANSWER_LANGUAGES)
    try:
        uploads = {code: await _uploads(form, f"files_{code}") for code in codes}
    finally:
        await form.close()  # empty fields of browsers are files too; the words stay readable
    return Form(
        title=str(form.get("title", "")),
        category=str(form.get("category", "")),
        place=str(form.get("place", "")),
        team=str(form.get("team", "")),
        texts={code: str(form.get(f"text_{code}", "")) for code in ANSWER_LANGUAGES},
        approved=frozenset(str(code) for code in form.getlist("approved")),
        kept={code: [str(name) for name in form.getlist(f"kept_{code}")] for code in codes},
        uploads=uploads,
    )


async def _uploads(form: FormData, name: str) -> list[MediaFile]:
    parts = [part for part in form.getlist(name) if isinstance(part, UploadFile) and part.filename]
    return [MediaFile(await part.read(), plain_mime(part.content_type), part.filename) for part in parts]


async def _files_of(tx: AsyncSession, kept: Kept | None) -> dict[str, list[FileInfo]]:
    """Language, or all -> files."""
    if kept is None:
        return {}
    known = await infos(tx, kept.reply.file_names)
    return {code: [known[name] for name in names if name in known] for code, names in kept.reply.files.items()}
