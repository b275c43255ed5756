"""Matters handed to humans: opened by the router, taken, answered, noted and closed by staff.

Every staff function takes the acting user and authorises through `access_case`; what they do shows in the thread.
"""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app import claims, news, readings
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.feed import publish
from app.history import add_event, reopen_latest
from app.hub import Hub
from app.locks import hold_conversations
from app.models import Alert, Case, CaseEvent, Conversation, Setting, User
from app.rights import ANSWERING_ROLES, visible_cases

STAFF_CHAT = "staff_chat"  # setting: {"channel": name, "chat_id": "…"}
NOTE_CHARS = 10_000


async def access_case(session: AsyncSession, user: User, case_id: int, *, lock: bool = False) -> Case:
    """The case with its contact and assignee, if this user may see it (`app.rights`). Raises NotAllowed, NotFound.

    `lock`: with the person's conversations, in the order of `app.locks`.
    """
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    seen = (Case.id == case_id, visible_cases(user))
    query = sa.select(Case).where(*seen).options(joinedload(Case.contact), joinedload(Case.assignee))
    if lock:
        await hold_conversations(session, sa.select(Case.contact_id).where(*seen).scalar_subquery())
        query = query.with_for_update(of=Case)
    case = await session.scalar(query.execution_options(populate_existing=True))
    if case is None:
        raise NotFound("There is no such case.")
    return case


async def open_case(
    hub: Hub,
    session: AsyncSession,
    conversation: Conversation,
    *,
    reason: str,
    needs: Sequence[str] = (),
    danger: Sequence[str] = (),
    urgent: bool = False,
    deadline: date | None = None,
    team: str | None = None,
) -> Case:
    """The contact's open case, made or brought up to date with what just happened. Urgent ones alert people.

    One that was closed in the last days is opened again instead. Of several deadlines the nearest counts.
    """
    await reopen_latest(hub, session, conversation.contact_id, reason=reason)
    inserted = await session.scalar(
        insert(Case)
        .values(
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            reason=reason,
            place=conversation.place,
            waiting_since=hub.now(),
        )
        .on_conflict_do_nothing(index_elements=["contact_id"], index_where=sa.text("status <> 'closed'"))
        .returning(Case.id)
    )
    case = (
        await session.scalars(
            sa.select(Case).where(Case.contact_id == conversation.contact_id, Case.status != "closed").with_for_update()
        )
    ).one()
    if inserted:
        await add_event(session, case, "opened", data={"reason": reason})
    waited = not inserted and case.waiting_since is not None
    case.conversation_id = conversation.id
    case.needs = list(dict.fromkeys([*case.needs, *needs]))
    case.waiting_since = case.waiting_since or hub.now()
    case.deadline = min(filter(None, (case.deadline, deadline)), default=None)
    case.team = team or case.team
    await wake_up(session, case)
    new_danger = [name for name in danger if name not in case.danger]
    # Danger again, after the first was answered or the person blocked, is a new call; while one is out it is the same.
    if urgent and (case.urgency != "urgent" or new_danger or (danger and not waited)):
        case.urgency = "urgent"
        case.danger = [*case.danger, *new_danger]
        restart_alarm(hub, case)
        await add_event(session, case, "urgent", data={"danger": list(danger)})
        await alert(hub, session, case=case, reason="danger" if danger else "deadline")
        await news.tell_all(hub, session, case)
    await news.tell_assignee(hub, session, case)
    await readings.wake_all(hub, session, case.contact_id)
    await publish(session, "case", case.id)
    return case


async def alert(
    hub: Hub,
    session: AsyncSession,
    *,
    reason: str,
    case: Case | None = None,
    conversation: Conversation | None = None,
    step: int = 0,
) -> int:
    """Queue a content-free call for a human on every way that is set up; jobs send it. On how many ways that was.

    Whom a mail goes to, `app.escalating` says: with each `step` to more people.
    """
    ways = ["email"] if hub.settings.smtp_url and (case is not None or hub.settings.alert_email) else []
    if await session.get(Setting, STAFF_CHAT) is not None:
        ways.append("staff_chat")
    for way in ways:
        row = Alert(
            case_id=case.id if case else None,
            conversation_id=conversation.id if conversation else None,
            way=way,
            step=step,
            reason=reason,
        )
        session.add(row)
        await session.flush()
        await hub.waker.alert(session, row.id)
    return len(ways)


def restart_alarm(hub: Hub, case: Case) -> None:
    """The call for a human about an urgent case begins (again), and widens from now on while nobody takes it."""
    if case.urgency == "urgent":
        case.alarmed_at, case.alarm_step = hub.now(), 0


