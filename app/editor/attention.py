"""What of the live content needs a person: rules without database or clock, the same for everybody who looks.

What is being changed, and what people write, is added by `app.editor.overview`.
"""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flows.dialogue.graph import Flow
from flows.library import Library, figure_on
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER, Entry, Phone, Service

FIGURE_DAYS = 60  # a law's next amount is known about then, and changing five languages takes days
REVIEW_DAYS = 30
CONFIRMED_DAYS = 183  # offices move and change their hours; half a year is what a phone list bears


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, and where. `why`: a reason within its group, where there are several.

    `detail` is a name or a phone number to show, `node` a step of a flow, `own`: it is this user's, `number`: of its row.
    """

    kind: str
    key: str
    why: str = ""
    on: date | None = None
    languages: tuple[str, ...] = ()
    detail: str = ""
    count: int = 0
    node: str = ""
    at: datetime | None = None
    own: bool = False
    number: int = 0
    name: str = ""
    data: Mapping[str, Any] | None = None  # of a draft: what is new has its name nowhere else


Found = Mapping[str, tuple[Item, ...]]
"""Group -> what is in it, the gravest first."""


@functools.lru_cache(maxsize=2)
def of_library(library: Library, today: date) -> Found:
    """Remembered, because content changes seldom, and pages ask all day."""
    return {
        "figures": tuple(sorted(_figures(library, today), key=lambda item: (item.on or today, -item.count, item.key))),
        "reviews": tuple(sorted(_reviews(library, today), key=_by_review)),
        "missing": tuple(sorted(_missing(library), key=lambda item: (-len(item.languages), item.kind, item.key))),
        "services": tuple(sorted(_services(library, today), key=lambda item: (item.on or date.min, item.key))),
        "phones": tuple(_phones(library)),
    }


def _figures(library: Library, today: date) -> Iterator[Item]:
    uses = _uses(library)
    for key, figure in library.figures.items():
        days = (today + timedelta(days) for days in range(FIGURE_DAYS + 1))
        empty = next((day for day in days if figure_on(figure, day) is None), None)
        if empty is not None:
            yield Item("figure", key, "none" if empty == today else "ends", on=empty, count=uses[key])


def _uses(library: Library) -> Counter[str]:
    """Figure -> answers that name it."""
    found: Counter[str] = Counter()
    for _, entry in library.entries.values():
        texts = [text for answer in entry.answers.values() for text in (*answer.messages, answer.sms)]
        for local in (each for places in entry.places.values() for each in places.values()):
            texts += [*(local.messages or ()), local.local or "", local.sms or ""]
        found.update({key for text in texts for key in PLACEHOLDER.findall(text)})
    return found


def _reviews(library: Library, today: date) -> Iterator[Item]:
    soon = today + timedelta(REVIEW_DAYS)
    for topic, (_, entry) in library.entries.items():
        until = entry.valid_until
        if until and until < today:
            yield Item("entry", topic, "expired", on=until)
        elif until and until <= soon:
            yield Item("entry", topic, "expires", on=until)
        elif entry.review_on <= today:
            yield Item("entry", topic, "due", on=entry.review_on)
        elif entry.review_on <= soon:
            yield Item("entry", topic, "soon", on=entry.review_on)


def _by_review(item: Item) -> tuple[int, date, str]:
    return (("expired", "expires", "due", "soon").index(item.why), item.on or date.min, item.key)


def _missing(library: Library) -> Iterator[Item]:
    """Languages in which a piece, or a place within it, says nothing."""
    pieces: list[tuple[str, str, set[str]]] = []
    pieces += [("entry", topic, _lacks(entry.answers)) for topic, (_, entry) in library.entries.items()]
    pieces += [("service", slug, _lacks(each.about)) for slug, each in library.services.items()]
    pieces += [("template", key, _lacks(each.languages)) for key, each in library.templates.items()]
    for kind, key, lacking in pieces:
        if lacking:
            yield Item(kind, key, languages=_ordered(lacking))
    for slug, (_, flow) in library.flows.items():
        node, lacking = _flow_lacks(flow)
        if lacking:
            yield Item("flow", slug, languages=_ordered(lacking), node=node)


def _flow_lacks(flow: Flow) -> tuple[str, set[str]]:
    """The first step without words in some language, and all languages that lack some."""
    by_node = {"": _lacks(flow.label)} | {
        name: set().union(*(_lacks(words) for _, words in node.texts())) for name, node in flow.nodes.items()
    }
    first = next((name for name, lacking in by_node.items() if name and lacking), "")
    return first, set().union(*by_node.values())


def _lacks(words: Mapping[Any, Any]) -> set[str]:
    return {code for code in ANSWER_LANGUAGES if not words.get(code)}


def _ordered(languages: set[str]) -> tuple[str, ...]:
    return tuple(code for code in ANSWER_LANGUAGES if code in languages)


def _services(library: Library, today: date) -> Iterator[Item]:
    """Nobody ever confirmed it, or not for half a year."""
    for slug, service in library.services.items():
        if service.checked_on is None:
            yield Item("service", slug, "never")
        elif service.checked_on < today - timedelta(CONFIRMED_DAYS):
            yield Item("service", slug, "long", on=service.checked_on)


def _phones(library: Library) -> Iterator[Item]:
    """Each number once, with the first place that shows it; how many show it is `count`."""
    shown: dict[str, list[Item]] = {}
    for kind, key, phone in _all_phones(library):
        if phone.tested_on is None:
            item = Item(kind, key, detail=phone.number, name=phone.who)
            shown.setdefault("".join(filter(str.isdigit, phone.number)), []).append(item)
    for items in sorted(shown.values(), key=lambda items: -len(items)):
        first = items[0]
        yield Item(first.kind, first.key, detail=first.detail, name=first.name, count=len(items))


def _all_phones(library: Library) -> Iterator[tuple[str, str, Phone]]:
    holders: list[tuple[str, str, Entry | Service]] = []
    holders += [("entry", topic, entry) for topic, (_, entry) in library.entries.items()]
    holders += [("service", slug, service) for slug, service in library.services.items()]
    for kind, key, piece in holders:
        yield from ((kind, key, phone) for phone in piece.phones)
