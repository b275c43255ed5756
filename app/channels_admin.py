"""Setting channels up: rows with encrypted secrets, and telling the provider where its webhooks go."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.crypto import Vault
from app.errors import BadInput, Conflict, NotFound
from app.feed import notify
from app.models import Channel
from app.registry import FACTORIES

NEEDED_SECRETS = {
    "telegram": ("token",),
    "sms": ("account_sid", "auth_token"),
    "whatsapp-twilio": ("account_sid", "auth_token"),
    "whatsapp-cloud": ("access_token", "app_secret"),
    "webchat": (),
}
NEEDED_OPTIONS = {"whatsapp-cloud": ("phone_number_id",)}
MADE_SECRETS = {"telegram": "webhook_secret", "whatsapp-cloud": "verify_token"}
LOOKS = ("telegram", "whatsapp", "sms")
MODES = ("webhook", "polling")
NUMBERS = ("cents_per_segment", "monthly_budget")
RESERVED_NAMES = frozenset({"status"})


async def add_channel(
    session: AsyncSession,
    vault: Vault,
    kind: str,
    name: str,
    *,
    place: str = "",
    secret_values: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Channel:
    """Raises BadInput, Conflict. A missing webhook secret is made."""
    if kind not in FACTORIES:
        raise BadInput(f"There is no channel kind {kind!r}; choose one of: {', '.join(sorted(FACTORIES))}.")
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or name in RESERVED_NAMES:
        raise BadInput("A channel's name is made of letters, digits, - and _; it becomes part of its webhook address.")
    if await session.scalar(sa.select(Channel).where(Channel.name == name)) is not None:
        raise Conflict(f"There is a channel named {name} already.")
    values = _given(secret_values)
    chosen = _checked(_given(options))
    for needed, found in ((NEEDED_SECRETS[kind], values), (NEEDED_OPTIONS.get(kind, ()), chosen)):
        for key in needed:
            if key not in found:
                raise BadInput(f"A {kind} channel needs --{key.replace('_', '-')}.")
    if kind in ("sms", "whatsapp-twilio") and not (chosen.get("from") or chosen.get("messaging_service")):
        raise BadInput(f"A {kind} channel needs --from or --messaging-service.")
    if kind in MADE_SECRETS:
        values.setdefault(MADE_SECRETS[kind], secrets.token_urlsafe(32))
    channel = Channel(
        name=name,
        kind=kind,
        place=place,
        secrets=vault.encrypt(json.dumps(values)),
        options=chosen,
    )
    session.add(channel)
    await session.flush()
    await notify(session, "channels")
    return channel


async def set_channel(
    session: AsyncSession,
    vault: Vault,
    name: str,
    *,
    place: str | None = None,
    secret_values: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Channel:
    """Change what is given, keep the rest. Raises NotFound."""
    channel = await get_channel(session, name)
    values = json.loads(vault.decrypt(channel.secrets))
    values.update(_given(secret_values))
    channel.secrets = vault.encrypt(json.dumps(values))
    channel.options = {**channel.options, **_checked(_given(options))}
    if place is not None:
        channel.place = place
    await notify(session, "channels")
    return channel


async def get_channel(session: AsyncSession, name: str) -> Channel:
    channel = await session.scalar(sa.select(Channel).where(Channel.name == name, Channel.active))
    if channel is None:
        raise NotFound(f"There is no channel named {name}.")
    return channel


async def remove_channel(session: AsyncSession, vault: Vault, name: str, at: Any) -> Channel:
    """Its messages stay, its secrets go, and its name is free again."""
    channel = await get_channel(session, name)
    channel.active = False
    channel.removed_at = at
    channel.name = f"{name} (removed {channel.id})"
    channel.secrets = vault.encrypt("{}")
    await notify(session, "channels")
    return channel


async def list_channels(session: AsyncSession) -> list[Channel]:
    return list(await session.scalars(sa.select(Channel).where(Channel.active).order_by(Channel.id)))


def _given(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (values or {}).items() if value}


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    if options.get("look", LOOKS[0]) not in LOOKS:
        raise BadInput("A look is telegram, whatsapp or sms.")
    if options.get("mode", MODES[0]) not in MODES:
        raise BadInput("A channel's mode is webhook or polling.")
    for key in NUMBERS:
        try:
            float(options.get(key, 0))
        except ValueError:
            raise BadInput(f"--{key.replace('_', '-')} must be a number, such as 9.5.") from None
    if "api_base" in options:
        options["api_base"] = str(options["api_base"]).rstrip("/")
    return options
