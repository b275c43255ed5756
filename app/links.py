"""Signed, expiring links to media: public, because a provider fetches what we send by URL and can't sign in."""

from datetime import datetime, timedelta

from app.crypto import Vault
from app.hub import Hub

LIFETIME = timedelta(hours=24)  # Twilio may queue a message for ten hours before it fetches


def media_url(hub: Hub, media_id: int) -> str:
    return f"{hub.settings.base_url}/media/{make_token(hub.vault, media_id, hub.now() + LIFETIME)}"


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
