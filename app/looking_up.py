"""'Look it up': what the provider knows of a message of which nobody knows whether it left. Twilio can tell; others can't."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import reconcile
from app.cases import access_case
from app.errors import Conflict, NotFound
from app.feed import publish
from app.hub import Hub
from app.models import Conversation, Message, User
from channels.base import SendError
from channels.twilio import Twilio

LOOKED_UP = "looked_up"  # key of the payload: when the provider said that it does not have the message
TOO_OLD = timedelta(days=7)  # and Twilio lists the newest hundred to an address


async def look_up(hub: Hub, session: AsyncSession, user: User, case_id: int, message_id: int) -> None:
    """Asked without a lock held: the answer takes seconds. What was settled meanwhile stays as it is.

    Columns are read, no row: the caller's session would go on showing it as it was.
    """
    case = await access_case(session, user, case_id)
    message = (
        await session.execute(
            sa.select(Message.id, Message.channel_id, Message.status, Message.created_at)
            .join(Conversation, Message.conversation_id == Conversation.id)
            .where(Message.id == message_id, Message.direction == "out", Conversation.contact_id == case.contact_id)
        )
    ).one_or_none()
    if message is None:
        raise NotFound("There is no such message in this case.")
    channel = hub.registry.by_id(message.channel_id)
    if message.status != "uncertain":
        raise Conflict("This message has been settled already.")
    if channel is None or not isinstance(channel.adapter, Twilio):
        raise Conflict("This provider can't tell what became of a message.")
    age = hub.now() - message.created_at
    if age < reconcile.SETTLE_AFTER:
        raise Conflict("It is too early: please look it up in a minute.")
    if age > TOO_OLD:
        raise Conflict("This message is too old to be looked up.")
    try:
        found = await reconcile.look_up(hub, channel, channel.adapter, message.id)
    except SendError:
        raise Conflict("The provider did not answer. Please try again later.") from None
    if not found:
        await _note_missing(hub, message.id)


async def _note_missing(hub: Hub, message_id: int) -> None:
    async with hub.db.transaction() as session:
        message = await session.get(Message, message_id, with_for_update=True)
        if message is None or message.status != "uncertain":
            return
        message.payload = message.payload | {LOOKED_UP: hub.now().isoformat()}
        await publish(session, "conversation", message.conversation_id)
