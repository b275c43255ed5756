"""Where coordinators begin: what needs somebody, each with the way to the very place."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.editor.attention import Item
from app.editor.overview import Group, look, look_longer
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.naming import edit_url, piece_url, title
from app.web.i18n import texts
from app.web.pages import flow_name, is_fragment, reader_language, render
from flows.library import Library

router = APIRouter(prefix="/editor", include_in_schema=False)

LONGER = "/longer"
SHOWN = 3  # of each group; the others unfold


@dataclass(frozen=True, slots=True)
class Line:
    item: Item
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Block:
    group: Group
    lines: Sequence[Line]


@router.get("")
async def overview_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    groups = await look(hub, tx, user)
    blocks = [_block(request, hub.shelf.library, group) for group in groups]
    return render(
        request,
        "editor/overview.html",
        urgent=[block for block in blocks if block.group.count and block.group.level != "work"],
        work=[block for block in blocks if block.group.count and block.group.level == "work"],
        quiet=[block.group.name for block in blocks if not block.group.count],
        shown=SHOWN,
    )


@router.get(LONGER)
async def longer_part(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    """What the page fetches when it stands: playing dialogues and comparing questions may take seconds."""
    if not is_fragment(request):
        return RedirectResponse("/editor", status_code=303)
    blocks = [_block(request, hub.shelf.library, group) for group in await look_longer(hub, tx)]
    return render(
        request,
        "editor/_attention_longer.html",
        blocks=[block for block in blocks if block.group.count],
        quiet=[block.group.name for block in blocks if not block.group.count],
        shown=SHOWN,
    )


def _block(request: Request, library: Library, group: Group) -> Block:
    language = reader_language(request)
    return Block(group, [Line(item, _name(library, item, language), _url(group, item)) for item in group.items])


def _name(library: Library, item: Item, language: str) -> str:
    if item.data is not None:
        return title(item.kind, item.key, item.data, language)
    match item.kind:
        case "entry" | "question":
            return library.label(item.key, language) or library.label(item.key, "de") or item.key
        case "flow":
            return flow_name(library, item.key, language)
        case "service":
            return library.services[item.key].name
        case "template":
            return library.templates[item.key].purpose
        case "language":
            return texts(language).language_name(item.key)
        case "figure":
            return texts(language).term("figure", item.key)
        case _:
            return item.key.replace("_", " ")


def _url(group: Group, item: Item) -> str:
    """Where one does it: the editor of the piece, at the language or the step; or the page of its draft."""
    key = quote(item.key, safe="")
    match group.name:
        case "questions":
            return f"/editor/gaps#gap-{item.number}"
        case "unapproved":
            return f"/editor/approvals#in-{key}"
        case "incoming":
            return f"/editor/incoming/{item.number}"
        case "missing" if item.kind == "entry":
            return f"{edit_url(item.kind, item.key)}#language-{item.languages[0]}"
        case "missing" if item.node:
            return f"{edit_url(item.kind, item.key)}?node={quote(item.node)}"
        case "trouble" | "approve" | "scheduled":
            return piece_url(item.kind, item.key)
        case "drafts" if item.why:
            return piece_url(item.kind, item.key)
        case _:
            return edit_url(item.kind, item.key) or piece_url(item.kind, item.key)
