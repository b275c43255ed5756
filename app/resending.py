"""What a colleague decides about a message that failed, or of which nobody knows whether it arrived."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from app import outbox
from app.cases import access_case
from app.errors import Conflict, NotFound
from app.feed import publish
from app.history import add_event
from app.hub import Hub
from app.linking import LINK
from app.models import Case, Conversation, Media, Message, User
from app.written import TRANSLATED, copy_german
from channels.base import Button, MediaFile, Outbound

OPEN = ("failed", "uncertain")
SETTLED = "settled"  # key of the payload: 'again', 'arrived' or 'other_way'


async def send_again(hub: Hub, session: AsyncSession, user: User, case_id: int, message_id: int) -> Message:
    """A new message with the same content, and the parts that were to follow; the old one stays as it was.

    Only the first of two colleagues who press at once sends.
    """
    case, message = await _access_message(session, user, case_id, message_id)
    if case.status == "closed":
        raise Conflict("This case is closed.")
    conversation = await session.get_one(Conversation, message.conversation_id, with_for_update=True)
    if conversation.mode == "stopped":
        raise Conflict("This person does not want messages here any more.")
    if "template" in message.payload:
        raise Conflict("The hub sends these words by itself when they are needed.")
    parts = [message, *await _followers(session, message)]
    payload = {key: value for key, value in message.payload.items() if key in ("answers", "asks", TRANSLATED)}
    rows = await outbox.queue(
        hub,
        session,
        conversation,
        [_outbound(part) for part in parts],
        author=message.author,
        user_id=user.id if message.author == "staff" else None,
        payload=payload,
    )
    await copy_german(session, message.id, rows[0].id)
    await _settle(session, case, message, "again", user)
    return rows[0]


async def send_other_way(
    hub: Hub, session: AsyncSession, user: User, case_id: int, message_id: int, conversation_id: int
) -> Message:
    """The same words and file to another address of the same person; from then on the talk goes on there."""
    case, message = await _access_message(session, user, case_id, message_id)
    if case.status == "closed":
        raise Conflict("This case is closed.")
    if "template" in message.payload:
        raise Conflict("The hub sends these words by itself when they are needed.")
    other = await session.get(Conversation, conversation_id, with_for_update=True)
    if other is None or other.contact_id != case.contact_id or other.id == message.conversation_id:
        raise NotFound("There is no such conversation in this case.")
    if other.mode == "stopped":
        raise Conflict("This person does not want messages here any more.")
    parts = [message, *await _followers(session, message)]
    rows = await outbox.queue(
        hub,
        session,
        other,
        [replace(_outbound(part), reply_to=None) for part in parts],
        author=message.author,
        user_id=user.id if message.author == "staff" else None,
        payload={key: value for key, value in message.payload.items() if key in ("answers", TRANSLATED)},
    )
    if message.author == "staff":
        other.mode = "human"
        case.conversation_id = other.id
    await copy_german(session, message.id, rows[0].id)
    await _settle(session, case, message, "other_way", user)
    return rows[0]


async def it_arrived(hub: Hub, session: AsyncSession, user: User, case_id: int, message_id: int) -> Message:
    """The colleague knows from the person that they have it."""
    case, message = await _access_message(session, user, case_id, message_id)
    message.status = "delivered"
    message.error = message.error_detail = None
    await _settle(session, case, message, "arrived", user)
    return message


async def _access_message(session: AsyncSession, user: User, case_id: int, message_id: int) -> tuple[Case, Message]:
    case = await access_case(session, user, case_id, lock=True)
    message = await session.scalar(
        sa.select(Message)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(Message.id == message_id, Message.direction == "out", Conversation.contact_id == case.contact_id)
        .with_for_update(of=Message)
        .options(selectinload(Message.media).options(undefer(Media.content)))
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise NotFound("There is no such message in this case.")
    if message.status not in OPEN or SETTLED in message.payload:
        raise Conflict("This message has been settled already.")
    return case, message


async def _followers(session: AsyncSession, message: Message) -> list[Message]:
    """What was not sent because this part failed."""
    group = message.payload.get("group")
    if message.status != "failed" or group is None:
        return []
    rows = await session.scalars(
        sa.select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.status == "cancelled",
            Message.seq > message.seq,
            Message.payload["group"].astext == group,
        )
        .order_by(Message.seq)
        .options(selectinload(Message.media).options(undefer(Media.content)))
    )
    return list(rows)


def _outbound(message: Message) -> Outbound:
    file = next((media for media in message.media if media.content is not None), None)
    return Outbound(
        text=(message.text or "").removesuffix(message.payload.get(LINK, "")).strip(),
        buttons=tuple(Button(**button) for button in message.payload.get("buttons", ())),
        media=MediaFile(file.content or b"", file.mime or "", file.name) if file else None,
        reply_to=message.reply_to,
        list_label=message.payload.get("list_label", "…"),
    )


async def _settle(session: AsyncSession, case: Case, message: Message, how: str, user: User) -> None:
    message.payload = message.payload | {SETTLED: how}
    if await _answers_all(session, case, message):
        case.waiting_since = None
    await add_event(session, case, f"message_{how}", user)
    await publish(session, "conversation", message.conversation_id)
    await publish(session, "case", case.id)


async def _answers_all(session: AsyncSession, case: Case, message: Message) -> bool:
    """Whether nobody waits any more: a colleague's words, or those whose failure alone had opened the case, and the person
    has not written since."""
    if message.author != "staff" and case.reason not in ("delivery_failed", "delivery_uncertain"):
        return False
    mine = sa.select(Conversation.id).where(Conversation.contact_id == case.contact_id)
    since = sa.select(Message.id).where(
        Message.conversation_id.in_(mine),
        Message.direction == "in",
        Message.kind != "reaction",
        sa.or_(
            sa.and_(Message.conversation_id == message.conversation_id, Message.seq > message.seq),
            Message.created_at > message.created_at,
        ),
    )
    return await session.scalar(since.limit(1)) is None
