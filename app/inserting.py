"""What a writer may put into their reply: canned replies, entries and services, in the person's language.

Each comes with its German words beside it, so that colleagues understand what they send.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Literal

from babel.dates import get_day_names
from sqlalchemy.ext.asyncio import AsyncSession

from app.canned import canned_for
from app.canned_files import FileInfo, infos
from app.cases import access_case
from app.directory import describe
from app.errors import NotFound
from app.hub import Hub
from app.models import Case, Conversation, User
from app.turn import MENU
from flows.canned import CannedReply
from flows.dialogue.graph import Flow
from flows.hours import WEEKDAYS
from flows.library import Library, NotSayable, Said
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER, Entry, Service
from flows.services import TIMEZONE, Found, find_services
from translations.phrases import phrase
from translations.script import skeleton

STAFF_LANGUAGE = "de"  # what every colleague understands, and what stands in for a missing language
SHOWN = 12  # of each kind; who doesn't find it types another word

Kind = Literal["canned", "entry", "service", "flow"]


@dataclass(frozen=True, slots=True)
class Writing:
    """To whom something is written, from where, and in which language."""

    case: Case
    conversation: Conversation
    user: User
    wanted: str  # the person's language, or the writer's choice
    language: str  # that, if answers exist in it
    by_sms: bool
    now: datetime

    @property
    def place(self) -> str:
        return place_of(self.conversation, self.case)


@dataclass(frozen=True, slots=True)
class Option:
    """`text` is what is inserted, in `language`; `german` the same in German, empty where it is German already.

    A flow is started, not inserted: its text is how it begins.
    """

    kind: Kind
    key: str
    title: str
    about: str
    text: str
    language: str
    german: str
    draft: bool = False  # nobody of the town has approved these words
    files: tuple[FileInfo, ...] = ()  # go with it


def place_of(conversation: Conversation, case: Case) -> str:
    """Where the person lives, as the bot's answers take it, else where the case belongs."""
    return conversation.place or case.place


async def writing(
    hub: Hub, session: AsyncSession, user: User, case_id: int, conversation_id: int, language: str = ""
) -> Writing:
    """Authorises. `language` is the writer's choice; empty means the person's."""
    case = await access_case(session, user, case_id)
    conversation = await session.get(Conversation, conversation_id or case.conversation_id)
    if conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    channel = hub.registry.by_id(conversation.channel_id)
    spoken = language or str(conversation.state.get("language_chosen") or conversation.language or "")
    chosen = spoken if spoken in ANSWER_LANGUAGES else STAFF_LANGUAGE
    return Writing(
        case, conversation, user, spoken or chosen, chosen, channel is not None and channel.by_sms, hub.now()
    )


async def options(
    hub: Hub, session: AsyncSession, to: Writing, asked: str, reader_language: str
) -> dict[Kind, list[Option]]:
    """What fits the words of a search, in any language; without words what is used most for this case."""
    library, words = hub.shelf.library, skeleton(asked).split()
    replies = [
        reply for reply in await canned_for(hub, session, to.user, to.place) if _fits(words, _canned_texts(reply))
    ][: SHOWN * 2]
    files = await infos(session, {name for reply in replies for name in reply.files_for(to.language)})
    canned = [_canned(hub, to, reply, files) for reply in replies]
    entries = (
        option
        for topic, entry in _by_need(library, to.case)
        if (words or topic in to.case.needs) and _fits(words, _entry_texts(topic, entry))
        if (option := _entry(hub, to, topic, reader_language)) is not None
    )
    found = find_services(library, to.now, place=to.place, language=to.language)
    services = (_service(to, each) for each in found if _useful(words, to, each))
    flows = [
        _flow(to, flow, reader_language) for flow in _flows_by_need(library, to.case) if _fits(words, _flow_texts(flow))
    ]
    return {
        "canned": canned,
        "entry": list(entries)[:SHOWN],
        "service": list(services)[:SHOWN],
        "flow": flows[:SHOWN],
    }


async def ready_texts(hub: Hub, session: AsyncSession, to: Writing) -> list[tuple[str, str]]:
    """German words and the same in the person's language, of all that can be inserted: nobody needs a machine for them."""
    library = hub.shelf.library
    made = [_canned(hub, to, reply) for reply in await canned_for(hub, session, to.user, to.place)]
    made += [option for topic in library.entries if (option := _entry(hub, to, topic, STAFF_LANGUAGE)) is not None]
    made += [_service(to, found) for found in find_services(library, to.now, place=to.place, language=to.language)]
    return [(option.german, option.text) for option in made if option.german and option.language == to.language]


def _useful(words: list[str], to: Writing, found: Found) -> bool:
    """Without a search, only who helps with what the case is about."""
    if not words:
        return bool(set(found.service.topics) & set(to.case.needs))
    return _fits(words, _service_texts(found.service))


def _fits(words: list[str], texts: Iterator[str]) -> bool:
    """Every word begins one of the texts' words."""
    if not words:
        return True
    found = " " + " ".join(_folded(text) for text in texts)
    return all(f" {word}" in found for word in words)


@functools.lru_cache(maxsize=10_000)
def _folded(text: str) -> str:
    """Of published content only: what people write never gets here."""
    return skeleton(text)


