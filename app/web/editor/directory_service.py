"""One service: its facts and words, what the checks and the bot say of it, confirming it, closing it for good."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.directory import describe
from app.editor import services
from app.editor.drafts import Data, Piece, Stale
from app.editor.hours_text import Exceptional
from app.editor.releasing import Blocked
from app.editor.service_fields import (
    LEVELS,
    Fields,
    Problems,
    data_of,
    fields_of,
    holidays_ahead,
)
from app.editor.service_list import all_services, is_due
from app.editor.service_uses import uses_of
from app.editor.services import Seen
from app.errors import HubError
from app.hub import Hub
from app.web.abc_views import AREAS
from app.web.deps import HubDep, LeadDep, Tx
from app.web.editor.service_forms import read_fields, read_seen, with_room, write_seen
from app.web.editor.service_texts import issue_words, language_word, map_link, plainly, spoken_choices
from app.web.editor.showing import shown, stale_view
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render
from flows.hours import WEEKDAYS
from flows.model import ANSWER_LANGUAGES, Service
from flows.services import TIMEZONE, found_at

router = APIRouter(prefix="/directory", include_in_schema=False)

SHOWN_FIRST = ("de", *(code for code in ANSWER_LANGUAGES if code != "de"))
TAKEN = frozenset({"new", "confirm", "table"})  # addresses of pages
LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@router.get("/new")
async def new_page(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    return await _page(request, hub, tx, None, Fields(level="verein"))


@router.post("/new")
async def create(request: Request, hub: HubDep, tx: Tx, user: LeadDep) -> Response:
    form = await request.form()
    fields = _wanted(hub, read_fields(form, hub.today), "holidays" in form)
    slug = await _new_slug(hub, tx, fields.name)
    try:
        data = data_of(fields, {}, slug, hub.shelf.library)
        async with tx.begin_nested():
            await services.create(hub, tx, user, slug, data)
    except HubError as error:
        return await _page(request, hub, tx, None, fields, error)
    return RedirectResponse(f"/editor/pieces/service/{slug}", status_code=303)


@router.get("/{slug}")
async def service_page(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    slug: str,
    at: str = "",
    done: str = "",
    version: str = "",
) -> Response:
    piece = await services.find(tx, slug)
    return await _page(request, hub, tx, piece, fields_of(piece.data), at=at, done=done, version=whole(version))


@router.post("/{slug}")
async def save(request: Request, hub: HubDep, tx: Tx, user: LeadDep, slug: str) -> Response:
    piece = await services.find(tx, slug)
    form = await request.form()
    seen = read_seen(form)
    fields = _wanted(hub, read_fields(form, hub.today), "holidays" in form)
    data: Data = {}
    try:
        data = data_of(fields, piece.data, slug, hub.shelf.library)
        async with tx.begin_nested():
            saved = await services.save(hub, tx, user, slug, data, seen=seen)
    except Stale as error:
        now = await services.find(tx, slug)
        return await _page(request, hub, tx, now, fields, error, seen=seen, mine=data)
    except HubError as error:
        return await _page(request, hub, tx, piece, fields, error, seen=seen)
    if piece.live is None:
        return RedirectResponse(f"/editor/pieces/service/{slug}", status_code=303)
    done = {(True, True): "both", (True, False): "live", (False, True): "words", (False, False): "nothing"}
    which = done[(saved.version is not None, saved.words_wait)]
    number = f"&version={saved.version}" if saved.version else ""
    return RedirectResponse(f"/directory/{slug}?done={which}{number}", status_code=303)


@router.post("/{slug}/close")
async def close(
    request: Request,
    hub: HubDep,
    tx: Tx,
    user: LeadDep,
    slug: str,
    version: Annotated[str, Form()] = "",
    closed: Annotated[bool, Form()] = False,
) -> Response:
    note = texts(reader_language(request)).get("Closed for good" if closed else "Open again")
    new = await services.set_closed(hub, tx, user, slug, version=whole(version) or 0, closed=closed, note=note)
    return RedirectResponse(f"/directory/{slug}?done={'closed' if closed else 'open'}&version={new}", status_code=303)


async def _page(
    request: Request,
    hub: Hub,
    tx: AsyncSession,
    piece: Piece | None,
    fields: Fields,
    error: HubError | None = None,
    *,
    seen: Seen | None = None,
    mine: Mapping[str, Any] | None = None,
    at: str = "",
    done: str = "",
    version: int | None = None,
) -> Response:
    """What was written is kept where it could not be saved; `seen` then is still what it began from."""
    library, reader = hub.shelf.library, reader_language(request)
    live = Service.model_validate(piece.live.data) if piece and piece.live else None
    moment = _moment(at) or hub.now()
    current = seen or (Seen.of(piece) if piece else Seen(0, 0))
    stale = None
    if isinstance(error, Stale) and piece:
        rows = shown(request, plainly(error.data), plainly(mine or {}))
        stale = replace(stale_view(request, error, {}), revision=write_seen(Seen.of(piece)), rows=rows)
    return render(
        request,
        "editor/directory_service.html",
        status=error.status if error else 200,
        piece=piece,
        live=live,
        version=version,
        fields=with_room(fields),
        seen=write_seen(current),
        stale=stale,
        problems=_problems(error, reader),
        issues=[(issue.severity, issue_words(issue, reader)) for issue in _issues(hub, piece)],
        says=_says(piece, live, moment),
        moment=moment.astimezone(TIMEZONE),
        uses=uses_of(library, live, moment) if live else [],
        weekdays=WEEKDAYS,
        places=library.places,
        levels=LEVELS,
        areas=AREAS,
        topics=sorted(library.entries),
        flows={slug: flow.label for slug, (_, flow) in library.flows.items()},
        spoken=spoken_choices(await all_services(tx, library)),
        language_word=lambda code: language_word(code, reader),
        languages=SHOWN_FIRST,
        map_link=map_link,
        is_due=live is not None and is_due(live, hub.today),
        today=hub.today,
        done=done,
        wanted={"place": "", "topic": "", "language": "", "state": ""},
    )


def _wanted(hub: Hub, fields: Fields, holidays: bool) -> Fields:
    """Public holidays as closed days, where that was ticked; a day that has hours of its own keeps them."""
    if not holidays:
        return fields
    days = holidays_ahead(hub.shelf.library, fields.places, hub.today)
    known = {row.first for row in fields.days}
    more = [Exceptional(day.isoformat(), "", "") for day in days if day.isoformat() not in known]
    return replace(fields, days=(*more, *fields.days))


def _problems(error: HubError | None, reader: str) -> list[tuple[str, str]]:
    """(field, words) of everything that keeps it from being saved."""
    words = texts(reader)
    match error:
        case None | Stale():
            return []
        case Problems(found=found):
            return [(each.where, words.say(each.message, each.detail)) for each in found]
        case Blocked(issues=issues):
            return [("", issue_words(issue, reader)) for issue in issues]
    return [("", words.say(error.message, error.detail))]


def _issues(hub: Hub, piece: Piece | None) -> Sequence[Any]:
    if piece is None:
        return ()
    try:
        return services.issues_of(hub, piece.data)
    except ValidationError:  # a draft may break limits
        return ()


def _says(piece: Piece | None, live: Service | None, moment: datetime) -> list[tuple[str, str, str]]:
    """(language, what the bot says at that moment, what it would say with the draft's words where that differs)."""
    found = []
    try:
        draft = Service.model_validate(piece.data) if piece and piece.draft else None
    except ValidationError:
        draft = None
    for language in SHOWN_FIRST:
        now = describe(found_at(live, moment), language) if live else ""
        then = describe(found_at(draft, moment), language) if draft else ""
        found.append((language, now, then if then != now else ""))
    return found


def _moment(given: str) -> datetime | None:
    try:
        return datetime.fromisoformat(given).replace(tzinfo=TIMEZONE)
    except ValueError:
        return None


async def _new_slug(hub: Hub, tx: AsyncSession, name: str) -> str:
    """'Müller & Söhne' -> 'mueller-soehne'; with a number where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().translate(LETTERS)).strip("-")[:60].strip("-")
    base = plain if re.match(r"[a-z]", plain) else f"service-{plain}".strip("-")
    taken = await services.taken_slugs(tx) | TAKEN
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)
