"""From a colleague's German to what the person gets: previews while they write, and what is really sent.

Texts that exist in both languages, such as canned replies, are recognised in the German and never go through the
machine. Sending never fails because of a translation, and never sends German unnoticed: where there is none, or one that
nobody has seen and that isn't whole, its writer decides (`Settled.problem`).
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import access_case
from app.errors import BadInput
from app.hub import Hub
from app.inserting import ready_texts, writing
from app.linking import spoken
from app.models import Case, Conversation, Draft, User, WritingChoice
from app.replying import REPLY_CHARS
from app.written import GERMAN, Written
from flows.canned import OPEN, open_places
from translations.machine import NoRoute, TooSlow
from translations.protect import differences

Problem = Literal["no_route", "too_slow", "unsure", "stale"]
FILLED = r"([^\n]{1,200}?)"  # what a writer puts in the place of {date}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the composer says about translating. `text`: what the person gets, as it stood there, made from the German
    `made_from` by the machine, whose own words are `machine`."""

    on: bool = False
    offered: bool = False  # the writer had the choice
    text: str = ""
    language: str = ""
    made_from: str = ""
    machine: str = ""
    untouched: int = 0
    as_written: bool = False  # send the German as it is
    fits: bool = False  # the German was changed, the translation still fits

    @property
    def edited(self) -> bool:
        return bool(self.text.strip()) and not same(self.text, self.machine)


@dataclass(frozen=True, slots=True)
class Made:
    """`ready`: some of it comes from texts that exist in both languages. `different`: numbers, links and names that stand in
    one text and not in the other."""

    text: str
    language: str
    route: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    ready: bool = False

    @property
    def pivot(self) -> str | None:
        return self.route[1] if len(self.route) > 2 else None


@dataclass(frozen=True, slots=True)
class Offer:
    """For the composer of one conversation. `wanted`: the writer's choice in this case, and their kept draft."""

    language: str
    possible: bool  # packages lead there
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Settled:
    """What a press of Send comes to: a text to send, or what stands in its way."""

    text: str
    written: Written | None = None
    problem: Problem | None = None
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """All that a translation needs, read from the database before the slow part."""

    german: str
    language: str
    ready: Sequence[tuple[str, str]]
    names: tuple[str, ...]


async def offer(hub: Hub, session: AsyncSession, user: User, case: Case, conversation_id: int = 0) -> Offer | None:
    """None where the person reads German, or nobody knows their language. The caller has authorised."""
    conversation = await session.get(Conversation, conversation_id or case.conversation_id)
    language = spoken(conversation) if conversation is not None and conversation.contact_id == case.contact_id else ""
    if language in ("", GERMAN):
        return None
    drafts = await session.scalars(
        sa.select(Draft).where(Draft.user_id == user.id, Draft.case_id == case.id, Draft.kind == "translation")
    )
    draft = drafts.first()
    choice = await session.get(WritingChoice, (user.id, case.id))
    return Offer(
        language,
        is_possible(hub, language),
        Wanted(
            on=choice is None or choice.translates,
            text=draft.text if draft else "",
            language=language,
            made_from=(draft.made_from or "") if draft else "",
        ),
    )


def is_possible(hub: Hub, language: str) -> bool:
    try:
        hub.machine.route(GERMAN, language)
    except NoRoute:
        return False
    return True


async def choose(session: AsyncSession, user: User, case_id: int, translates: bool) -> None:
    """How this colleague writes in this case from now on."""
    await access_case(session, user, case_id)
    statement = insert(WritingChoice).values(user_id=user.id, case_id=case_id, translates=translates)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "case_id"], set_={"translates": translates})
    )


async def job(
    hub: Hub, session: AsyncSession, user: User, case_id: int, conversation_id: int, german: str
) -> Job | None:
    """Authorises. None where the person reads German, or nobody knows their language."""
    to = await writing(hub, session, user, case_id, conversation_id)
    language = spoken(to.conversation)
    if language in ("", GERMAN):
        return None
    if len(german) > REPLY_CHARS:
        raise BadInput("That is too long: at most {limit} characters.", limit=REPLY_CHARS)
    ready = await ready_texts(hub, session, to) if to.language == language else []
    names = (user.name, *user.name.split(), *open_places(german))
    return Job(_lines(german), language, ready, tuple(dict.fromkeys(names)))


async def translate(hub: Hub, work: Job) -> Made:
    """Raises NoRoute, TooSlow. The whole wait is limited, for the machine's threads may be busy with others."""
    try:
        async with asyncio.timeout(hub.settings.translation_seconds):
            return await _translate(hub, work)
    except TimeoutError:
        raise TooSlow from None


