"""Who stopped in the middle of a dialogue is asked once more, within WhatsApp's window, and by day only."""

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import Database
from app.dialogue import remind
from app.hub import Hub
from app.models import Contact, Conversation, Message
from app.piecework import each_alone
from app.turn import Turn
from flows.services import TIMEZONE

AFTER = timedelta(hours=20)  # a day later at the latest WhatsApp's window is closed
AT_THE_LATEST = timedelta(hours=72)  # on other channels; after that nobody remembers what it was about
BY_DAY = (time(8), time(20, 30))


async def remind_all(hub: Hub) -> None:
    """Every conversation whose flow has waited so long."""
    if not BY_DAY[0] <= hub.now().astimezone(TIMEZONE).time() <= BY_DAY[1]:
        return
    waiting = await _waiting(hub.db, hub.now())
    await each_alone(hub.db, "reminder in conversation", waiting, lambda session, id_: _remind(hub, session, id_))


async def _remind(hub: Hub, session: AsyncSession, conversation_id: int) -> bool:
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    newest = sa.select(Message).where(Message.conversation_id == conversation_id, Message.direction == "in")
    message = await session.scalar(newest.order_by(Message.seq.desc()).limit(1))
    if conversation is None or message is None or not _still_waits(conversation, hub.now()):
        return False
    turn = Turn(hub, session, conversation, message, is_group=False)
    if not await remind(turn):
        return False
    await turn.finish()
    return True


async def _waiting(db: Database, now: datetime) -> list[int]:
    at = sa.cast(Conversation.state["flow"]["at"].astext, sa.DateTime(timezone=True))
    async with db.transaction() as session:
        rows = await session.scalars(
            sa.select(Conversation.id)
            .join(Contact, Conversation.contact_id == Contact.id)
            .where(
                Conversation.mode == "bot",
                sa.or_(Contact.blocked_until.is_(None), Contact.blocked_until <= now),
                Conversation.state.has_key("flow"),
                sa.not_(sa.cast(Conversation.state["flow"]["reminded"].astext, sa.Boolean)),
                at < now - AFTER,
                at > now - AT_THE_LATEST,
            )
        )
        return list(rows)


def _still_waits(conversation: Conversation, now: datetime) -> bool:
    """Asked again under the row's lock: the person may have answered meanwhile."""
    flow = conversation.state.get("flow")
    return (
        conversation.mode == "bot"
        and flow is not None
        and not flow["reminded"]
        and datetime.fromisoformat(flow["at"]) < now - AFTER
    )
