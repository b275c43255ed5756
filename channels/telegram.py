"""A Telegram bot as a channel. Telegram's messages are read in `telegram_message`, its errors in `telegram_wire`."""

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    User,
    WebhookInfo,
)

from channels.base import (
    Button,
    Finding,
    Limits,
    MediaFile,
    MediaRef,
    NotFromProvider,
    Outbound,
    Parsed,
    Receipt,
    SendError,
    WebhookAnswer,
    WebhookRequest,
    failed_finding,
)
from channels.telegram_media import Downloads, file_name, way_of
from channels.telegram_parse import ALLOWED_UPDATES, parse_body, parse_update
from channels.telegram_wire import Wire, attempt
from channels.text import clean_text, split_text, utf16_length

_HEADER = "x-telegram-bot-api-secret-token"
_MAX_BUTTON_ID = 64  # bytes
_MANY_PENDING = 100
_RECENT = timedelta(hours=1)
_LONG_POLL_SLACK = 10.0


class Telegram:
    """Implements `channels.base.Channel` on the Bot API; `api_base` takes the place of scheme and host."""

    limits = Limits(
        text=4096,
        caption=1024,
        buttons=8,
        button_label=64,
        per_second=25,
        burst=25,
        per_address_seconds=1.0,
    )

    def __init__(
        self,
        token: str,
        webhook_secret: str,
        api_base: str = "https://api.telegram.org",
        *,
        username: str | None = None,
    ) -> None:
        self._secret = webhook_secret
        self._username = username
        self._base = api_base.rstrip("/")
        # An unset token must not keep the other channels from starting: Telegram's answer will name the problem.
        self._token = quote(token.strip(), safe=":") or "unset"
        self._own_id = int(own) if (own := token.split(":")[0]).isdecimal() else None
        self._wire = Wire()
        self.downloads = Downloads(self._wire, self._base, self._token)
        self._bot = Bot(
            self._token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=self._wire,
            get_updates_request=self._wire,
        )

    # Webhooks

    def verify(self, request: WebhookRequest) -> None:
        if not self._secret:
            raise NotFromProvider("secret_unset")
        given = request.headers.get(_HEADER)
        if given is None:
            raise NotFromProvider("secret_missing")
        if not hmac.compare_digest(_bytes(given), _bytes(self._secret)):
            raise NotFromProvider("secret_wrong")

    def parse(self, request: WebhookRequest) -> Parsed:
        return parse_body(request.body, own_id=self._own_id)

    def parse_update(self, raw: object) -> Parsed:
        """What `parse` makes of a webhook, for one raw update that polling brought."""
        return parse_update(raw, own_id=self._own_id)

    def answer(self, parsed: Parsed) -> WebhookAnswer:
        """Empty: Telegram would carry out a `method` that it finds in the answer."""
        return WebhookAnswer()

    # Sending

    def parts(self, message: Outbound) -> tuple[Outbound, ...]:
        _keyboard(message.buttons)  # A button that can't be is a mistake of ours, and shows before anything is queued.
        text = clean_text(message.text).strip()
        if message.buttons and not text and message.media is None:
            raise ValueError("buttons need a text")
        with_media = message.media is not None
        if with_media and utf16_length(text) <= self.limits.caption:
            parts = [Outbound(text=text, media=message.media)]
        else:
            parts = [Outbound(media=message.media)] if with_media else []
            parts += [Outbound(text=part) for part in split_text(text, self.limits.text, measure=utf16_length)]
        if parts:
            parts[0] = replace(parts[0], reply_to=message.reply_to)
            parts[-1] = replace(parts[-1], buttons=message.buttons)
        return tuple(parts)

    async def send(self, address: str, message: Outbound) -> Receipt:
        """One call. UNCERTAIN as soon as Telegram may have taken the message; see `telegram_wire.send_error`."""
        sent = await attempt(self._call(address, message), media=message.media is not None)
        return Receipt(f"{sent.chat.id}:{sent.message_id}")

    def _call(self, address: str, message: Outbound) -> Awaitable[Message]:
        """Prepared here, not in the coroutine, so that mistakes of ours show before anything can have been sent."""
        options, text = _options(address, message), clean_text(message.text)
        if message.media is None:
            quiet = LinkPreviewOptions(is_disabled=True)
            return self._bot.send_message(address, text, link_preview_options=quiet, **options)
        way = way_of(message.media)
        send: Callable[..., Awaitable[Message]] = getattr(self._bot, f"send_{way}")
        name = file_name(message.media, way)
        return send(address, message.media.content, caption=text or None, filename=name, **options)

    async def acknowledge(self, token: str) -> None:
        try:
            await attempt(self._bot.answer_callback_query(token))
        except SendError:
            return  # Too late, or pressed twice: the person only sees the button glow a moment longer.

    async def typing(self, address: str) -> None:
        """Shows "typing…" for five seconds, if Telegram likes to."""
        try:
            await attempt(self._bot.send_chat_action(address, "typing"))
        except SendError:
            return

    # Media

    async def seen(self, external_id: str) -> None:
        """Bots have no read marks."""

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        return await self.downloads.fetch(media, max_bytes=max_bytes)

    # Set-up

    async def connect(self, webhook_url: str) -> list[Finding]:
        if not self._secret:
            return [Finding("webhook_secret", False, "a webhook secret is needed")]
        try:
            await attempt(
                self._bot.set_webhook(webhook_url, secret_token=self._secret, allowed_updates=list(ALLOWED_UPDATES))
            )
        except SendError as error:
            return [failed_finding("webhook_set", error)]
        return [Finding("webhook_set", True, webhook_url)]

    async def check(self, webhook_url: str) -> list[Finding]:
        """With an empty `webhook_url` (polling), no webhook may be set."""
        try:
            me = await attempt(self._bot.get_me())
            info = await attempt(self._bot.get_webhook_info())
        except SendError as error:
            return [failed_finding("token", error)]
        return [*self._findings_of_bot(me), *self._findings_of_webhook(info, webhook_url)]

    def _findings_of_bot(self, me: User) -> list[Finding]:
        findings = [Finding("token", True, f"@{me.username}")]
        if self._username and (me.username or "").lower() != self._username.lstrip("@").lower():
            findings.append(Finding("username", False, f"the token belongs to @{me.username}"))
        joins = "can be added to groups" if me.can_join_groups else "stays out of groups"
        return [*findings, Finding("groups", True, joins)]

    def _findings_of_webhook(self, info: WebhookInfo, webhook_url: str) -> list[Finding]:
        found = info.url or "none is set"
        findings = [
            Finding("webhook_url", info.url == webhook_url, found),
            Finding("pending_updates", info.pending_update_count < _MANY_PENDING, str(info.pending_update_count)),
        ]
        if webhook_url:
            missing = sorted(set(ALLOWED_UPDATES) - set(info.allowed_updates))
            findings.append(Finding("allowed_updates", not missing, ", ".join(missing)))
            findings.append(Finding("webhook_secret", bool(self._secret)))
        if info.last_error_date and info.last_error_message:
            old = datetime.now(UTC) - info.last_error_date > _RECENT
            when = info.last_error_date.isoformat(timespec="minutes")
            findings.append(Finding("webhook_errors", old, f"{when} {info.last_error_message[:120]}"))
        return findings

    # Polling

    async def updates(self, offset: int | None, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """Raw updates after a long poll of `timeout` seconds; asking with a higher `offset` confirms the earlier ones.

        Raises SendError: UNCERTAIN is as harmless here as any other, and the same offset can be asked for again.
        """
        result = await attempt(
            self._wire.call(
                f"{self._base}/bot{self._token}/getUpdates",
                read_timeout=timeout + _LONG_POLL_SLACK,
                timeout=timeout,
                allowed_updates=json.dumps(ALLOWED_UPDATES),
                **({} if offset is None else {"offset": offset}),
            )
        )
        return [update for update in result if isinstance(update, dict)] if isinstance(result, list) else []

    async def disconnect(self) -> None:
        """Before polling: takes the webhook away and keeps what waits. Raises SendError."""
        await attempt(self._bot.delete_webhook(drop_pending_updates=False))

    async def close(self) -> None:
        await self._wire.shutdown()


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "backslashreplace")


def _keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """One button a row, for big thumbs and long words."""
    for button in buttons:
        if not 1 <= len(button.id.encode()) <= _MAX_BUTTON_ID:
            raise ValueError(f"a button's id has 1 to {_MAX_BUTTON_ID} bytes")
        if not button.label.strip():
            raise ValueError("a button needs a label")
    if not buttons:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(_label(button), callback_data=button.id)] for button in buttons])


def _label(button: Button) -> str:
    label, limit = clean_text(button.label), Telegram.limits.button_label
    if utf16_length(label) <= limit:
        return label
    return split_text(label, limit - 1, measure=utf16_length)[0] + "…"


def _options(address: str, message: Outbound) -> dict[str, Any]:
    """What text and media have in common."""
    options: dict[str, Any] = {}
    if keyboard := _keyboard(message.buttons):
        options["reply_markup"] = keyboard
    chat, _, message_id = (message.reply_to or "").rpartition(":")
    if chat == address and message_id.isdecimal():
        options["reply_parameters"] = ReplyParameters(int(message_id), allow_sending_without_reply=True)
    return options
