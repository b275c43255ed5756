"""Where a service is named: which answers and flows lead to it, and whether it is among the few that people are shown."""

from dataclasses import dataclass
from datetime import datetime

from app.directory import SHOWN, helpers
from flows.dialogue.graph import Services
from flows.library import Library
from flows.model import ANSWER_LANGUAGES, Service


@dataclass(frozen=True, slots=True)
class Rank:
    """In `place`, the languages whose speakers are shown it, and those who are shown others instead."""

    place: str
    shown: tuple[str, ...]
    behind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One need. `flows`: those that name who helps with it, each with the node."""

    topic: str
    flows: tuple[tuple[str, str], ...]
    ranks: tuple[Rank, ...]


def uses_of(library: Library, service: Service, now: datetime) -> list[Use]:
    places = [slug for slug in library.served if not service.places or set(service.places) & set(library.chain(slug))]
    return [
        Use(
            topic,
            tuple(
                (slug, node_slug)
                for slug, (_, flow) in sorted(library.flows.items())
                for node_slug, node in flow.nodes.items()
                if isinstance(node, Services) and node.topic == topic
            ),
            tuple(_rank(library, service, topic, place, now) for place in places),
        )
        for topic in service.topics
    ]


def _rank(library: Library, service: Service, topic: str, place: str, now: datetime) -> Rank:
    shown: list[str] = []
    behind: list[str] = []
    for language in ANSWER_LANGUAGES:
        slugs = [each.service.slug for each in helpers(library, topic, place, language, now)]
        if service.slug in slugs:
            (shown if slugs.index(service.slug) < SHOWN else behind).append(language)
    return Rank(place, tuple(shown), tuple(behind))
