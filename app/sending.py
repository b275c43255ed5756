"""What will become of the words in the composer: how long, how many messages, what they cost, and whether they leave now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotFound
from app.hub import Hub
from app.models import Case, Conversation
from app.outbox import parts_of
from app.sms_costs import cost_of
from app.window import ASK_AGAIN_AFTER, find_template, window_end, window_open
from channels.base import Outbound
from channels.text import utf16_length
from flows.canned import open_places


@dataclass(frozen=True, slots=True)
class Window:
    """WhatsApp's: free words until `end`. When it is closed they are held, and a template asks the person to write."""

    open: bool
    end: datetime | None  # None: the person has never written here
    asks: bool  # a template is approved, so that the person is asked
    asked_at: datetime | None  # and when they were, if that was within a day: they are not asked twice


@dataclass(frozen=True, slots=True)
class Sending:
    conversation_id: int
    channel_kind: str
    characters: int  # as the channels count
    limit: int  # of one message
    messages: int
    segments: int  # by SMS; 0 elsewhere
    encoding: str
    cents: float
    open: tuple[str, ...]  # places that nobody has filled in
    window: Window | None


async def sending(hub: Hub, session: AsyncSession, case: Case, conversation_id: int, text: str) -> Sending | None:
    """Counted by what the outbox itself does. The caller has authorised. None where the channel is gone."""
    conversation = await session.get(Conversation, conversation_id or case.conversation_id)
    if conversation is None or conversation.contact_id != case.contact_id:
        raise NotFound("There is no such conversation in this case.")
    words = text.replace("\r\n", "\n").strip()
    return measured(hub, conversation, [Outbound(text=words)] if words else [], words)


def measured(hub: Hub, conversation: Conversation, said: Sequence[Outbound], words: str) -> Sending | None:
    channel = hub.registry.by_id(conversation.channel_id)
    if channel is None:
        return None
    parts = parts_of(channel, conversation, said)
    costs = [cost["sms"] for part in parts if (cost := cost_of(channel, part.text))]
    return Sending(
        conversation.id,
        channel.kind,
        utf16_length(words),
        channel.adapter.limits.text,
        len(parts),
        sum(cost["segments"] for cost in costs),
        next((cost["encoding"] for cost in costs if cost["encoding"] != "GSM-7"), "GSM-7") if costs else "",
        sum(cost["cents"] for cost in costs),
        open_places(words),
        _window(hub, conversation),
    )


def _window(hub: Hub, conversation: Conversation) -> Window | None:
    channel = hub.registry.by_id(conversation.channel_id)
    if channel is None or channel.adapter.limits.window_hours is None:
        return None
    nudged = conversation.state.get("nudged_at")
    asked_at = datetime.fromtimestamp(float(nudged), hub.now().tzinfo) if nudged is not None else None
    if asked_at is not None and hub.now() - asked_at >= ASK_AGAIN_AFTER:
        asked_at = None
    return Window(
        window_open(hub, channel, conversation),
        window_end(channel, conversation.heard_at),
        find_template(hub, channel, conversation) is not None,
        asked_at,
    )
