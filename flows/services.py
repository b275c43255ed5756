"""Finds services of the directory by topic, place, language and time. The moment is passed in."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.hours import Opening, opening
from flows.library import Library
from flows.model import Service

TIMEZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Found:
    """A service, how near it is (0: this very place), and whether it is open `at` this moment, in its local time.

    Old entries show no hours.
    """

    service: Service
    distance: int
    opening: Opening
    at: datetime


def find_services(
    library: Library, now: datetime, *, topic: str | None = None, place: str = "", language: str | None = None
) -> list[Found]:
    """Nearest first; among equally near ones those that speak the language, then those that are open.

    Without a place, only what is there for the whole country. A hub that serves one town passes that town.
    """
    chain = library.chain(place)
    local = now.astimezone(TIMEZONE)
    found = [
        replace(found_at(service, now), distance=distance)
        for service in library.services.values()
        if (topic is None or topic in service.topics)
        and not is_closed(service, local.date())
        and (distance := _distance(service, chain)) is not None
    ]
    return sorted(found, key=lambda each: _rank(each, language))


def found_at(service: Service, now: datetime) -> Found:
    """The service at a moment, wherever the reader is."""
    local = now.astimezone(TIMEZONE)
    return Found(service, 0, _opening(service, local), local)


def is_closed(service: Service, today: date) -> bool:
    """For good: nobody is sent there any more."""
    return service.closed_on is not None and service.closed_on <= today


def _distance(service: Service, chain: list[str]) -> int | None:
    if not service.places:
        return len(chain)
    near = [chain.index(place) for place in service.places if place in chain]
    return min(near) if near else None


def _opening(service: Service, local: datetime) -> Opening:
    if service.ask_first:
        return Opening(known=False, open=False)
    return opening(service.hours, local)


def _rank(found: Found, language: str | None) -> tuple[int, bool, bool, bool, str]:
    reachable = bool(found.service.phones or found.service.address or found.service.web)
    speaks = language in found.service.languages
    return (found.distance, not speaks, not reachable, not found.opening.open, found.service.slug)
