"""Example messages: all topics with what is weak, one topic's messages, and what the hub would understand, and why."""

import asyncio
import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.content import CONTENT_DIR
from app.editor import examples as kept
from app.editor.drafts import Piece, Stale, can_step, open_drafts
from app.editor.examples import Change, Clash
from app.editor.personal import Sign, signs
from app.errors import BadInput, HubError
from app.hub import Hub
from app.models import Gap
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.clashing import last_seen
from app.web.editor.showing import stale_view
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import is_fragment, reader_language, render
from flows.examples import EXAMPLE_CHARS
from flows.model import UNDERSTOOD_LANGUAGES
from flows.understand import Understander, Understanding, read_corpus
from flows.understand.corpus import NONE
from flows.understand.fresh import Hit

router = APIRouter(prefix="/editor/examples", include_in_schema=False)

NEAREST = 5
ASKED_CHARS = 600


@dataclass(frozen=True, slots=True)
class Reading:
    """One message as the hub reads it. `told`: the words that speak for each candidate."""

    found: Understanding
    told: Mapping[str, list[str]]
    nearest: list[Hit]
    answer_from: float
    offer_from: float


@dataclass(frozen=True, slots=True)
class Warnings:
    """What somebody should look at before it is saved."""

    clashes: list[Clash]
    personal: list[tuple[str, list[Sign]]]

    def __bool__(self) -> bool:
        return bool(self.clashes or self.personal)


@router.get("")
async def overview_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, confused: bool = False) -> Response:
    library, understander = hub.shelf.library, hub.shelf.understander
    return render(
        request,
        "editor/examples.html",
        lines=await kept.overview(tx, library),
        languages=UNDERSTOOD_LANGUAGES,
        none_topic=NONE,
        confusions=await asyncio.to_thread(_confusions, understander) if confused else None,
        unanswered=await _unanswered(tx),
    )


@router.get("/{topic}")
async def topic_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str, done: str = "") -> Response:
    return await _page(request, hub, tx, await kept.open_topic(tx, hub.shelf.library, topic), done=done)


@router.post("/{topic}")
async def save_form(request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str) -> Response:
    form = await request.form()
    wanted = _read(form)
    piece = await kept.open_topic(tx, hub.shelf.library, topic)
    warned = Warnings([], []) if form.get("sure") else await _warnings(hub, tx, topic, wanted)
    if warned:
        return await _page(request, hub, tx, piece, wanted=wanted, warned=warned, seen=_seen(form))
    try:
        async with tx.begin_nested():
            await kept.change(hub, tx, user, topic, wanted, seen=_seen(form))
    except (Stale, BadInput) as error:
        return await _page(request, hub, tx, piece, wanted=wanted, error=error, seen=_seen(form))
    return RedirectResponse(f"/editor/examples/{topic}?done=saved", status_code=303)


@router.post("/{topic}/ask")
async def ask_form(
    request: Request, hub: HubDep, tx: Tx, user: LeadDep, topic: str, text: Annotated[str, Form()] = ""
) -> Response:
    piece = await kept.open_topic(tx, hub.shelf.library, topic)
    asked = text.strip()[:ASKED_CHARS]
    readings = await _readings(hub, tx, asked) if asked else {}
    if is_fragment(request):
        return render(request, "editor/_asked.html", piece=piece, asked=asked, readings=readings)
    return await _page(request, hub, tx, piece, asked=asked, readings=readings)


async def _page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    piece: Piece,
    *,
    wanted: Change | None = None,
    warned: Warnings | None = None,
    error: HubError | None = None,
    seen: int | None = None,
    asked: str = "",
    readings: Mapping[str, Reading] | None = None,
    done: str = "",
) -> Response:
    """What was written is kept where it could not be saved."""
    told = kept.texts_of(piece.data)
    near = await asyncio.to_thread(kept.near_topics, hub.shelf.understander, told, piece.key)
    mine = {"topic": piece.key, "texts": _with(told, wanted)} if wanted else piece.data
    return render(
        request,
        "editor/example.html",
        status=error.status if error else 200,
        piece=piece,
        told=told,
        seen=piece.revision if seen is None else seen,
        near=near,
        stale=stale_view(request, error, mine) if isinstance(error, Stale) else None,
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        wanted=wanted or Change(),
        warned=warned,
        topics=sorted({*hub.shelf.library.entries, NONE} - {piece.key}, key=lambda slug: (slug != NONE, slug)),
        languages=UNDERSTOOD_LANGUAGES,
        none_topic=NONE,
        limit=EXAMPLE_CHARS,
        steps=await can_step(tx, piece.draft),
        asked=asked,
        readings=readings or {},
        done=done,
    )


def _with(told: kept.Texts, wanted: Change) -> kept.Texts:
    """How it would stand with the change."""
    return {
        code: [text for text in told.get(code, []) if text not in wanted.remove.get(code, [])]
        + wanted.add.get(code, [])
        for code in UNDERSTOOD_LANGUAGES
        if told.get(code) or wanted.add.get(code)
    }


def _read(form: FormData) -> Change:
    return Change(
        add={code: lines for code in UNDERSTOOD_LANGUAGES if (lines := _lines(form.get(f"add_{code}")))},
        remove={code: gone for code in UNDERSTOOD_LANGUAGES if (gone := [str(v) for v in form.getlist(f"out_{code}")])},
        to=str(form.get("to", "")),
    )


def _lines(value: object) -> list[str]:
    return [line.strip() for line in str(value or "").splitlines() if line.strip()]


def _seen(form: FormData) -> int:
    return whole(last_seen(form), digits=9) or 0


async def _warnings(hub: Hub, tx: AsyncSession, topic: str, wanted: Change) -> Warnings:
    if not any(wanted.add.values()):
        return Warnings([], [])
    everything = await kept.drafted(tx, hub.shelf.library)
    found = await asyncio.to_thread(kept.clashes, hub.shelf.understander, everything, topic, wanted)
    told = [(text, signs(text)) for lines in wanted.add.values() for text in lines]
    return Warnings(found, [(text, found_in) for text, found_in in told if found_in])


async def _readings(hub: Hub, tx: AsyncSession, text: str) -> dict[str, Reading]:
    """As it is live, and as it would be with all drafts published, where there are any."""
    live = hub.shelf.understander
    found = {"live": await asyncio.to_thread(_reading, live, text)}
    if any(piece.kind == kept.KIND for piece in await open_drafts(tx)):
        everything = await kept.drafted(tx, hub.shelf.library)
        drafted = await asyncio.to_thread(kept.following, live, everything)
        found["draft"] = await asyncio.to_thread(_reading, drafted, text)
    return found


def _reading(understander: Understander, text: str) -> Reading:
    found = understander.understand(text)
    told = {each.topic: understander.words_for(text, each.topic) for each in found.candidates}
    return Reading(found, told, understander.nearest(text, NEAREST), understander.answer_from, understander.offer_from)


@functools.lru_cache(maxsize=1)
def _confusions(understander: Understander) -> dict[str, list[tuple[str, int]]]:
    """Thousands of messages are read for it, and they change with the program only."""
    return kept.confusions(understander, read_corpus(CONTENT_DIR).calibration)


async def _unanswered(session: AsyncSession) -> Counter[str]:
    query = sa.select(Gap.guess, sa.func.count()).where(Gap.closed_at.is_(None), Gap.guess.is_not(None))
    rows = await session.execute(query.group_by(Gap.guess))
    return Counter({str(topic): int(count) for topic, count in rows})
