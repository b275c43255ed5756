"""The directory as coordinators see it: all services, what is missing in them, and which one to ring up next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import is_reachable
from app.editor.services import CONFIRMED_FOR, KIND
from app.models import ContentDraft, ContentVersion
from flows.library import Library
from flows.model import Service
from flows.services import is_closed

EVERYWHERE = "-"  # as a place of the filter: for the whole country
STATES = ("confirm", "untested", "gaps", "waiting", "closed")
"""What one can look for: not confirmed for half a year, a number that nobody called, something unknown, a draft, closed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A service as it is live, and whether changed words of it wait for approval."""

    service: Service
    version: int
    waiting: bool


@dataclass(frozen=True, slots=True)
class Filter:
    words: str = ""
    place: str = ""
    topic: str = ""
    language: str = ""
    state: str = ""


async def all_services(session: AsyncSession, library: Library) -> list[Listed]:
    """By place in the order of the content's places, those of the whole country last; then by name."""
    drafts = set(await _drafts(session))
    query = sa.select(ContentVersion).where(ContentVersion.kind == KIND, ContentVersion.current)
    rows = await session.scalars(query.execution_options(populate_existing=True))
    found = [Listed(Service.model_validate(row.data), row.version, row.key in drafts) for row in rows]
    return sorted(found, key=lambda each: _order(each.service, library))


async def new_ones(session: AsyncSession) -> list[str]:
    """Slugs of drafts that were never published."""
    live = sa.select(ContentVersion.key).where(ContentVersion.kind == KIND, ContentVersion.current)
    return sorted(set(await _drafts(session)) - set(await session.scalars(live)))


def matching(services: Iterable[Listed], wanted: Filter, library: Library, today: date) -> list[Listed]:
    """What is closed is only shown to who looks for it."""
    chain = library.chain(wanted.place)
    words = wanted.words.casefold().split()
    return [
        each
        for each in services
        if is_in(each, wanted.state, today)
        and (not wanted.place or _is_there(each.service, wanted.place, chain))
        and (not wanted.topic or any(topic.startswith(wanted.topic) for topic in each.service.topics))
        and (not wanted.language or wanted.language in each.service.languages)
        and (not words or all(word in _told(each.service) for word in words))
    ]


def is_in(listed: Listed, state: str, today: date) -> bool:
    service = listed.service
    if is_closed(service, today) or state == "closed":
        return state == "closed" and is_closed(service, today)
    match state:
        case "confirm":
            return is_due(service, today)
        case "untested":
            return any(phone.tested_on is None for phone in service.phones)
        case "gaps":
            return bool(service.gaps) or not is_reachable(service)
        case "waiting":
            return listed.waiting
    return True


def counts(services: Sequence[Listed], today: date) -> Mapping[str, int]:
    return {state: sum(is_in(each, state, today) for each in services) for state in ("", *STATES)}


def is_due(service: Service, today: date) -> bool:
    return service.checked_on is None or service.checked_on < today - CONFIRMED_FOR


def next_to_confirm(services: Sequence[Listed], after: str, today: date) -> tuple[Listed | None, int]:
    """The next one after this one in the list's order, and how many are still to do. Whoever comes to the end is done,
    even if some were passed over.
    """
    slugs = [each.service.slug for each in services]
    start = slugs.index(after) + 1 if after in slugs else 0
    due = [each for each in services if is_in(each, "confirm", today)]
    return next((each for each in services[start:] if each in due), None), len(due)


def groups(services: Iterable[Listed]) -> dict[str, list[Listed]]:
    """By the first place of each, EVERYWHERE for the whole country; in the order given."""
    found: dict[str, list[Listed]] = {}
    for each in services:
        found.setdefault(_first_place(each.service), []).append(each)
    return found


async def _drafts(session: AsyncSession) -> Iterable[str]:
    query = sa.select(ContentDraft.key).where(ContentDraft.kind == KIND, ContentDraft.closed_at.is_(None))
    return await session.scalars(query)


def _first_place(service: Service) -> str:
    return service.places[0] if service.places else EVERYWHERE


def _order(service: Service, library: Library) -> tuple[int, str, str]:
    places = list(library.places)
    place = _first_place(service)
    return (places.index(place) if place in places else len(places), service.name.casefold(), service.slug)


def _is_there(service: Service, place: str, chain: Sequence[str]) -> bool:
    return not service.places if place == EVERYWHERE else bool(set(service.places) & set(chain))


def _told(service: Service) -> str:
    numbers = [f"{phone.number} {''.join(phone.number.split())}" for phone in service.phones]
    told = [service.name, service.slug, service.address, service.email, service.web, *service.about.values(), *numbers]
    return " ".join(each for each in told if each).casefold()
