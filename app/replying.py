"""A colleague's answer to the person: refused where the conversation went on unseen, else queued in their name.

Pages come by `app.answering`, which knows of claims and second readers; so does whoever else says something here.
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit, claims, memory, outbox
from app.cases import access_case, checked_words
from app.errors import BadInput, Conflict, NotFound
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.led import stop
from app.models import Case, Conversation, Message, User
from app.risky import check_may_send_alone
from app.said import answers_in
from app.written import GERMAN, Written, keep_german, names_in, payload_of
from channels.base import MediaFile, Outbound

REPLY_CHARS = 10_000


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
    words = checked_words(text, REPLY_CHARS, may_be_empty=bool(files))
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
    quoted_id = await quoted(session, conversation, quotes)
    await stop(session, case, conversation, user)
    await take_word(session, case, user, conversation)
    outbound = [Outbound(text=words)] if words else []
    outbound += [Outbound(media=file) for file in files]
    outbound = [replace(part, reply_to=quoted_id) for part in outbound[:1]] + outbound[1:]
    answers = answers_in(hub.shelf.library, words, conversation.place or case.place, hub.today)
    payload = payload_of(written) | ({"answers": answers} if answers else {})
    rows = await outbox.queue(hub, session, conversation, outbound, author="staff", user_id=user.id, payload=payload)
    if not rows:  # nothing but characters that no channel can carry
        raise BadInput("Write something first.")
    if written is not None:
        await keep_german(session, user, rows[0], written)
        await _learn(session, user, rows[0], written, words)
    await audit.note(session, user, "replied", case, message=rows[0].id)
    await publish(session, "case", case.id)
    return rows[0]


async def take_word(session: AsyncSession, case: Case, user: User, conversation: Conversation) -> None:
    """This colleague speaks from now on. After `ready` only."""
    conversation.mode = "human"
    if case.assignee_id is None and user.disabled_at is None:
        case.assignee_id = user.id
        await add_event(session, case, "taken", user)
    await claims.drop(session, case.id)
    case.waiting_since = None
    case.conversation_id = conversation.id


async def _learn(session: AsyncSession, user: User, message: Message, written: Written, words: str) -> None:
    """What a colleague put right by hand; what mediators check is learnt where they release it."""
    if written.machine is not None and not written.checked:
        await memory.learn(
            session, source=GERMAN, target=written.language, original=written.german, draft=written.machine, final=words,
            origin="edit", user=user, message_id=message.id, names=names_in(user, written.german),
        )  # fmt: skip


async def quoted(session: AsyncSession, conversation: Conversation, message_id: int | None) -> str | None:
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
