"""Who stopped in the middle of a dialogue is asked once more, within WhatsApp's window, and by day only."""

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from app.db import Database
from app.dialogue import remind
from app.hub import Hub
from app.models import Contact, Conversation, Message
from app.turn import TIMEZONE, Turn

AFTER = timedelta(hours=20)  # a day later at the latest WhatsApp's window is closed
AT_THE_LATEST = timedelta(hours=72)  # on other channels; after that nobody remembers what it was about
BY_DAY = (time(8), time(20, 30))


async def remind_all(hub: Hub) -> None:
    """Every conversation whose flow has waited so long, each in its own transaction."""
    if not BY_DAY[0] <= hub.now().astimezone(TIMEZONE).time() <= BY_DAY[1]:
        return
    for conversation_id in await _waiting(hub.db, hub.now()):
        async with hub.db.transaction() as session:
            conversation = await session.get(Conversation, conversation_id, with_for_update=True)
            message = await session.scalar(
                sa.select(Message)
                .where(Message.conversation_id == conversation_id, Message.direction == "in")
                .order_by(Message.seq.desc())
                .limit(1)
            )
            if conversation is None or message is None or not _still_waits(conversation, hub.now()):
                continue
            turn = Turn(hub, session, conversation, message, is_group=False)
            if await remind(turn):
                await turn.finish()


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
