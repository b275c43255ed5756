"""The flow editor's pages: all flows; one as a graph, as an outline, and step by step in a panel."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.editor import flow_desk, flow_lists
from app.editor.drafts import Data, Piece, Stale, can_step, open_piece, redo, tidy, undo
from app.editor.flow_desk import KIND, Overtaken, Seen
from app.editor.flow_forms import NodeForm, edit_node, read_settings
from app.editor.flow_issues import problems
from app.editor.merging import Side
from app.errors import BadInput, Conflict, HubError
from app.flow_counts import counts_of
from app.hub import Hub
from app.models import User
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor import flow_panel, flow_views
from app.web.editor.flow_words import FlowWords
from app.web.editor.showing import name_of, shown
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from flows.dialogue import editing
from flows.dialogue.editing import Edited
from flows.dialogue.exits import KINDS, nodes_of
from flows.dialogue.new_fields import settled, with_new_fields
from flows.dialogue.outline import outline

router = APIRouter(prefix="/editor/flows", include_in_schema=False)

NOT_KEPT = frozenset({"csrf", "seen", "base", "prefer"})


@router.get("")
async def flows_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    return await _list(request, hub, tx)


@router.post("")
async def create_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    slug = str(form.get("slug", ""))
    try:
        async with tx.begin_nested():
            piece = await flow_desk.begin(hub, tx, user, slug, str(form.get("label", "")))
    except (BadInput, Conflict) as error:
        return await _list(request, hub, tx, error, form)
    return RedirectResponse(f"/editor/flows/{piece.key}", status_code=303)


@router.get("/{slug}")
async def flow_page(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str, node: str = "", done: str = ""
) -> Response:
    return await node_page(request, hub, tx, slug, node, done=done)


@router.get("/{slug}/settings")
async def settings_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    return await _settings(request, hub, tx, slug)


@router.post("/{slug}/settings")
async def settings_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    form = await request.form()
    try:
        await _change(hub, tx, user, slug, form, lambda data: read_settings(data, _read(hub, form, data)))
    except Overtaken as error:
        return _overtaken(request, slug, form, error)
    except BadInput as error:
        return await _settings(request, hub, tx, slug, error, form)
    return RedirectResponse(f"/editor/flows/{slug}?done=saved", status_code=303)


@router.post("/{slug}/nodes/{node}")
async def node_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str, node: str) -> Response:
    form = await request.form()
    try:
        done = await _change(hub, tx, user, slug, form, lambda data: edit_node(data, node, _read(hub, form, data)))
    except Overtaken as error:
        return _overtaken(request, slug, form, error)
    except BadInput as error:
        return await node_page(request, hub, tx, slug, node, error=error, written=form)
    return back(slug, done.node, "saved")


@router.post("/{slug}/do")
async def do_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    """One deed on the whole: a new step, one away, in another place, a copy, another name, an arrow."""
    form = await request.form()
    op, node = str(form.get("op", "")), str(form.get("node", ""))
    try:
        done = await _change(hub, tx, user, slug, form, lambda data: _settled(_deed(data, op, node, form)))
    except Overtaken as error:
        return _overtaken(request, slug, form, error)
    except BadInput as error:
        return await node_page(request, hub, tx, slug, node, error=error)
    return back(slug, done.node, "loose" if done.loose else op)


@router.post("/{slug}/step")
async def step_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    """Undo and redo. Of a draft that a colleague has changed meanwhile nothing is undone unseen."""
    form = await request.form()
    deed = undo if form.get("op") == "undo" else redo
    await open_piece(tx, KIND, slug)
    try:
        async with tx.begin_nested():
            await deed(hub, tx, user, KIND, slug, seen=Seen.parse(str(form.get("seen", ""))).revision)
    except Stale:
        return back(slug, str(form.get("node", "")), "meanwhile")
    return back(slug, str(form.get("node", "")), str(form.get("op", "")))


def _settled(done: Edited) -> Edited:
    return Edited(settled(done.data), done.node, done.loose)


def _deed(data: Data, op: str, node: str, form: FormData) -> Edited:
    after, _, exit = str(form.get("after", "")).partition("|")
    name = str(form.get("name", ""))
    deeds: dict[str, Callable[[], Edited]] = {
        "add": lambda: editing.add(data, str(form.get("kind", "")), after=after, exit=exit),
        "connect": lambda: editing.connect(data, after, exit, node),
        "duplicate": lambda: editing.duplicate(data, node),
        "delete": lambda: editing.delete(data, node),
        "rename": lambda: editing.rename(data, node, name),
        "move": lambda: editing.move(data, node, after, exit),
        "up": lambda: editing.reorder(data, node, whole(form.get("line")) or 0, -1),
        "down": lambda: editing.reorder(data, node, whole(form.get("line")) or 0, 1),
    }
    if op not in deeds:
        raise BadInput("This page is too old. Please load it again.")
    return deeds[op]()


async def _change(
    hub: Hub, tx: AsyncSession, user: User, slug: str, form: FormData, edit: Callable[[Data], Edited]
) -> Edited:
    base, prefer = str(form.get("base", "")), str(form.get("prefer", ""))
    sides: dict[str, Side] = {"mine": "mine", "theirs": "theirs"}
    async with tx.begin_nested():
        return await flow_desk.change(
            hub, tx, user, slug, edit,
            seen=Seen.parse(str(form.get("seen", ""))), base=Seen.parse(base) if base else None, prefer=sides.get(prefer),
        )  # fmt: skip


def _read(hub: Hub, form: FormData, data: Data) -> NodeForm:
    return NodeForm(
        lambda name: str(form.get(name, "")),
        lambda name: [str(each) for each in form.getlist(name)],
        with_new_fields(hub.shelf.library, data),
    )


def back(slug: str, node: str, done: str) -> Response:
    at = f"node={quote(node)}&" if node else ""
    return RedirectResponse(f"/editor/flows/{slug}?{at}done={quote(done)}", status_code=303)


def overtaken(request: Request, slug: str, base: str, written: list[tuple[str, str]], error: Overtaken) -> Response:
    """Both changes, and what was written in hidden fields, to be sent again on top of theirs."""
    library = request.app.state.hub.shelf.library
    words = texts(reader_language(request))
    return render(
        request,
        "editor/flow_overtaken.html",
        status=error.status,
        slug=slug,
        piece=error.piece,
        theirs=shown(request, error.base, tidy(error.piece.data)),
        mine=shown(request, error.base, error.mine),
        clashes=[(name_of(words, library, each.path), each) for each in error.clashes],
        kept=written,
        base=base,
        seen=Seen.of(error.piece),
    )


def _overtaken(request: Request, slug: str, form: FormData, error: Overtaken) -> Response:
    written = [(name, text) for name, text in form.multi_items() if name not in NOT_KEPT and isinstance(text, str)]
    return overtaken(request, slug, str(form.get("base") or form.get("seen", "")), written, error)


async def _list(
    request: Request, hub: Hub, tx: AsyncSession, error: HubError | None = None, form: FormData | None = None
) -> Response:
    words = texts(reader_language(request))
    return render(
        request,
        "editor/flows.html",
        status=error.status if error else 200,
        rows=await flow_lists.all_flows(hub, tx, words.language),
        problem=words.say(error.message, error.detail) if error else "",
        written=form or {},
    )


async def node_page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    slug: str,
    node: str,
    *,
    done: str = "",
    error: HubError | None = None,
    written: FormData | None = None,
) -> Response:
    piece = await open_piece(tx, KIND, slug)
    data = tidy(piece.data)
    found = problems(data, slug, await flow_desk.issues_of(hub, slug, data))
    words, library = texts(reader_language(request)), with_new_fields(hub.shelf.library, data)
    said = FlowWords(words, library, data)
    steps = await can_step(tx, piece.draft)
    counts = await counts_of(tx, slug, hub.today)
    drawn = await asyncio.to_thread(flow_views.graph, said, data, found, counts)
    return render(
        request,
        "editor/flow.html",
        status=error.status if error else 200,
        **_frame(piece, data, said),
        selected=node if node in nodes_of(data) else "",
        said=said,
        graph=drawn,
        outline=outline(data),
        counts=counts,
        counted=partial(flow_views.counted, counts),
        unanswered=partial(flow_views.unanswered, said, counts),
        problems=flow_views.problems_shown(request, said, found, slug),
        can_undo=steps[0],
        can_redo=steps[1],
        kinds=KINDS,
        panel=flow_panel.panel(said, data, node, written) if node in nodes_of(data) else None,
        problem=words.say(error.message, error.detail) if error else "",
        done=done,
        unsaved=written is not None,
    )


async def _settings(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    slug: str,
    error: HubError | None = None,
    written: FormData | None = None,
) -> Response:
    piece = await open_piece(tx, KIND, slug)
    data = tidy(piece.data)
    words = texts(reader_language(request))
    said = FlowWords(words, hub.shelf.library, data)
    return render(
        request,
        "editor/flow_settings.html",
        status=error.status if error else 200,
        **_frame(piece, data, said),
        targets=flow_views.targets(said, data),
        topics=flow_panel.topics(hub.shelf.library, words.language),
        panel={"kept": flow_panel.kept(written)},
        problem=words.say(error.message, error.detail) if error else "",
    )


def _frame(piece: Piece, data: Data, said: FlowWords) -> dict[str, Any]:
    return {
        "slug": piece.key,
        "piece": piece,
        "data": data,
        "seen": Seen.of(piece),
        "label": said.in_words(data.get("label")) or piece.key,
        "languages": flow_panel.LANGUAGES,
    }
