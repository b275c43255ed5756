"""One deed for many chosen cases at once, and its undoing.

Every case has its own transaction, lock and check of rights, so that one which can't be changed holds up no other. What
was before travels sealed in the page's undo form. It is restored only where nothing has happened to the case since.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app import closing, handing, later, second_reader, snooze
from app.cases import access_case
from app.crypto import WrongSecretKey
from app.errors import BadInput, Conflict, HubError
from app.feed import publish
from app.filters import visible
from app.history import add_event
from app.hub import Hub
from app.models import Case, CaseEvent, Conversation, User

MOST = 100  # cases at once: two pages of the list
UNDO_WITHIN = timedelta(hours=1)
PLAIN = ("status", "assignee_id", "outcome", "tags")
TIMES = ("snoozed_until", "waiting_since", "closed_at")

KINDS = ("assign", "snooze", "close", "tag")


@dataclass(frozen=True, slots=True)
class Deed:
    """What to do, as the form has it; each kind reads its own fields."""

    kind: str
    to_id: int = 0
    until: str = ""
    day: date | None = None
    outcome: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`name` is empty where the user may not know of the case."""

    name: str
    error: HubError


@dataclass(frozen=True, slots=True)
class Outcome:
    done: int
    refused: tuple[Refusal, ...]
    sealed: str = ""  # for `undo`; empty where nothing changed


async def apply(hub: Hub, user: User, chosen: Mapping[int, int | None], deed: Deed) -> Outcome:
    """`chosen`: case -> who had it on the page, None for nobody."""
    visible(user)
    if deed.kind not in KINDS:
        raise BadInput("Please choose what to do.")
    if not chosen:
        raise BadInput("Please choose cases first.")
    if len(chosen) > MOST:
        raise BadInput("That is too much at once: at most {limit} cases.", limit=MOST)
    done, refused, former = 0, list[Refusal](), list[dict[str, Any]]()
    for case_id in sorted(chosen):
        name = ""
        try:
            async with hub.db.transaction() as session:
                case = await access_case(session, user, case_id, lock=True)
                name = case.contact.name
                before = await _state(session, case)
                await _do(hub, session, user, case, chosen[case_id], deed)
                await session.flush()
                if await _state(session, case) != before:
                    former.append({"id": case_id, "name": name, "was": before, "mark": await _mark(session, case)})
        except HubError as error:
            refused.append(Refusal(name, error))
        else:
            done += 1
    return Outcome(done, tuple(refused), _seal(hub, user, former) if former else "")


async def _do(hub: Hub, session: AsyncSession, user: User, case: Case, seen: int | None, deed: Deed) -> None:
    match deed.kind:
        case "assign":
            await handing.assign(hub, session, user, case.id, to_id=deed.to_id, seen_assignee_id=seen)
        case "snooze":
            until = snooze.when(hub, case.place, deed.until, deed.day)
            await snooze.snooze(hub, session, user, case.id, until=until)
        case "close":
            if case.status == "closed":
                raise Conflict("This case is closed.")
            # They would become drafts, which no undo could turn back.
            if await later.waiting(session, case.id):
                raise Conflict("A reply waits here to be sent later. Please close this case by itself.")
            if await second_reader.pending_of(session, user, case.id):
                raise Conflict("A reply waits here for a second reader. Please close this case by itself.")
            await closing.close(hub, session, user, case.id, outcome=deed.outcome)
        case "tag":
            await handing.tag(hub, session, user, case.id, deed.tag)


async def undo(hub: Hub, user: User, sealed: str) -> tuple[int, tuple[str, ...]]:
    """How many cases are again as they were, and the names of those that were left alone."""
    visible(user)
    restored, left = 0, list[str]()
    for former in _unseal(hub, user, sealed):
        try:
            async with hub.db.transaction() as session:
                case = await access_case(session, user, former["id"], lock=True)
                await _restore(session, user, case, former)
        except (HubError, IntegrityError):  # IntegrityError: the person has another open case by now
            left.append(former["name"])
        else:
            restored += 1
    return restored, tuple(left)


async def _restore(session: AsyncSession, user: User, case: Case, former: Mapping[str, Any]) -> None:
    conversations = await _conversations(session, case)
    if await _mark(session, case) != former["mark"]:
        raise Conflict("Somebody has changed this case since.")
    was = former["was"]
    for name in PLAIN:
        setattr(case, name, was[name])
    for name in TIMES:
        setattr(case, name, datetime.fromisoformat(was[name]) if was[name] else None)
    for conversation in conversations:
        mode, misses = was["modes"][str(conversation.id)]
        if mode != conversation.mode:
            conversation.mode = mode
            conversation.state = conversation.state | ({"misses": misses} if misses is not None else {})
            await publish(session, "conversation", conversation.id)
    await add_event(session, case, "undone", user)
    await publish(session, "case", case.id)


async def _state(session: AsyncSession, case: Case) -> dict[str, Any]:
    """What the deeds change, in a form that JSON can hold."""
    times = {name: getattr(case, name) for name in TIMES}
    modes = {str(each.id): [each.mode, each.state.get("misses")] for each in await _conversations(session, case)}
    return {
        **{name: getattr(case, name) for name in PLAIN},
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "modes": modes,
    }


async def _mark(session: AsyncSession, case: Case) -> list[Any]:
    """Differs as soon as the case's row, its history or who speaks in its conversations has changed.

    `xmin` is PostgreSQL's own version of a row: the transaction that wrote it last.
    """
    row = await session.scalar(sa.select(sa.literal_column("cases.xmin::text")).where(Case.id == case.id))
    event = await session.scalar(sa.select(sa.func.max(CaseEvent.id)).where(CaseEvent.case_id == case.id))
    return [row, event, [[each.id, each.mode] for each in await _conversations(session, case)]]


async def _conversations(session: AsyncSession, case: Case) -> Sequence[Conversation]:
    query = sa.select(Conversation).where(Conversation.contact_id == case.contact_id).order_by(Conversation.id)
    return (await session.scalars(query.with_for_update())).all()


def _seal(hub: Hub, user: User, former: Sequence[Mapping[str, Any]]) -> str:
    content = {"user": user.id, "at": hub.now().isoformat(), "cases": former}
    return hub.vault.encrypt(json.dumps(content)).decode()


def _unseal(hub: Hub, user: User, sealed: str) -> list[dict[str, Any]]:
    try:
        content: dict[str, Any] = json.loads(hub.vault.decrypt(sealed.encode()))
        mine = content["user"] == user.id and hub.now() - datetime.fromisoformat(content["at"]) < UNDO_WITHIN
        cases: list[dict[str, Any]] = content["cases"]
    except (WrongSecretKey, ValueError, KeyError, TypeError):
        mine = False
    if not mine:
        raise BadInput("This can't be undone any more.")
    return cases
