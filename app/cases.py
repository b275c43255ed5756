"""Matters handed to humans: opened by the router, taken, answered, noted and closed by staff.

Every staff function takes the acting user and authorises through `access_case`; what they do shows in the thread.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app import audit, claims, news, outbox
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.feed import publish
from app.history import add_event, reopen_latest
from app.hub import Hub
from app.models import Alert, Case, CaseEvent, Conversation, Message, Setting, User
from app.rights import ANSWERING_ROLES, visible_cases
from app.risky import check_may_send_alone
from app.said import answers_in
from app.written import Written, keep_german, payload_of
from channels.base import MediaFile, Outbound

STAFF_CHAT = "staff_chat"  # setting: {"channel": name, "chat_id": "…"}
NOTE_CHARS = 10_000
TIMEZONE = ZoneInfo("Europe/Berlin")  # "today" of dates and figures
REPLY_CHARS = 10_000


async def access_case(session: AsyncSession, user: User, case_id: int, *, lock: bool = False) -> Case:
    """The case with its contact and assignee, if this user may see it (`app.rights`). Raises NotAllowed, NotFound."""
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    query = sa.select(Case).where(Case.id == case_id, visible_cases(user))
    query = query.options(joinedload(Case.contact), joinedload(Case.assignee))
    if lock:
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
    case.conversation_id = conversation.id
    case.needs = list(dict.fromkeys([*case.needs, *needs]))
    case.waiting_since = case.waiting_since or hub.now()
    case.deadline = min(filter(None, (case.deadline, deadline)), default=None)
    case.team = team or case.team
    await wake_up(session, case)
    new_danger = [name for name in danger if name not in case.danger]
    if urgent and (case.urgency != "urgent" or new_danger):
        case.urgency = "urgent"
        case.danger = [*case.danger, *new_danger]
        restart_alarm(hub, case)
        await add_event(session, case, "urgent", data={"danger": list(danger)})
        await alert(hub, session, case=case, reason="danger" if danger else "deadline")
        await news.tell_all(hub, session, case)
    await news.tell_assignee(hub, session, case)
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


async def reply(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    text: str,
    seen_seq: int,
    files: Sequence[MediaFile] = (),
    quotes: int | None = None,
    read: bool = False,
    written: Written | None = None,
) -> Message:
    """Answer the person at the address of `conversation_id`.

    `seen_seq` is the last message that the writer saw. `quotes`: the message that the reply is shown under, where the
    channel can do that. `read`: a second person has read it, where the topic asks for one, or the writer may do without.
    `written`: the German, where `text` is its translation.
    """
    case = await access_case(session, user, case_id, lock=True)
    conversation = await ready(session, case, conversation_id, seen_seq)
    if not read:
        await check_may_send_alone(session, case)
    words = text.strip().replace("\r\n", "\n") if files else checked_words(text, REPLY_CHARS)
    return await say(hub, session, case, user, conversation, words, files, quotes, written)


async def ready(session: AsyncSession, case: Case, conversation_id: int, seen_seq: int) -> Conversation:
    """The conversation, locked, where something may be said in it by somebody who saw it up to `seen_seq`.

    Raises Conflict (detail: `last_seq`) where something newer came in or was said since: nobody answers to half of a
    conversation, and no two colleagues answer at once. The caller holds the case's lock.
    """
    if case.status == "closed":
        raise Conflict("This case is closed.")
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    if conversation.mode == "stopped":
        raise Conflict("This person does not want messages here any more.")
    newest = await _newest_said(session, conversation.id)
    if newest > seen_seq:
        raise Conflict("The conversation went on while you wrote.", last_seq=newest)
    return conversation


async def say(
    hub: Hub,
    session: AsyncSession,
    case: Case,
    user: User,
    conversation: Conversation,
    words: str,
    files: Sequence[MediaFile] = (),
    quotes: int | None = None,
    written: Written | None = None,
) -> Message:
    """Queue a checked reply in this colleague's name; a case without anybody becomes theirs. After `ready` only."""
    quoted = await _quoted(session, conversation, quotes)
    conversation.mode = "human"
    # What the bot had asked is over: the person's next "yes" is meant for the colleague, and must not delete anything.
    conversation.state = {key: value for key, value in conversation.state.items() if key != "pending"}
    if case.assignee_id is None and user.disabled_at is None:
        case.assignee_id = user.id
        await add_event(session, case, "taken", user)
    await claims.drop(session, case.id)
    case.waiting_since = None
    case.conversation_id = conversation.id
    outbound = [Outbound(text=words)] if words else []
    outbound += [Outbound(media=file) for file in files]
    outbound = [replace(part, reply_to=quoted) for part in outbound[:1]] + outbound[1:]
    answers = answers_in(
        hub.shelf.library, words, conversation.place or case.place, hub.now().astimezone(TIMEZONE).date()
    )
    payload = payload_of(written) | ({"answers": answers} if answers else {})
    rows = await outbox.queue(hub, session, conversation, outbound, author="staff", user_id=user.id, payload=payload)
    if not rows:  # nothing but characters that no channel can carry
        raise BadInput("Write something first.")
    if written is not None:
        await keep_german(session, user, rows[0], written)
    await audit.note(session, user, "replied", case, message=rows[0].id)
    await publish(session, "case", case.id)
    return rows[0]


async def _quoted(session: AsyncSession, conversation: Conversation, message_id: int | None) -> str | None:
    """The provider's id of the message that is quoted."""
    if message_id is None:
        return None
    message = await session.get(Message, message_id)
    if message is None or message.conversation_id != conversation.id or message.external_id is None:
        raise BadInput("The message that you answer belongs to another conversation.")
    return message.external_id


async def _newest_said(session: AsyncSession, conversation_id: int) -> int:
    """The newest message that a writer must have seen: anything by the person or a colleague, not delivery news."""
    newest = await session.scalar(
        sa.select(sa.func.max(Message.seq)).where(
            Message.conversation_id == conversation_id,
            sa.or_(Message.direction == "in", Message.author.in_(("staff", "bot"))),
        )
    )
    return newest or 0


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


def checked_words(text: str, limit: int) -> str:
    words = text.strip().replace("\x00", "").replace("\r\n", "\n")  # as forms send line breaks
    if not words:
        raise BadInput("Write something first.")
    if len(words) > limit:
        raise BadInput("That is too long: at most {limit} characters.", limit=limit)
    return words
