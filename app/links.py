"""What providers are given to hold: links to media, which they fetch without signing in, and references to messages."""

from datetime import datetime, timedelta

from app.crypto import Vault
from app.hub import Hub

LIFETIME = timedelta(hours=24)  # Twilio may queue a message for ten hours before it fetches
LIFETIME_BY_SMS = timedelta(days=7)  # a person opens it, who may have no network until the weekend


def media_url(hub: Hub, media_id: int, lifetime: timedelta = LIFETIME) -> str:
    return f"{hub.settings.base_url}/media/{make_token(hub.vault, media_id, hub.now() + lifetime)}"


def make_token(vault: Vault, media_id: int, until: datetime) -> str:
    body = f"{media_id}.{int(until.timestamp())}"
    return f"{body}.{vault.sign('media:' + body)}"


def read_token(vault: Vault, token: str, now: datetime) -> int | None:
    """The media's id, or None for a token that is not ours or has expired."""
    media_id, _, rest = token.partition(".")
    until, _, signature = rest.partition(".")
    if not (media_id.isascii() and media_id.isdecimal() and until.isascii() and until.isdecimal()):
        return None
    if not vault.signed_by_us(f"media:{media_id}.{until}", signature) or int(until) < now.timestamp():
        return None
    return int(media_id)


def make_reference(vault: Vault, message_id: int) -> str:
    """Comes back with the delivery news of a message, and tells whose they are where the message's id was lost."""
    return f"{message_id}.{vault.sign(f'message:{message_id}')}"


def read_reference(vault: Vault, reference: str) -> int | None:
    """The message's id, or None for what this installation did not make."""
    message_id, _, signature = reference.partition(".")
    if not (message_id.isascii() and message_id.isdecimal() and len(message_id) < 19):
        return None
    return int(message_id) if vault.signed_by_us(f"message:{message_id}", signature) else None
