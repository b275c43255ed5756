"""The hub's own web chat: no provider in between, the page reads what was sent from the hub itself.

The simulator and later the public chat post JSON of their own to the hub, which signs each visitor's address in a
cookie; requests from outside therefore never reach this adapter through a webhook.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from channels.base import (
    Button,
    Finding,
    Inbound,
    Limits,
    MediaError,
    MediaFile,
    MediaRef,
    NotFromProvider,
    Outbound,
    Parsed,
    Receipt,
    WebhookAnswer,
    WebhookRequest,
)
from channels.text import numbered, split_text
from channels.whatsapp_compose import parts_of as whatsapp_parts

TEXT_LIMIT = 4096  # as Telegram's, so that the simulator shows the same cuts


_LIMITS = Limits(text=TEXT_LIMIT, caption=1024, buttons=8, button_label=64, per_second=200, burst=200)
_WHATSAPP = replace(_LIMITS, buttons=10, button_label=20, window_hours=24)
_SMS = replace(_LIMITS, text=1600, caption=1600)


class WebChat:
    """`look` is what the page pretends to be, with that app's limits: telegram, whatsapp or sms."""

    def __init__(self, look: str = "telegram") -> None:
        self.look = look
        self.limits = {"whatsapp": _WHATSAPP, "sms": _SMS}.get(look, _LIMITS)

    def verify(self, request: WebhookRequest) -> None:
        raise NotFromProvider("webchat_has_no_webhook")

    def parse(self, request: WebhookRequest) -> Parsed:
        return parse_visitor(json.loads(request.body))

    def answer(self, parsed: Parsed) -> WebhookAnswer:
        return WebhookAnswer()

    def parts(self, message: Outbound) -> tuple[Outbound, ...]:
        if self.look == "whatsapp":
            return whatsapp_parts(message)
        if self.look == "sms" and message.buttons:
            message = replace(message, text=f"{message.text}\n{numbered(message.buttons)}", buttons=())
        texts = split_text(message.text, self.limits.text) or [""]
        parts = [Outbound(text=text) for text in texts]
        parts[0] = replace(parts[0], media=message.media, reply_to=message.reply_to)
        parts[-1] = replace(parts[-1], buttons=message.buttons)
        return tuple(parts)

    async def send(self, address: str, message: Outbound) -> Receipt:
        return Receipt(f"web:{uuid.uuid4().hex}")

    async def acknowledge(self, token: str) -> None:
        return None

    async def seen(self, external_id: str) -> None:
        """The page needs no mark."""

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        raise MediaError("gone")

    async def connect(self, webhook_url: str) -> list[Finding]:
        return []

    async def check(self, webhook_url: str) -> list[Finding]:
        return [Finding("ready", True)]

    async def close(self) -> None:
        return None


def parse_visitor(data: Mapping[str, Any]) -> Parsed:
    """What the chat page sends: {"address", "id", "text"?, "button"?: {"id", "label"}, "language"?}."""
    button = data.get("button")
    text = button["label"] if button else data.get("text")
    return Parsed(
        items=(
            Inbound(
                external_id=f"{data['address']}:{data['id']}",
                address=str(data["address"]),
                kind="button" if button else "text",
                text=str(text or "").replace("\x00", ""),
                button=Button(str(button["id"]), str(button["label"])) if button else None,
                language_hint=data.get("language"),
                provider_time=datetime.now(UTC),
            ),
        )
    )