async def say_back(hub: Hub, user: User, text: str, language: str) -> Made:
    """What a text means, in German. Raises NoRoute, TooSlow."""
    names = (user.name, *user.name.split())
    try:
        async with asyncio.timeout(hub.settings.translation_seconds):
            done = await hub.machine.translate(text, language, GERMAN, names)
    except TimeoutError:
        raise TooSlow from None
    return Made(done.text, GERMAN, done.route, done.untouched)


def compare(work: Job, text: str) -> tuple[str, ...]:
    """What stands in one text and not in the other, of what should stand in both."""
    before, after = (
        Counter({name: given.count(name) for name in work.names if name in given}) for given in (work.german, text)
    )
    names = ((before - after) + (after - before)).keys()
    return tuple(dict.fromkeys([*differences(work.german, text), *names]))


async def settle(
    hub: Hub, session: AsyncSession, user: User, case_id: int, conversation_id: int, german: str, wanted: Wanted
) -> Settled:
    """What is sent is what stood in the composer; where nothing did, it is translated now, before any lock is taken."""
    if not wanted.on or wanted.as_written or not german.strip():
        return Settled(german)
    work = await job(hub, session, user, case_id, conversation_id, german)
    if work is None:
        return Settled(german)
    if wanted.text.strip() and wanted.language == work.language:
        if wanted.fits or same(wanted.made_from, german):
            return Settled(_lines(wanted.text), _written(hub, work, wanted))
        if wanted.edited:
            return Settled(german, problem="stale")
    return await settle_anew(hub, work)


async def settle_anew(hub: Hub, work: Job) -> Settled:
    try:
        made = await translate(hub, work)
    except (NoRoute, TooSlow) as error:
        return Settled(work.german, problem="no_route" if isinstance(error, NoRoute) else "too_slow")
    if made.untouched or made.different or not made.text.strip():
        return Settled(work.german, problem="unsure", made=made)
    written = Written(work.german, made.language, made.route)
    return Settled(made.text, written, made=made)


def same(one: str, other: str) -> bool:
    """Forms send line breaks their own way, and replies are sent without space around them."""
    return _lines(one) == _lines(other)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _written(hub: Hub, work: Job, wanted: Wanted) -> Written:
    """By machine, unless everything was there already or its writer knows the language."""
    route: tuple[str, ...] = ()
    if wanted.machine and any(known is None for _, known, _ in _parts(work)):
        try:
            route = hub.machine.route(GERMAN, work.language)
        except NoRoute:  # taken away since the preview
            route = (GERMAN, work.language)
    changed = _lines(wanted.machine) if wanted.edited else None  # empty: nobody knows any more what the machine said
    return Written(work.german, work.language, route, wanted.untouched, changed)


async def _translate(hub: Hub, work: Job) -> Made:
    said: list[str] = []
    untouched: list[str] = []
    different: list[str] = []
    route: tuple[str, ...] = ()
    ready = False
    for part, known, left in _parts(work):
        if known is not None:
            ready = ready or bool(known.strip())
            said.append(known)
            untouched += left
            continue
        done = await hub.machine.translate(part, GERMAN, work.language, work.names)
        route = done.route
        said.append(done.text)
        untouched += done.untouched
        different += compare(Job(part, work.language, (), work.names), done.text)
    return Made("".join(said), work.language, route, tuple(untouched), tuple(dict.fromkeys(different)), ready)


def _parts(work: Job) -> Iterable[tuple[str, str | None, tuple[str, ...]]]:
    """The German in pieces, each with its text in the other language where that exists; what is joined is the whole.

    The third is what its writer filled in, where that has words: nobody has translated them.
    """
    found: list[tuple[int, int, str, tuple[str, ...]]] = []
    for german, text in sorted(work.ready, key=lambda pair: -len(pair[0])):
        for match in _pattern(german).finditer(work.german):
            if all(match.end() <= start or match.start() >= end for start, end, *_ in found):
                words = tuple(given for given in match.groups() if _has_words(given))
                found.append((match.start(), match.end(), _fill(german, text, match.groups()), words))
    at = 0
    for start, end, text, words in [*sorted(found), (len(work.german), len(work.german), "", ())]:
        if between := work.german[at:start]:
            yield between, None if between.strip() else between, ()
        if end > start:
            yield work.german[start:end], text, words
        at = end


def _pattern(german: str) -> re.Pattern[str]:
    """Whole lines; the places to fill in may hold what their writer put there."""
    pieces = [re.escape(piece) for piece in OPEN.split(_lines(german))]
    return re.compile(r"(?m)^" + FILLED.join(pieces) + "$")


def _has_words(given: str) -> bool:
    return any(char.isalpha() for char in given) and not OPEN.fullmatch(given)


def _fill(german: str, text: str, filled: tuple[str, ...]) -> str:
    put = dict(zip(OPEN.findall(german), filled, strict=True))
    return OPEN.sub(lambda match: put.get(match.group(), match.group()), text)