async def person_wrote(hub: Hub, session: AsyncSession, conversation: Conversation) -> Case | None:
    """A message for humans came in: the open case waits again. None where there is no open case."""
    case = await session.scalar(
        sa.select(Case).where(Case.contact_id == conversation.contact_id, Case.status != "closed").with_for_update()
    )
    if case is None:
        return None
    case.conversation_id = conversation.id
    case.waiting_since = case.waiting_since or hub.now()
    await wake_up(session, case)
    await news.tell_assignee(hub, session, case)
    await publish(session, "case", case.id)
    return case


async def open_case_of(session: AsyncSession, contact_id: int) -> Case | None:
    return await session.scalar(sa.select(Case).where(Case.contact_id == contact_id, Case.status != "closed"))


async def take(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Case:
    """Make the case mine. Raises Conflict where a colleague was faster."""
    case = await access_case(session, user, case_id, lock=True)
    if case.status == "closed":
        raise Conflict("This case is closed.")
    if case.assignee_id == user.id:
        return case
    if case.assignee_id is not None:
        # Asked for anew: the row that the lock waited for has changed, but not what was joined to it before the wait.
        colleague = await session.get_one(User, case.assignee_id)
        raise Conflict("{name} has already taken this case.", name=colleague.name)
    case.assignee_id = user.id
    await claims.drop(session, case.id)
    await set_modes(session, case, from_modes=("bot", "waiting"), to="human")
    await add_event(session, case, "taken", user)
    await publish(session, "case", case.id)
    return case


async def release(hub: Hub, session: AsyncSession, user: User, case_id: int) -> Case:
    """Back to everybody: nobody has it, the person still waits for a human."""
    case = await access_case(session, user, case_id, lock=True)
    if case.status == "closed" or case.assignee_id is None:
        return case
    await to_pool(hub, session, case, "released", user)
    return case


async def to_pool(
    hub: Hub,
    session: AsyncSession,
    case: Case,
    kind: str,
    user: User | None = None,
    *,
    data: dict[str, object] | None = None,
) -> None:
    """Nobody has the case any more, which its caller has locked; `kind` says in its history why."""
    case.assignee_id = None
    restart_alarm(hub, case)
    await set_modes(session, case, from_modes=("human",), to="waiting")
    await add_event(session, case, kind, user, data=data)
    await publish(session, "case", case.id)


async def note(hub: Hub, session: AsyncSession, user: User, case_id: int, text: str) -> CaseEvent:
    """An internal note: only staff ever read it."""
    case = await access_case(session, user, case_id, lock=True)
    event = await add_event(session, case, "note", user, text=checked_words(text, NOTE_CHARS))
    await publish(session, "case", case.id)
    return event


async def close(hub: Hub, session: AsyncSession, user: User, case_id: int, *, outcome: str | None = None) -> Case:
    """The matter is settled: the bot speaks again in the person's conversations."""
    case = await access_case(session, user, case_id, lock=True)
    if case.status == "closed":
        return case
    case.status = "closed"
    case.closed_at = hub.now()
    case.outcome = outcome
    case.snoozed_until = None
    case.waiting_since = None
    await set_modes(session, case, from_modes=("human", "waiting"), to="bot")
    await add_event(session, case, "closed", user, data={"outcome": outcome} if outcome else {})
    await publish(session, "case", case.id)
    return case


async def wake_up(session: AsyncSession, case: Case, user: User | None = None) -> None:
    """A snoozed case is open again, because the person wrote, its time has come, or a colleague (`user`) wants it."""
    if case.status == "snoozed":
        case.status = "open"
        case.snoozed_until = None
        await add_event(session, case, "woken", user)


async def set_modes(session: AsyncSession, case: Case, *, from_modes: Sequence[str], to: str) -> None:
    """Who speaks in the contact's conversations; stopped ones stay stopped."""
    rows = await session.scalars(
        sa.select(Conversation).where(Conversation.contact_id == case.contact_id).with_for_update()
    )
    for conversation in rows:
        if conversation.mode in from_modes:
            conversation.mode = to
            conversation.state = {key: value for key, value in conversation.state.items() if key != "misses"}
            await publish(session, "conversation", conversation.id)


def checked_words(text: str, limit: int, *, may_be_empty: bool = False) -> str:
    words = text.strip().replace("\x00", "").replace("\r\n", "\n")  # as forms send line breaks
    if not words and not may_be_empty:
        raise BadInput("Write something first.")
    if len(words) > limit:
        raise BadInput("That is too long: at most {limit} characters.", limit=limit)
    return words
