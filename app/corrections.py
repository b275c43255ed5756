"""What staff put right about a person and a matter: needs, deadline, urgency, language, place, facts.

Every change is a quiet line in the thread and an entry in the audit, both by `add_event`.
"""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import access_case, checked_words, restart_alarm
from app.errors import BadInput, Conflict
from app.facts import facts_of, forget, learn
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.models import Case, Conversation, User
from flows.model import ANSWER_LANGUAGES, UNDERSTOOD_LANGUAGES

MOST_NEEDS = 12
REASON_CHARS = 300
URGENT_WITHIN = timedelta(days=7)
LONGEST_AHEAD = timedelta(days=3660)
TWO_SCRIPTS = frozenset({"bg", "uk", "ru"})  # written in Cyrillic letters, and by many in Latin ones


async def add_need(hub: Hub, session: AsyncSession, user: User, case_id: int, topic: str) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    if topic not in hub.shelf.library.entries:
        raise BadInput("There is no such topic.")
    if topic in case.needs:
        return case
    if len(case.needs) >= MOST_NEEDS:
        raise BadInput("A case can have {limit} needs at most.", limit=MOST_NEEDS)
    case.needs = [*case.needs, topic]
    return await _note(session, case, user, "need_added", topic=topic)


async def remove_need(hub: Hub, session: AsyncSession, user: User, case_id: int, topic: str) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    if topic not in case.needs:
        return case
    case.needs = [each for each in case.needs if each != topic]
    return await _note(session, case, user, "need_removed", topic=topic)


async def make_main(hub: Hub, session: AsyncSession, user: User, case_id: int, topic: str) -> Case:
    """The main need is the first."""
    case = await access_case(session, user, case_id, lock=True)
    if topic not in case.needs:
        raise Conflict("A colleague has just changed this. Please look again.")
    if case.needs[0] == topic:
        return case
    case.needs = [topic, *(each for each in case.needs if each != topic)]
    return await _note(session, case, user, "need_main", topic=topic)


async def set_deadline(
    hub: Hub, session: AsyncSession, user: User, case_id: int, *, day: date | None, seen: date | None, today: date
) -> Case:
    """`seen`: the deadline on the page that the colleague had. One that is near makes the case urgent."""
    case = await access_case(session, user, case_id, lock=True)
    if case.deadline != seen:
        raise Conflict("A colleague has just changed this. Please look again.")
    if day == case.deadline:
        return case
    if day is not None and not today <= day <= today + LONGEST_AHEAD:
        raise BadInput("The deadline must lie ahead.")
    case.deadline = day
    if day is None:
        return await _note(session, case, user, "deadline_removed")
    await add_event(session, case, "deadline_set", user, data={"date": day.isoformat()})
    if day - today <= URGENT_WITHIN and case.urgency != "urgent" and case.status != "closed":
        case.urgency = "urgent"
        restart_alarm(hub, case)
        await add_event(session, case, "raised", user)
    await publish(session, "case", case.id)
    return case


async def set_urgency(hub: Hub, session: AsyncSession, user: User, case_id: int, *, urgent: bool, reason: str) -> Case:
    """With a reason. What is not urgent any more would alert again, if the person wrote of danger again."""
    case = await access_case(session, user, case_id, lock=True)
    if (case.urgency == "urgent") is urgent:
        return case
    words = checked_words(reason, REASON_CHARS)
    case.urgency = "urgent" if urgent else "normal"
    restart_alarm(hub, case)
    if not urgent:
        case.danger = []
    await add_event(session, case, "raised" if urgent else "lowered", user, text=words)
    await publish(session, "case", case.id)
    return case


async def set_language(hub: Hub, session: AsyncSession, user: User, case_id: int, language: str) -> Case:
    """The bot answers in it from now on. In a language without answers it will ask which one they accept."""
    case = await access_case(session, user, case_id, lock=True)
    if language not in UNDERSTOOD_LANGUAGES:
        raise BadInput("Please choose a language.")
    for talk in await _conversations(session, case):
        state = {key: value for key, value in talk.state.items() if key not in ("language_chosen", "language_hint")}
        if language in ANSWER_LANGUAGES:
            state["language_chosen"] = language
        if talk.language != language and language not in TWO_SCRIPTS:
            talk.script = "Latn"
        talk.language, talk.state = language, state
        await publish(session, "conversation", talk.id)
    return await _note(session, case, user, "language_set", language=language)


async def set_place(hub: Hub, session: AsyncSession, user: User, case_id: int, place: str) -> Case:
    """Of the case and the person; where a dialogue had learnt another one, that is put right too."""
    case = await access_case(session, user, case_id, lock=True)
    if place not in hub.shelf.library.places:
        raise BadInput("Please choose a place.")
    case.place = place
    for talk in await _conversations(session, case):
        talk.place = place
        await publish(session, "conversation", talk.id)
    if "place" in await facts_of(session, case.contact_id):
        await learn(session, case.contact_id, "place", place, "staff")
    return await _note(session, case, user, "place_set", place=place)


async def forget_fact(hub: Hub, session: AsyncSession, user: User, case_id: int, key: str) -> Case:
    case = await access_case(session, user, case_id, lock=True)
    if key not in await facts_of(session, case.contact_id):
        return case
    await forget(session, case.contact_id, key)
    return await _note(session, case, user, "fact_removed", fact=key)


async def _conversations(session: AsyncSession, case: Case) -> list[Conversation]:
    query = sa.select(Conversation).where(Conversation.contact_id == case.contact_id).order_by(Conversation.id)
    return list(await session.scalars(query.with_for_update().execution_options(populate_existing=True)))


async def _note(session: AsyncSession, case: Case, user: User, kind: str, **data: object) -> Case:
    await add_event(session, case, kind, user, data=data)
    await publish(session, "case", case.id)
    return case
