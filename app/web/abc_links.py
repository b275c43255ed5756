"""Links that open a chat with the bot on a topic, and their QR codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from app.registry import LiveChannel

KINDS = (
    ("telegram", "https://t.me/", "send"),
    ("whatsapp", "https://wa.me/", "message-circle"),
    ("sms", "sms:", "smartphone"),
)
"""What a channel's public address begins with tells which app it opens."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A way to write to us. `name` is the channel's; `href` opens its app with the topic already said."""

    name: str
    kind: str
    icon: str
    href: str
    address: str  # short enough to be typed from a sheet of paper


def chats(channels: Iterable[LiveChannel], topic: str, language: str, words: str, chain: list[str]) -> list[Chat]:
    """One link per app, that of the reader's place before that for everywhere. `words`: what WhatsApp and SMS will say."""
    usable = [channel for channel in channels if channel.options.get("link") and channel.place in ("", *chain)]
    usable.sort(key=lambda channel: chain.index(channel.place) if channel.place else len(chain))
    found: dict[str, Chat] = {}
    for channel in usable:
        chat = _chat(channel.name, str(channel.options["link"]), topic, language, words)
        if chat is not None:
            found.setdefault(chat.kind, chat)
    order = [kind for kind, _, _ in KINDS]
    return sorted(found.values(), key=lambda chat: order.index(chat.kind))


def _chat(name: str, link: str, topic: str, language: str, words: str) -> Chat | None:
    for kind, start, icon in KINDS:
        if link.startswith(start):
            plain = link.partition("?")[0]
            address = plain.removeprefix("https://").removeprefix("sms:")
            return Chat(name, kind, icon, _opens(kind, plain, topic, language, words), address)
    return None  # whatever else an operator wrote is not put into a page's links


def _opens(kind: str, link: str, topic: str, language: str, words: str) -> str:
    if kind == "telegram":
        # Telegram allows letters, digits, _ and - there; the router reads it back.
        return f"{link}?start={topic.replace('.', '-', 1)}--{language}" if topic else link
    if not words:
        return link
    return f"{link}?{'body' if kind == 'sms' else 'text'}={quote(words, safe='')}"
