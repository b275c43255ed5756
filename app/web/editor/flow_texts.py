"""All texts of a flow in one table, for translators; out to a file and back in."""

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from app.editor import flow_desk, flow_texts
from app.editor.approving import aspects_of
from app.editor.differences import Difference, word_changes
from app.editor.drafts import Piece, open_piece, tidy
from app.editor.flow_desk import KIND, Overtaken, Seen
from app.editor.flow_texts import Newer, Undecided
from app.errors import BadInput, HubError
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.clashing import CHOICE, ClashView
from app.web.editor.flow_panel import LANGUAGES
from app.web.editor.flow_words import FlowWords
from app.web.editor.flows import overtaken
from app.web.editor.showing import name_of, show
from app.web.i18n import Texts, texts
from app.web.pages import reader_language, render
from flows.library import Library

router = APIRouter(prefix="/editor/flows", include_in_schema=False)


@router.get("/{slug}/texts")
async def texts_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    return await _page(request, hub, tx, user, slug)


@router.get("/{slug}/texts.csv")
async def texts_csv(tx: Tx, user: LeadDep, slug: str) -> Response:
    piece = await open_piece(tx, KIND, slug)
    content = "\ufeff" + flow_texts.to_csv(tidy(piece.data), await _states(tx, user, piece))
    return _file(content.encode(), "text/csv; charset=utf-8", f"{slug}.csv")


@router.get("/{slug}/texts.{language}.po")
async def texts_po(tx: Tx, user: LeadDep, slug: str, language: str) -> Response:
    piece = await open_piece(tx, KIND, slug)
    if language not in flow_texts.TRANSLATED:
        raise BadInput("There is no such language.")
    state = (await _states(tx, user, piece)).get(language, "")
    content = flow_texts.to_po(tidy(piece.data), language, approved=state == "approved")
    return _file(content, "text/x-gettext-translation; charset=utf-8", f"{slug}.{language}.po")


@router.post("/{slug}/texts")
async def take_file(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    """The file's words become a step of the draft. `content` holds it where it is sent again after a refusal."""
    async with request.form() as form:  # leaving it closes the file
        return await _take(request, hub, tx, user, slug, form)


async def _take(request: Request, hub: Hub, tx: AsyncSession, user: User, slug: str, form: FormData) -> Response:
    seen, base, prefer = (str(form.get(name, "")) for name in ("seen", "base", "prefer"))
    choices = {name: str(value) for name, value in form.items() if name.startswith(CHOICE)}
    try:
        content, is_po = await _content(form.get("file"), str(form.get("content", "")))
        changes = flow_texts.from_po(content) if is_po else flow_texts.from_csv(content)
        piece = await open_piece(tx, KIND, slug)
        chosen = {name.removeprefix(CHOICE): value for name, value in choices.items()}
        changes = flow_texts.decide(tidy(piece.data), changes, chosen)
        async with tx.begin_nested():
            await flow_desk.change(
                hub, tx, user, slug, lambda data: flow_texts.take(data, changes),
                seen=Seen.parse(seen), base=Seen.parse(base) if base else None,
                prefer="mine" if prefer == "mine" else "theirs" if prefer else None,
                machine=flow_texts.unsure(piece.data, changes),
            )  # fmt: skip
    except Overtaken as error:
        return overtaken(request, slug, base or seen, [("content", content), *choices.items()], error)
    except Undecided as error:
        return _undecided(request, slug, error, content, base or seen)
    except BadInput as error:
        return await _page(request, hub, tx, user, slug, error)
    return RedirectResponse(f"/editor/flows/{slug}?done=saved", status_code=303)


def _undecided(request: Request, slug: str, error: Undecided, content: str, seen: str) -> Response:
    """The file's words and the draft's, side by side."""
    words, library = texts(reader_language(request)), request.app.state.hub.shelf.library
    return render(
        request,
        "editor/flow_file_newer.html",
        status=error.status,
        slug=slug,
        problem=words.say(error.message, error.detail),
        content=content,
        seen=seen,
        sides={"mine": words.get("The file's words"), "theirs": words.get("The words in the draft")},
        clashes=[_side_by_side(request, words, library, each) for each in error.newer],
    )


def _side_by_side(request: Request, words: Texts, library: Library, each: Newer) -> ClashView:
    path = ("nodes", each.row.node, each.row.what, each.language) if each.row.node else (each.row.what, each.language)
    mine, theirs = (
        show(request, Difference(path, each.language, old, new, word_changes(old, new)))
        for old, new in ((each.here, each.file), (each.here, each.here))
    )
    return ClashView(f"{CHOICE}{each.name}", name_of(words, library, path), [mine], [theirs], "")


async def _content(file: object, kept: str) -> tuple[str, bool]:
    if isinstance(file, UploadFile):
        raw = await file.read(flow_texts.FILE_CHARS + 1)
        if len(raw) > flow_texts.FILE_CHARS:
            raise BadInput("This file is too large.")
        try:
            kept = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadInput("This file is not UTF-8. Save it as “CSV UTF-8”.") from None
    if not kept.strip():
        raise BadInput("Choose a file.")
    return kept, "msgid " in kept


async def _states(tx: AsyncSession, user: User, piece: Piece) -> dict[str, str]:
    """Language -> approved, draft or machine."""
    found = {}
    for aspect in await aspects_of(tx, user, piece):
        fine = aspect.state == "approved" or (aspect.state == "live" and aspect.by)
        found[aspect.name] = "machine" if aspect.machine else "approved" if fine else "draft"
    return found


async def _page(
    request: Request, hub: Hub, tx: AsyncSession, user: User, slug: str, error: HubError | None = None
) -> Response:
    piece = await open_piece(tx, KIND, slug)
    data = tidy(piece.data)
    words = texts(reader_language(request))
    said = FlowWords(words, hub.shelf.library, data)
    mistakes = error.mistakes if isinstance(error, flow_texts.Refused) else []
    return render(
        request,
        "editor/flow_texts.html",
        status=error.status if error else 200,
        slug=slug,
        label=said.in_words(data.get("label")) or slug,
        said=said,
        seen=Seen.of(piece),
        rows=flow_texts.rows(data),
        languages=LANGUAGES,
        translated=flow_texts.TRANSLATED,
        states=await _states(tx, user, piece),
        problem=words.say(error.message, error.detail) if error else "",
        mistakes=[(each.line, words.say(each.message, each.detail)) for each in mistakes],
    )


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
