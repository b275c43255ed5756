"""A flow that a colleague has started: the bot leads the person through it while the case stays with the colleague.

It stands in the conversation's state as every flow, with who started it. `app.leading` starts and stops it, `app.dialogue`
hears the answers; a colleague's own words end it, because the person's next "yes" is meant for them.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.history import add_event
from app.models import Case, Conversation, User

BY = "by"  # key in the flow's state: the colleague's id
OFFERED = frozenset({"flow", "flow_mark", "options", "labels"})
"""What a flow leaves in a conversation's state."""


@dataclass(frozen=True, slots=True)
class Led:
    flow: str
    by: int


def started(conversation: Conversation) -> Led | None:
    """The flow that a colleague has started here, whoever speaks now."""
    flow: dict[str, Any] = conversation.state.get("flow") or {}
    return Led(str(flow["flow"]), int(flow[BY])) if BY in flow else None


def led(conversation: Conversation) -> Led | None:
    """And that goes on beside the colleague. With nobody there, or after the case, it is a flow of the bot's as any other."""
    return started(conversation) if conversation.mode == "human" else None


def drop(conversation: Conversation) -> None:
    conversation.state = {key: value for key, value in conversation.state.items() if key not in OFFERED}


async def stop(session: AsyncSession, case: Case, conversation: Conversation, user: User) -> bool:
    """By a colleague's word or wish; a quiet line in the thread tells it. False where none runs. The caller has locked."""
    if started(conversation) is None:
        return False
    drop(conversation)
    await add_event(session, case, "flow_stopped", user)
    return True


async def note_end(session: AsyncSession, case: Case, *, done: bool) -> None:
    """Below the last words of the same turn, which have its beginning as their time."""
    event = await add_event(session, case, "flow_done" if done else "flow_left")
    event.created_at = sa.func.clock_timestamp()
    await session.flush()
