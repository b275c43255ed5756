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

NEEDED_SECRETS = {"telegram": ("token",), "webchat": ()}
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
    values = {key: value for key, value in (secret_values or {}).items() if value}
    for needed in NEEDED_SECRETS[kind]:
        if needed not in values:
            raise BadInput(f"A {kind} channel needs --{needed.replace('_', '-')}.")
    if kind == "telegram":
        values.setdefault("webhook_secret", secrets.token_urlsafe(32))
    channel = Channel(
        name=name,
        kind=kind,
        place=place,
        secrets=vault.encrypt(json.dumps(values)),
        options={key: value for key, value in (options or {}).items() if value},
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
    values.update({key: value for key, value in (secret_values or {}).items() if value})
    channel.secrets = vault.encrypt(json.dumps(values))
    channel.options = {**channel.options, **{key: value for key, value in (options or {}).items() if value}}
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
