"""The configured channels, held in memory with their adapters so that a webhook is verified without the database."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from app.config import Settings
from app.crypto import Vault
from app.db import Database
from app.models import Channel as ChannelRow
from channels.base import Channel
from channels.telegram import Telegram
from channels.twilio import Twilio
from channels.webchat import WebChat
from channels.whatsapp_cloud import WhatsAppCloud

log = logging.getLogger(__name__)

Secrets = Mapping[str, str]
Options = Mapping[str, Any]
Factory = Callable[[Secrets, Options], Channel]


def _telegram(secrets: Secrets, options: Options) -> Channel:
    return Telegram(
        secrets["token"],
        secrets.get("webhook_secret", ""),
        options.get("api_base") or "https://api.telegram.org",
    )


def _twilio(kind: Literal["sms", "whatsapp"]) -> Factory:
    def make(secrets: Secrets, options: Options) -> Channel:
        return Twilio(
            kind,
            secrets["account_sid"],
            secrets.get("auth_token", ""),
            options.get("from", ""),
            messaging_service=options.get("messaging_service", ""),
            api_base=options.get("api_base") or "https://api.twilio.com",
            status_callback=f"{options['webhook_url']}/status",
        )

    return make


def _whatsapp_cloud(secrets: Secrets, options: Options) -> Channel:
    return WhatsAppCloud(
        secrets["access_token"],
        secrets.get("app_secret", ""),
        secrets.get("verify_token", ""),
        options["phone_number_id"],
        api_base=options.get("api_base") or "https://graph.facebook.com",
        waba_id=options.get("waba_id", ""),
    )


def _webchat(_secrets: Secrets, options: Options) -> Channel:
    return WebChat(options.get("look") or "telegram")


FACTORIES: dict[str, Factory] = {
    "telegram": _telegram,
    "sms": _twilio("sms"),
    "whatsapp-twilio": _twilio("whatsapp"),
    "whatsapp-cloud": _whatsapp_cloud,
    "webchat": _webchat,
}
"""A new kind of channel is one adapter in `channels/` and one line here."""


@dataclass(frozen=True, slots=True)
class LiveChannel:
    id: int
    name: str
    kind: str
    place: str
    options: Options
    adapter: Channel
    fingerprint: str  # of everything the adapter was made from

    @property
    def by_sms(self) -> bool:
        """Every letter costs here, or a simulated phone pretends so."""
        return self.kind == "sms" or (self.kind == "webchat" and self.options.get("look") == "sms")


class Registry:
    def __init__(self, db: Database, vault: Vault, settings: Settings) -> None:
        self._db = db
        self._vault = vault
        self._settings = settings
        self._channels: dict[int, LiveChannel] = {}

    def all(self) -> list[LiveChannel]:
        return sorted(self._channels.values(), key=lambda channel: channel.id)

    def by_name(self, name: str) -> LiveChannel | None:
        return next((channel for channel in self._channels.values() if channel.name == name), None)

    def by_account(self, kind: str, account: str) -> LiveChannel | None:
        """The channel of another number that shares its provider's webhook (WhatsApp's phone_number_id)."""
        return next(
            (c for c in self._channels.values() if c.kind == kind and c.options.get("phone_number_id") == account), None
        )

    def by_id(self, channel_id: int) -> LiveChannel | None:
        return self._channels.get(channel_id)

    async def load(self) -> None:
        """Read the channels again; adapters whose configuration did not change keep their connections."""
        async with self._db.transaction() as session:
            rows = (await session.scalars(sa.select(ChannelRow).where(ChannelRow.active))).all()
        fresh: dict[int, LiveChannel] = {}
        for row in rows:
            live = self._keep_or_make(row)
            if live is not None:
                fresh[row.id] = live
        gone = [old for old in self._channels.values() if fresh.get(old.id) is not old]
        self._channels = fresh
        for old in gone:
            if (new := fresh.get(old.id)) is None or new.adapter is not old.adapter:
                await old.adapter.close()

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.adapter.close()

    def _keep_or_make(self, row: ChannelRow) -> LiveChannel | None:
        factory = FACTORIES.get(row.kind)
        if factory is None:
            log.error("channel %s: kind %s is not known to this version", row.name, row.kind)
            return None
        secrets = self._vault.decrypt(row.secrets)
        options = {**row.options, "webhook_url": f"{self._settings.base_url}/webhooks/{row.name}"}
        fingerprint = json.dumps([row.kind, secrets, options], sort_keys=True)
        old = self._channels.get(row.id)
        adapter = old.adapter if old and old.fingerprint == fingerprint else factory(json.loads(secrets), options)
        return LiveChannel(row.id, row.name, row.kind, row.place, row.options, adapter, fingerprint)
