"""In the evening: does every word stand once, with its person and nobody else, in the database and on every screen?"""

import asyncio
from collections import Counter
from time import monotonic

import sqlalchemy as sa

from app.models import Case, CaseEvent, Draft, Message, User
from tests.use.day import MARK, Day, Person
from tests.use.people import sees
from tests.use.screens import PATIENCE, Desk

ORDER = "() => [...document.querySelectorAll('#cards .card')].map(row => row.id).join()"
TABS = """() => Object.fromEntries([...document.querySelectorAll('.tabs .tab')].map(
    tab => [new URL(tab.href).searchParams.get('view'), Number(tab.querySelector('.count').textContent)]))"""
GIVES_UP = ("released", "returned", "team_assigned", "reopened")
"""Who has the case after these, the events alone do not say, or nobody has."""


async def judge(day: Day, desks: list[Desk]) -> None:
    """What is wrong goes into the day's findings."""
    await _settled(day)
    for desk in desks:
        await _page_at_rest(day, desk)
    for person in day.people:
        await _chat(day, person)
        await _stored(day, person)
        for desk in desks:
            await _thread(day, desk, person)
    for desk in desks:
        await _counters(day, desk)
        await _drafts(day, desk)
    await _notes(day)
    await _claims(day)


async def _settled(day: Day) -> None:
    """Until everything that is to leave has left."""
    waits = sa.select(sa.func.count()).where(Message.status.in_(("queued", "sending")))
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        async with day.hub.db.transaction() as session:
            if not await session.scalar(waits):
                return
        await asyncio.sleep(0.3)
    day.findings.append("messages still wait to be sent")


async def _page_at_rest(day: Day, desk: Desk) -> None:
    """A list that nobody touches catches up by itself: its rows stand as those of a list fetched anew."""
    here = desk.page
    fresh = await here.context.new_page()
    await fresh.goto(here.url)
    begin = monotonic()
    while await here.evaluate(ORDER) != await fresh.evaluate(ORDER):
        if monotonic() - begin > PATIENCE:
            day.findings.append(f"{desk.name}: the list at rest is not the newest")
            break
        await asyncio.sleep(0.2)
    await fresh.close()


async def _chat(day: Day, person: Person) -> None:
    own, theirs = await sees(person)
    _compare(day, f"own words in the chat of contact {person.contact_id}", own, person.wrote)
    _compare(day, f"answers in the chat of contact {person.contact_id}", theirs, person.got)


async def _stored(day: Day, person: Person) -> None:
    theirs = sa.select(Case.conversation_id).where(Case.contact_id == person.contact_id)
    query = sa.select(Message.text).where(Message.conversation_id.in_(theirs), Message.author.in_(("contact", "staff")))
    async with day.hub.db.transaction() as session:
        found = Counter(text for text in await session.scalars(query) if text)
    _compare(day, f"messages of contact {person.contact_id} in the database", found, person.wrote + person.got)


async def _thread(day: Day, desk: Desk, person: Person) -> None:
    case = await day.case_of(person)
    assert case is not None
    desk.case_id = 0
    await desk.screen.goto(f"/inbox/{case.id}?older=1")
    words = await desk.page.locator("#thread .message .words").all_text_contents()
    found = Counter(text.strip() for text in words if MARK in text)
    _compare(day, f"{desk.name}'s page of contact {person.contact_id}", found, person.wrote + person.got)


async def _counters(day: Day, desk: Desk) -> None:
    await desk.to_list()
    shown = await desk.page.evaluate(TABS)
    async with day.hub.db.transaction() as session:
        rows = (
            await session.execute(sa.select(Case.status, User.name).outerjoin(User, Case.assignee_id == User.id))
        ).all()
    opened = [name for status, name in rows if status == "open"]
    mine = sum(1 for name in opened if name and name.startswith(desk.name))
    closed = sum(1 for status, _ in rows if status == "closed")
    counted = {
        "mine": mine,
        "unassigned": sum(1 for name in opened if name is None),
        "all": len(opened),
        "closed": closed,
    }
    wrong = {view: (shown.get(view), count) for view, count in counted.items() if shown.get(view) != count}
    if wrong:
        day.findings.append(f"{desk.name}: counters (shown, counted): {wrong}")


async def _drafts(day: Day, desk: Desk) -> None:
    wanted = {case_id: text for (name, case_id), text in day.drafts.items() if name == desk.name}
    query = sa.select(Draft.case_id, Draft.text).join(User, Draft.user_id == User.id)
    query = query.where(User.name.startswith(desk.name), Draft.kind == "reply")
    async with day.hub.db.transaction() as session:
        kept = {row.case_id: row.text for row in await session.execute(query)}
    if kept != wanted:
        gone, extra = wanted.keys() - kept.keys(), kept.keys() - wanted.keys()
        other = [each for each in kept.keys() & wanted.keys() if kept[each] != wanted[each]]
        day.findings.append(f"{desk.name}: drafts gone {gone}, too many {extra}, changed {other}")


async def _notes(day: Day) -> None:
    async with day.hub.db.transaction() as session:
        texts = await session.scalars(sa.select(CaseEvent.text).where(CaseEvent.text.is_not(None)))
        _compare(day, "notes", Counter(text for text in texts if text and MARK in text), day.notes)


async def _claims(day: Day) -> None:
    """Nobody takes what another has."""
    query = sa.select(CaseEvent.case_id, CaseEvent.kind, CaseEvent.user_id, CaseEvent.data)
    async with day.hub.db.transaction() as session:
        events = (await session.execute(query.order_by(CaseEvent.case_id, CaseEvent.id))).all()
        ids = {name: id_ for id_, name in (await session.execute(sa.select(User.id, User.name))).all()}
    holder: dict[int, int | None] = {}
    for case_id, kind, user_id, data in events:
        if kind == "taken":
            if holder.get(case_id) is not None:
                day.findings.append(f"case {case_id} was taken while somebody had it")
            holder[case_id] = user_id
        elif kind == "assigned":
            holder[case_id] = ids[data["to"]]
        elif kind in GIVES_UP:
            holder[case_id] = None


def _compare(day: Day, where: str, found: Counter[str], wanted: Counter[str]) -> None:
    """Only numbers are told, as everywhere."""
    if found == wanted:
        return
    lost, doubled = wanted - found, found - wanted
    day.findings.append(f"{where}: lost {_numbers(lost)}, too many {_numbers(doubled)}")


def _numbers(texts: Counter[str]) -> list[str]:
    return [text.rpartition(MARK)[2] for text in texts.elements()]
