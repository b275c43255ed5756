"""From a colleague's German to what the person gets: previews while they write, and what is really sent.

Texts that exist in both languages, such as canned replies, are recognised in the German and never go through the
machine, nor do sentences that a person has checked before (`app.memory`). Sending never fails because of a translation, and
never sends German unnoticed: where there is none, or one that nobody has seen and that isn't whole, its writer decides
(`Settled.problem`).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app import memory
from app.cases import access_case
from app.errors import BadInput
from app.hub import Hub
from app.inserting import ready_texts, writing
from app.linking import spoken
from app.models import Case, Conversation, Draft, User, WritingChoice
from app.parts import Part, lines_of, parts_of
from app.rendering import complete, recall
from app.replying import REPLY_CHARS
from app.written import GERMAN, Written, names_in
from translations.machine import NoRoute, TooSlow
from translations.protect import differences

log = logging.getLogger(__name__)

T = TypeVar("T")
Problem = Literal["no_route", "too_slow", "unsure", "stale"]


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
    """`ready`: some of it comes from texts that exist in both languages. `used`: sentences of the memory. `different`:
    numbers, links and names that stand in one text and not in the other."""

    text: str
    language: str
    route: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    ready: bool = False
    used: tuple[int, ...] = ()

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
    used: tuple[int, ...] = ()  # sentences of the memory


@dataclass(frozen=True, slots=True)
class Job:
    """All that a translation needs, read from the database before the slow part. `parts`, joined, are the German."""

    german: str
    language: str
    parts: tuple[Part, ...]
    names: tuple[str, ...]

    @property
    def used(self) -> tuple[int, ...]:
        return tuple(used for part in self.parts if part.recalled for used in part.recalled.used)


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
    names = names_in(user, german)
    parts = [await _recalled(session, part, language, names) for part in parts_of(lines_of(german), ready)]
    return Job(lines_of(german), language, tuple(parts), names)


async def translate(hub: Hub, work: Job) -> Made:
    """Raises NoRoute, TooSlow."""
    return await _limited(hub, work.language, _translate(hub, work))


async def say_back(hub: Hub, user: User, text: str, language: str) -> Made:
    """What a text means, in German. Raises NoRoute, TooSlow."""
    done = await _limited(hub, language, hub.machine.translate(text, language, GERMAN, names_in(user, text)))
    return Made(done.text, GERMAN, done.route, done.untouched)


async def _limited(hub: Hub, language: str, work: Awaitable[T]) -> T:
    """The whole wait, for the machine's threads may be busy with others. A model that breaks is as good as none."""
    try:
        async with asyncio.timeout(hub.settings.translation_seconds):
            return await work
    except TimeoutError:
        raise TooSlow from None
    except NoRoute:
        raise
    except Exception as error:  # whatever a broken model raises: nobody's reply fails because of it
        log.warning("a reply could not be translated (%s)", type(error).__name__)
        raise NoRoute(GERMAN, language) from None


def compare(work: Job, text: str) -> tuple[str, ...]:
    """What stands in one text and not in the other, of what should stand in both."""
    return _compare(work.german, text, work.names)


def _compare(german: str, text: str, kept: Iterable[str]) -> tuple[str, ...]:
    before, after = (Counter({name: given.count(name) for name in kept if name in given}) for given in (german, text))
    names = ((before - after) + (after - before)).keys()
    return tuple(dict.fromkeys([*differences(german, text), *names]))


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
            return Settled(lines_of(wanted.text), _written(hub, work, german, wanted), used=work.used)
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
    return Settled(made.text, written, made=made, used=made.used)


async def count_sent(session: AsyncSession, settled: Settled) -> None:
    """The sentences that were used, once the reply is on its way; whoever locks cases has done so by then."""
    await memory.count_uses(session, settled.used)


def same(one: str, other: str) -> bool:
    return lines_of(one) == lines_of(other)


def _written(hub: Hub, work: Job, german: str, wanted: Wanted) -> Written:
    """By machine, unless everything was there already or its writer knows the language."""
    route: tuple[str, ...] = ()
    if wanted.machine and any(part.recalled and not part.recalled.is_whole for part in work.parts):
        try:
            route = hub.machine.route(GERMAN, work.language)
        except NoRoute:  # taken away since the preview
            route = (GERMAN, work.language)
    changed = None
    if wanted.edited:  # empty: nobody knows what the machine says to these words
        changed = lines_of(wanted.machine) if same(wanted.made_from, german) else ""
    return Written(work.german, work.language, route, wanted.untouched, changed)


async def _translate(hub: Hub, work: Job) -> Made:
    said: list[str] = []
    untouched: list[str] = []
    different: list[str] = []
    route: tuple[str, ...] = ()
    ready = False
    for part in work.parts:
        if part.recalled is None:
            known = part.text or ""
            ready = ready or bool(known.strip())
            said.append(known)
            untouched += part.filled
            continue
        done = await complete(hub, part.recalled, work.names)
        route = done.route if done.origin == "machine" else route
        said.append(done.text)
        untouched += done.untouched
        different += _compare(part.german, done.text, work.names)
    return Made(
        "".join(said), work.language, route, tuple(untouched), tuple(dict.fromkeys(different)), ready, work.used
    )


async def _recalled(session: AsyncSession, part: Part, language: str, names: Sequence[str]) -> Part:
    if part.text is not None:
        return part
    return replace(part, recalled=await recall(session, part.german, GERMAN, language, names))
