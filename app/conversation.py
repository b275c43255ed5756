"""THE router. A job wakes it; it reads a conversation's new messages in order and puts each through RULES.

The first rule that takes a message ends its turn; the rules' order is the hub's policy, so it is read from top to
bottom. Everything a turn does (state, replies, case) is one transaction with the cursor that marks it as read.
"""

import logging
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, closing, dialogue, leaving, rules, starts
from app.blocking import is_blocked
from app.db import is_away
from app.flow_counts import count_ways
from app.hub import Hub
from app.models import Address, Contact, Conversation, Cursor, Message
from app.topics import answer_or_ask
from app.turn import Turn
from app.window import release

log = logging.getLogger(__name__)

TRIES = 3  # at one message, before a human gets it

Rule = Callable[[Turn], Awaitable[bool]]

RULES: tuple[Rule, ...] = (
    leaving.block_or_unblock,
    leaving.stop_or_start,
    rules.meet_danger,
    rules.keep_silent,
    rules.hear_reaction,
    rules.ignore_second_tap,
    closing.hear_helped,  # before what a thumb, a yes or a number could mean to others
    leaving.delete_my_data,
    leaving.stop_if_meant,
    starts.use_start_code,
    dialogue.follow,
    rules.leave_to_humans,
    rules.greet_first,  # says its words and lets the others answer
    rules.hand_over_media,
    rules.meet_unknown_kind,
    rules.want_human,
    rules.ask_for_human,
    rules.press_button,
    starts.start_link,
    starts.show_my_data,
    starts.start_flow,
    rules.meet_deadline,
    rules.ask_for_language,
    rules.follow_intent,
    answer_or_ask,
)


async def route(hub: Hub, conversation_id: int) -> None:
    """Read everything new in a conversation, in order. What the bot fails at again and again goes to a human."""
    while True:
        try:
            if not await _route_next(hub, conversation_id):
                return
        except Exception as error:
            if is_away(error):
                raise  # the sweep wakes this conversation again
            log.exception("conversation %d: the bot failed at a message", conversation_id)
            await _count_failure(hub, conversation_id)  # and try again now: danger may wait behind this message


async def _route_next(hub: Hub, conversation_id: int) -> bool:
    async with hub.db.transaction() as session:
        # The row's lock waits for messages that are being stored right now, so that none is overlooked.
        conversation = await session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None:  # erased meanwhile
            return False
        cursor = await session.get_one(Cursor, conversation_id)
        message = await _next_unread(session, cursor)
        if message is None:
            return False
        await take_turn(hub, session, conversation, message)
        if conversation.mode != "stopped":
            await release(hub, session, conversation)
        channel = hub.registry.by_id(conversation.channel_id)
        if channel is not None and channel.adapter.limits.read_marks and message.external_id:
            await hub.waker.seen(session, channel.id, message.external_id)
        return await _mark_read(session, cursor, message.seq)


async def _next_unread(session: AsyncSession, cursor: Cursor) -> Message | None:
    return await session.scalar(
        sa.select(Message)
        .where(
            Message.conversation_id == cursor.conversation_id,
            Message.direction == "in",
            Message.seq > cursor.routed_seq,
        )
        .order_by(Message.seq)
        .limit(1)
    )


async def _count_failure(hub: Hub, conversation_id: int) -> None:
    """After the last try the message is handed over and out of the way."""
    async with hub.db.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id, with_for_update=True)
        cursor = await session.get_one(Cursor, conversation_id)
        message = await _next_unread(session, cursor)
        if message is None:
            return
        message.attempts += 1
        if message.attempts < TRIES:
            return
        if conversation.mode == "bot":
            conversation.mode = "waiting"
        await cases.open_case(hub, session, conversation, reason="bot_failed")
        if await _mark_read(session, cursor, message.seq) and conversation.mode != "stopped":
            await release(hub, session, conversation)


async def take_turn(hub: Hub, session: AsyncSession, conversation: Conversation, message: Message) -> None:
    address = await session.get_one(Address, conversation.address_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    turn = Turn(hub, session, conversation, message, address.is_group, is_blocked(contact, hub.now()))
    for rule in RULES:
        if await rule(turn):
            break
    await dialogue.come_back(turn)
    await turn.finish()
    await count_ways(session, turn.ways, turn.today)


async def _mark_read(session: AsyncSession, cursor: Cursor, seq: int) -> bool:
    """Compare and set: a twin of this job that slept through its rescue finds the cursor moved and undoes its turn."""
    moved = await session.execute(
        sa.update(Cursor)
        .where(Cursor.conversation_id == cursor.conversation_id, Cursor.routed_seq == cursor.routed_seq)
        .values(routed_seq=seq)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        await session.rollback()
        return False
    return True


async def check_edit(hub: Hub, message_id: int) -> None:
    """A changed wording is no new turn, but danger in it alerts a human."""
    async with hub.db.transaction() as session:
        message = await session.get(Message, message_id)
        if message is None:
            return
        conversation = await session.get_one(Conversation, message.conversation_id, with_for_update=True)
        address = await session.get_one(Address, conversation.address_id)
        contact = await session.get_one(Contact, conversation.contact_id)
        turn = Turn(hub, session, conversation, message, address.is_group, is_blocked(contact, hub.now()))
        await rules.meet_danger(turn)
        await turn.finish()
