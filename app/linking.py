"""Files by SMS: numbers here can't carry them, so the person gets words with a link to open, good for some days."""

from dataclasses import replace

from app.hub import Hub
from app.links import LIFETIME_BY_SMS, media_url
from app.models import Conversation, Media, Message
from app.sms_costs import cost_of
from channels.base import Outbound
from channels.sms_text import for_sms
from translations.phrases import has_phrase, phrase

LINK = "link"  # key of the payload: what was put below the words
ROOM = 300  # characters that a link and the words before it may take


def spoken(conversation: Conversation) -> str:
    """The language of the words that go out, as far as known."""
    state = conversation.state
    return state.get("language_chosen") or conversation.language or state.get("language_hint") or ""


def without_long_captions(message: Outbound) -> tuple[Outbound, ...]:
    """Long words go ahead, so that the link has room in one message with its file."""
    if message.media is None or len(message.text) <= ROOM:
        return (message,)
    return replace(message, media=None, media_url=None), replace(message, text="", buttons=())


def link_by_sms(hub: Hub, conversation: Conversation, message: Message, media: Media) -> None:
    """Stored with the words, so that cost, look-ups at the provider and the colleagues' page know what is sent."""
    channel = hub.registry.by_id(conversation.channel_id)
    if channel is None or not channel.by_sms:
        return
    language = spoken(conversation)
    url = media_url(hub, media.id, LIFETIME_BY_SMS)
    words = phrase("file.link", language if has_phrase("file.link", language) else "de", days=LIFETIME_BY_SMS.days)
    link = f"{for_sms(words, language, conversation.script)} {url}"
    message.text = f"{message.text}\n{link}" if message.text else link
    message.payload = message.payload | {LINK: link} | cost_of(channel, message.text)
