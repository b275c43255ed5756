"""Search over all texts. Words come by POST, as in the inbox, so that they stand in no address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.editor.searching import Found, Hit, Line, search
from app.errors import BadInput
from app.needle import Piece
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.naming import edit_url, piece_url, title
from app.web.editor.showing import name_of
from app.web.i18n import texts
from app.web.pages import reader_language, render
from flows.library import Library
from flows.model import UNDERSTOOD_LANGUAGES

router = APIRouter(prefix="/editor/search", include_in_schema=False)

GLOSSARY = "/mediation/glossary"


@dataclass(frozen=True, slots=True)
class Text:
    """One text found: where in the piece it stands, and its words with marks. `lang` is for screen readers."""

    where: str
    lang: str
    pieces: tuple[Piece, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    key: str
    url: str
    drafted: bool
    texts: Sequence[Text]
    more: int


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    rows: Sequence[Row]
    more: int


@router.get("")
async def search_page(request: Request, user: LeadDep) -> Response:
    return _page(request)


@router.post("")
async def search_form(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    words: Annotated[str, Form()] = "",
    only: Annotated[str, Form()] = "",
) -> Response:
    try:
        found = await search(tx, words, only)
    except BadInput as error:
        problem = texts(reader_language(request)).say(error.message, error.detail)
        return _page(request, words=words, problem=problem)
    blocks = [
        Block(group.kind, [_row(request, hub.shelf.library, found, hit) for hit in group.hits], group.more)
        for group in found.groups
    ]
    return _page(request, words=words, count=found.count, blocks=blocks, only=only)


def _page(
    request: Request,
    *,
    words: str = "",
    problem: str = "",
    count: int | None = None,
    blocks: Sequence[Block] = (),
    only: str = "",
) -> Response:
    return render(
        request,
        "editor/search.html",
        status=422 if problem else 200,
        words=words,
        problem=problem,
        count=count,
        blocks=blocks,
        only=only,
    )


def place_of(kind: str, key: str) -> str:
    """Where a piece is edited, or looked at where it has no editor."""
    return GLOSSARY if kind == "term" else edit_url(kind, key) or piece_url(kind, key)


def _row(request: Request, library: Library, found: Found, hit: Hit) -> Row:
    sheet, language = hit.sheet, reader_language(request)
    name = title(sheet.kind, sheet.key, sheet.data, language)
    if sheet.kind == "examples":
        name = library.label(sheet.key, language) or sheet.key
    url = place_of(sheet.kind, sheet.key)
    shown = [_text(request, library, found, line, sheet.kind, url) for line in hit.lines]
    return Row(name, sheet.key, url, sheet.drafted, shown, hit.more)


def _text(request: Request, library: Library, found: Found, line: Line, kind: str, url: str) -> Text:
    lang = next((step for step in reversed(line.path) if step in UNDERSTOOD_LANGUAGES), "")
    where = name_of(texts(reader_language(request)), library, line.path)
    if kind == "flow" and line.path[0] == "nodes" and len(line.path) > 1:
        url = f"{url}?node={quote(line.path[1])}"
    elif kind == "entry" and line.path[0] == "answers" and lang:
        url = f"{url}#language-{lang}"
    return Text(where, lang, found.needle.marked(line.text), url)
