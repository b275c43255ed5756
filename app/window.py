"""WhatsApp's 24-hour window: outside it words are held, and an approved template asks the person to open it again."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.intake import next_seq
from app.models import Conversation, Message
from app.registry import LiveChannel
from channels.base import Template
from flows.model import ANSWER_LANGUAGES

ASK_AGAIN_AFTER = timedelta(hours=24)  # a second nudge sooner annoys, and costs
NUDGE = "open_window"  # key of the template
SAFETY = timedelta(minutes=2)  # the provider's clock, and the time until our call arrives there


def window_open(hub: Hub, channel: LiveChannel, conversation: Conversation) -> bool:
    """Whether free words may be sent now. Checked at send time: what waited in a queue may have missed it."""
    hours = channel.adapter.limits.window_hours
    if hours is None:
        return True
    if conversation.heard_at is None:
        return False
    return hub.now() < conversation.heard_at + timedelta(hours=hours) - SAFETY


async def hold(hub: Hub, session: AsyncSession, channel: LiveChannel, message: Message) -> None:
    """Keep the message until the person writes, and ask them to, once a day."""
    message.status = "held"
    message.error = "window_closed"
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


def find_template(hub: Hub, channel: LiveChannel, conversation: Conversation) -> Template | None:
    """The approved words in the person's language, else in German or English; None where none is approved yet."""
    found = hub.shelf.library.templates.get(NUDGE)
    if found is None:
        return None
    wanted = [language for language in (conversation.language, "de", "en") if language in ANSWER_LANGUAGES]
    for language in wanted:
        words = found.languages.get(language)  # type: ignore[call-overload]
        name = words.at(channel.kind) if words else None
        if name:
            return Template(name=name, language=str(language))
    return None