def _canned_texts(reply: CannedReply) -> Iterator[str]:
    yield from (reply.title, reply.shortcut)
    yield from (words.text for words in reply.texts.values())


def _entry_texts(topic: str, entry: Entry) -> Iterator[str]:
    yield topic.replace(".", " ").replace("_", " ")
    for answer in entry.answers.values():
        yield from (answer.label, answer.question, *answer.words)


def _service_texts(service: Service) -> Iterator[str]:
    yield from (service.name, service.address or "", *service.about.values())


def _flow_texts(flow: Flow) -> Iterator[str]:
    yield flow.flow.replace("_", " ")
    yield from flow.label.values()
    for words in flow.words.values():
        yield from words


def _flows_by_need(library: Library, case: Case) -> list[Flow]:
    """Flows for the needs of the case first; the menu is none."""
    every = [flow for slug, (_, flow) in library.flows.items() if slug != MENU]
    return sorted(every, key=lambda flow: (set(flow.topics).isdisjoint(case.needs), flow.flow))


def _by_need(library: Library, case: Case) -> list[tuple[str, Entry]]:
    """Topics of the case first."""
    every = [(topic, entry) for topic, (_, entry) in library.entries.items()]
    rank = {topic: number for number, topic in enumerate(case.needs)}
    return sorted(every, key=lambda pair: (rank.get(pair[0], len(rank)), pair[0]))


def _canned(hub: Hub, to: Writing, reply: CannedReply, files: Mapping[str, FileInfo] | None = None) -> Option:
    language = to.language if to.language in reply.texts else STAFF_LANGUAGE
    words = reply.texts[language]  # type: ignore[index]
    german = reply.texts["de"].text if language != "de" and "de" in reply.texts else ""
    known = _known(hub, to, language)
    return Option(
        "canned", reply.shortcut, reply.title, reply.category, _fill(words.text, known), language,
        _fill(german, _known(hub, to, "de")), words.approved_by is None,
        tuple(files[name] for name in reply.files_for(to.language) if name in files) if files else (),
    )  # fmt: skip


def _fill(text: str, known: Mapping[str, str]) -> str:
    """What is not known stays open for the writer."""
    return PLACEHOLDER.sub(lambda match: known.get(match[1]) or match[0], text)


def _known(hub: Hub, to: Writing, language: str) -> dict[str, str]:
    place = hub.shelf.library.places.get(to.place)
    return {
        "me": to.user.name,
        "place": place.names.get(language, "") if place else "",  # type: ignore[call-overload]
        "hours": hours_words(hub.shelf.library, to.place, language),
    }


def hours_words(library: Library, place: str, language: str) -> str:
    """When the team is there, a line a day; empty where nobody has entered it."""
    hours = next((library.places[slug].duty for slug in library.chain(place) if library.places[slug].duty.week), None)
    if hours is None:
        return ""
    days: Mapping[Any, str] = get_day_names("wide", locale=language)
    spans = [(number, hours.week.get(day, ())) for number, day in enumerate(WEEKDAYS)]
    return "\n".join(
        f"{days[number]}: " + ", ".join(f"{_clock(span.start)}–{_clock(span.end)}" for span in each)
        for number, each in spans
        if each
    )


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _entry(hub: Hub, to: Writing, topic: str, reader_language: str) -> Option | None:
    """None where nothing may be said about it: no words, or no longer valid."""
    library = hub.shelf.library
    said = _said(library, to, topic, to.language) or _said(library, to, topic, STAFF_LANGUAGE)
    if said is None:
        return None
    german = _said(library, to, topic, STAFF_LANGUAGE) if said.language != STAFF_LANGUAGE else None
    text = _words(to, said)
    if said.draft and hub.settings.demo:  # as the bot says it
        text += "\n\n" + phrase("draft_mark", said.language)
    title = library.label(topic, reader_language) or topic
    about = library.entries[topic][1].answers.get(said.language)  # type: ignore[call-overload]
    return Option(
        "entry", topic, title, about.question if about else "", text, said.language,
        _words(to, german) if german else "", said.draft,
    )  # fmt: skip


def _said(library: Library, to: Writing, topic: str, language: str) -> Said | None:
    try:
        return library.say(topic, language, to.place, to.now.astimezone(TIMEZONE).date())
    except NotSayable:
        return None


def _words(to: Writing, said: Said) -> str:
    return said.sms if to.by_sms else "\n\n".join(said.messages)


def _service(to: Writing, found: Found) -> Option:
    german = describe(found, STAFF_LANGUAGE) if to.language != STAFF_LANGUAGE else ""
    about = found.service.about.get("de", "")
    return Option(
        "service", found.service.slug, found.service.name, about, describe(found, to.language), to.language, german
    )


def _flow(to: Writing, flow: Flow, reader_language: str) -> Option:
    label = {str(code): name for code, name in flow.label.items()}
    begins = {str(code): text for _, words in flow.nodes[flow.start].texts() for code, text in words.items()}
    german = begins.get(STAFF_LANGUAGE, "") if to.language != STAFF_LANGUAGE else ""
    return Option(
        "flow", flow.flow, label.get(reader_language, flow.flow), "", begins.get(to.language, ""), to.language, german,
        not flow.is_approved(to.language),
    )  # fmt: skip
