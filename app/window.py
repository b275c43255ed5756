"""WhatsApp's 24-hour window: outside it words are held, and an approved template asks the person to open it again."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.feed import publish
from app.hub import Hub
from app.intake import next_seq
from app.models import Conversation, Message
from app.registry import LiveChannel
from channels.base import Template
from flows.model import ANSWER_LANGUAGES

ASK_AGAIN_AFTER = timedelta(hours=24)  # a second nudge sooner annoys, and costs
NUDGE = "open_window"  # key of the template


def window_open(hub: Hub, channel: LiveChannel, conversation: Conversation) -> bool:
    """Whether free words may be sent now. Checked at send time: what waited in a queue may have missed it.

    Where the provider's clock differs it refuses, and what it refused is held like what we hold ourselves.
    """
    if channel.adapter.limits.window_hours is None:
        return True
    end = window_end(channel, conversation.heard_at)
    return end is not None and hub.now() < end


def window_end(channel: LiveChannel, heard_at: datetime | None) -> datetime | None:
    """When the window closes or closed; None where there is none, or it never opened."""
    hours = channel.adapter.limits.window_hours
    return heard_at + timedelta(hours=hours) if hours is not None and heard_at is not None else None


async def hold(hub: Hub, session: AsyncSession, channel: LiveChannel, message: Message) -> None:
    """Keep the message until the person writes, and ask them to, once a day."""
    message.status = "held"
    message.error, message.error_detail = "window_closed", None
    await publish(session, "conversation", message.conversation_id)
    conversation = await session.get_one(Conversation, message.conversation_id)
    last = conversation.state.get("nudged_at")
    if last is not None and hub.now().timestamp() - float(last) < ASK_AGAIN_AFTER.total_seconds():
        return
    template = find_template(hub, channel, conversation)
    if template is None:
        message.error_detail = "no_template"
        return
    conversation.state = conversation.state | {"nudged_at": hub.now().timestamp()}
    body = hub.shelf.library.templates[NUDGE].languages[template.language].body  # type: ignore[index]
    session.add(
        Message(
            conversation_id=conversation.id,
            channel_id=conversation.channel_id,
            seq=await next_seq(session, conversation.id),
            direction="out",
            author="system",
            status="queued",
            kind="text",
            text=body,
            payload={"template": {"name": template.name, "language": template.language, "variables": []}},
        )
    )
    await session.flush()


async def release(hub: Hub, session: AsyncSession, conversation: Conversation) -> None:
    """The person wrote, and not to stop us: what was held leaves before anything newer."""
    released = await session.execute(
        sa.update(Message)
        .where(Message.conversation_id == conversation.id, Message.status == "held")
        .values(status="queued", error=None, error_detail=None)
        .execution_options(synchronize_session=False)
        .returning(Message.id)
    )
    if released.first() is not None:
        await hub.waker.send(session, conversation.channel_id, conversation.id)


def find_template(hub: Hub, channel: LiveChannel, conversation: Conversation, key: str = NUDGE) -> Template | None:
    """The approved words in the person's language, else in German or English; None where none is approved yet."""
    found = hub.shelf.library.templates.get(key)
    if found is None:
        return None
    wanted = [language for language in (conversation.language, "de", "en") if language in ANSWER_LANGUAGES]
    for language in wanted:
        words = found.languages.get(language)  # type: ignore[call-overload]
        name = words.at(channel.kind) if words else None
        if name:
            return Template(name=name, language=str(language))
    return None
