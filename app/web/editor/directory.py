"""The directory as a list, and one service after the other to confirm by phone."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.editor import services
from app.editor.service_list import (
    EVERYWHERE,
    STATES,
    Filter,
    all_services,
    counts,
    groups,
    is_due,
    matching,
    new_ones,
    next_to_confirm,
)
from app.errors import Conflict, HubError
from app.hub import Hub
from app.models import User
from app.web.abc_views import AREAS
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.service_texts import language_word, map_link, spoken_choices
from app.web.hours_words import week_words
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render

router = APIRouter(prefix="/directory", include_in_schema=False)

Text = Annotated[str, Form()]


@router.get("")
async def list_page(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    place: str = "",
    topic: str = "",
    language: str = "",
    state: str = "",
    done: str = "",
    version: str = "",
) -> Response:
    return await _list(request, hub, tx, Filter("", place, topic, language, state), done=done, version=whole(version))


@router.post("")
async def find(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    q: Text = "",
    place: Text = "",
    topic: Text = "",
    language: Text = "",
    state: Text = "",
) -> Response:
    """Words that somebody looks for are no address; without any, the filters are."""
    wanted = Filter(q.strip()[:200], place, topic, language, state)
    if not wanted.words:
        return RedirectResponse(_address(wanted), status_code=303)
    return await _list(request, hub, tx, wanted)


@router.get("/confirm")
async def confirm_page(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    place: str = "",
    after: str = "",
    this: str = "",
    done: str = "",
    version: str = "",
) -> Response:
    return await _next(request, hub, tx, place, after, this=this, done=done, version=whole(version))


@router.post("/{slug}/confirm")
async def confirm(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    slug: str,
    version: Text = "",
    called: Text = "",
    sure: Annotated[bool, Form()] = False,
    at: Text = "",
    place: Text = "",
    topic: Text = "",
    language: Text = "",
    state: Text = "",
) -> Response:
    """`at` is the page that it was pressed on: the list, one after the other, or the service's own."""
    try:
        new = await _confirmed(request, hub, tx, user, slug, whole(version) or 0, called, sure)
    except Conflict as error:
        if at != "row":
            raise
        return await _next(request, hub, tx, place, "", this=slug, problem=error)
    said = {"done": slug, "version": new} if new else {}
    if at == "row":
        return RedirectResponse(f"/directory/confirm?{_query(place=place, after=slug, **said)}", status_code=303)
    if at == "service":
        return RedirectResponse(f"/directory/{slug}?{_query(done='confirmed', version=new)}", status_code=303)
    address = _address(Filter("", place, topic, language, state), **said)
    return RedirectResponse(f"{address}#{slug}", status_code=303)


@router.post("/{slug}/back")
async def take_back(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    slug: str,
    version: Text = "",
    at: Text = "",
    place: Text = "",
) -> Response:
    """Undo of what just went live: the facts are as they were."""
    note = texts(reader_language(request)).get("Taken back")
    await services.take_back(hub, tx, user, slug, version=whole(version) or 0, note=note)
    if at == "row":
        return RedirectResponse(f"/directory/confirm?{_query(place=place, this=slug)}", status_code=303)
    return RedirectResponse(
        f"/directory/{slug}?done=back" if at == "service" else f"/directory#{slug}", status_code=303
    )


async def _confirmed(
    request: Request, hub: Hub, tx: AsyncSession, user: User, slug: str, version: int, called: str, sure: bool
) -> int | None:
    note = texts(reader_language(request)).get("Confirmed by phone" if called else "Confirmed")
    numbers = [called] if called else []
    async with tx.begin_nested():
        return await services.confirm(hub, tx, user, slug, version=version, called=numbers, sure=sure, note=note)


async def _list(
    request: Request, hub: Hub, tx: AsyncSession, wanted: Filter, *, done: str = "", version: int | None = None
) -> Response:
    library, today = hub.shelf.library, hub.today
    every = await all_services(tx, library)
    # what was confirmed a moment ago stays in its place, with the way back, though it is no longer to be confirmed
    just = [each for each in every if each.service.slug == done] if version else []
    shown = [each for each in every if each in matching(every, wanted, library, today) or each in just]
    return render(
        request,
        "editor/directory.html",
        wanted=wanted,
        groups=groups(shown),
        found=len(shown),
        counts=counts(every, today),
        states=STATES,
        places=library.places,
        everywhere=EVERYWHERE,
        areas=AREAS,
        topics=sorted(library.entries),
        spoken=spoken_choices(every),
        language_word=lambda code: language_word(code, reader_language(request)),
        new=await new_ones(tx),
        is_due=lambda service: is_due(service, today),
        today=today,
        done=done if just else "",
        version=version,
        address=_address,
        wanted_in=lambda chosen: replace(wanted, words="", state=chosen),
        filtered=wanted != Filter(),
    )


async def _next(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    place: str,
    after: str,
    *,
    this: str = "",
    done: str = "",
    version: int | None = None,
    problem: HubError | None = None,
) -> Response:
    library, today, words = hub.shelf.library, hub.today, texts(reader_language(request))
    every = await all_services(tx, library)
    there = matching(every, Filter(place=place), library, today)
    found, left = next_to_confirm(there, after, today)
    if this:
        found = next((each for each in every if each.service.slug == this), None)
    confirmed = next((each for each in every if each.service.slug == done), None) if version else None
    return render(
        request,
        "editor/directory_confirm.html",
        status=problem.status if problem else 200,
        found=found,
        left=left,
        place_slug=place,
        places=library.places,
        everywhere=EVERYWHERE,
        week=week_words(found.service.hours, words) if found else [],
        language_word=lambda code: language_word(code, reader_language(request)),
        map_link=map_link,
        confirmed=confirmed,
        version=version,
        problem=words.say(problem.message, problem.detail) if problem else "",
    )


def _address(wanted: Filter, **more: object) -> str:
    query = _query(place=wanted.place, topic=wanted.topic, language=wanted.language, state=wanted.state, **more)
    return f"/directory?{query}" if query else "/directory"


def _query(**values: object) -> str:
    return urlencode({name: value for name, value in values.items() if value})
