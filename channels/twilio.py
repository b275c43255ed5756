"""A number at Twilio as a channel, for SMS or for WhatsApp: they differ in a prefix, a window and who pays how much.

Messages are read in `twilio_parse`, Twilio's errors in `twilio_codes` and `twilio_wire`.
"""

import json
from collections.abc import Awaitable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from channels.base import (
    Finding,
    Inbound,
    Limits,
    MediaFile,
    MediaRef,
    Outbound,
    Parsed,
    Receipt,
    SendError,
    SendErrorKind,
    StatusUpdate,
    WebhookAnswer,
    WebhookRequest,
)
from channels.sms_text import is_gsm, segments
from channels.text import clean_text, numbered, split_text, utf16_length
from channels.twilio_fields import (
    TwilioKind,
    address_of,
    check_account,
    check_destination,
    check_signature,
    on_the_wire,
    read_form,
)
from channels.twilio_lookup import Lookups
from channels.twilio_media import Downloads
from channels.twilio_parse import is_status, parse_form
from channels.twilio_setup import Setup
from channels.twilio_wire import PUBLIC_API, Wire, attempt, make_client

MAX_BODY = 1600  # characters of one message, whatever the channel
_FULL_GSM = 10 * 153  # the most that whole segments hold of it
_FULL_UCS2 = 23 * 67
_NO_WORDS = WebhookAnswer(200, '<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
_TEMPLATE_PREFIX = "HX"
_REFERENCE = "ref"  # in the status callback's URL, which Twilio signs
_CAPTIONED = ("image/", "video/")  # WhatsApp shows no text under other files

_SMS = Limits(text=MAX_BODY, caption=MAX_BODY, buttons=10, button_label=64, per_second=1, needs_media_url=True)
_WHATSAPP = replace(_SMS, per_second=20, burst=20, window_hours=24)


class Twilio:
    """Implements `channels.base.Channel`; `sender` is our number, `status_callback` where statuses are to go."""

    def __init__(
        self,
        kind: TwilioKind,
        account_sid: str,
        auth_token: str,
        sender: str,
        *,
        messaging_service: str = "",
        api_base: str = PUBLIC_API,
        status_callback: str = "",
        per_second: float | None = None,
    ) -> None:
        self.kind = kind
        limits = _WHATSAPP if kind == "whatsapp" else _SMS
        self.limits = replace(limits, per_second=per_second) if per_second else limits
        self._account = account_sid.strip()
        self._token = auth_token.strip()
        self._own = address_of(sender, kind)
        self._service = messaging_service.strip()
        self._status_callback = status_callback
        base = api_base.rstrip("/")
        self._media_host = urlsplit(base).hostname or ""
        self._wire = Wire()
        client = make_client(self._account, self._token, base, self._wire)
        self._messages = client.api.account.messages
        self._lookups = Lookups(client, kind, self._own, self._service, self._media_host)
        self._setup = Setup(client, kind, self._own, self._service, status_callback)
        self.downloads = Downloads(self._wire, base, (self._account, self._token))

    # Webhooks

    def verify(self, request: WebhookRequest) -> None:
        form = read_form(request)
        check_signature(request, form, self._token)
        check_account(form, self._account)
        status = is_status(form, request.path_suffix)
        check_destination(form, self._own, self._service, self.kind, status=status)

    def parse(self, request: WebhookRequest) -> Parsed:
        form = read_form(request)
        status = is_status(form, request.path_suffix)
        parsed = parse_form(form, self.kind, own=self._own, media_host=self._media_host, status=status)
        return _with_reference(parsed, request.url) if status else parsed

    def answer(self, parsed: Parsed) -> WebhookAnswer:
        """No words: Twilio would send them to the person."""
        return _NO_WORDS

    # Sending

    def parts(self, message: Outbound) -> tuple[Outbound, ...]:
        """Buttons become numbered lines at the end, so the parts have none."""
        if message.template:
            return (message,)
        text, lines = clean_text(message.text).strip(), numbered(message.buttons)
        if lines and not text and not message.media:
            raise ValueError("buttons need a text")
        texts = self._texts(text, lines)
        if not message.media:
            return tuple(Outbound(text=part) for part in texts)
        shown = self.kind == "sms" or message.media.mime.startswith(_CAPTIONED)
        caption = texts.pop(0) if shown and len(texts) == 1 else ""
        file = Outbound(text=caption, media=message.media, media_url=message.media_url)
        return (file, *(Outbound(text=part) for part in texts))

    def _texts(self, text: str, lines: str) -> list[str]:
        texts = self._split(text)
        if not lines:
            return texts
        gap = "\n\n" if self.kind == "whatsapp" else "\n"
        if texts and utf16_length(whole := f"{texts[-1]}{gap}{lines}") <= MAX_BODY:
            return [*texts[:-1], whole]
        return [*texts, *self._split(lines)]

    def _split(self, text: str) -> list[str]:
        """As few messages as can be; by SMS cut where segments end, if that takes no more of them."""
        fewest = split_text(text, MAX_BODY, measure=utf16_length)
        if self.kind == "whatsapp" or len(fewest) <= 1:
            return fewest
        full = split_text(text, _FULL_GSM if is_gsm(text) else _FULL_UCS2, measure=lambda part: segments(part).units)
        return full if len(full) == len(fewest) else fewest

    async def send(self, address: str, message: Outbound) -> Receipt:
        """One call. UNCERTAIN as soon as Twilio may have taken the message; see `twilio_wire.refusal`."""
        sent = await attempt(self._call(address, message))
        if not sent.sid:
            raise SendError(SendErrorKind.UNCERTAIN, "no id")
        return Receipt(str(sent.sid))

    def _call(self, address: str, message: Outbound) -> Awaitable[Any]:
        """Prepared here, not in the coroutine, so that mistakes of ours show before anything can have been sent."""
        given: dict[str, Any] = {"to": on_the_wire(address, self.kind), **_content(message)}
        if self._service:
            given["messaging_service_sid"] = self._service
        else:
            given["from_"] = on_the_wire(self._own, self.kind)
        if self._status_callback:
            query = f"?{urlencode({_REFERENCE: message.reference})}" if message.reference else ""
            given["status_callback"] = self._status_callback + query
        call: Awaitable[Any] = self._messages.create_async(**given)
        return call

    async def acknowledge(self, token: str) -> None:
        """Twilio wants no such thing."""

    # Media

    async def seen(self, external_id: str) -> None:
        """Twilio has no read marks for what we receive."""

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        return await self.downloads.fetch(media, max_bytes=max_bytes)

    # Twilio's own list of messages; all of these raise SendError

    async def recent(self, since: datetime) -> list[Inbound | StatusUpdate]:
        """Everything that webhooks should have told since then; the same items as theirs, to be stored the same way."""
        return [*await self._lookups.received_since(since), *await self._lookups.statuses_since(since)]

    async def received_since(self, since: datetime) -> list[Inbound]:
        return await self._lookups.received_since(since)

    async def find_sent(
        self, address: str, text: str, since: datetime, *, exclude: Collection[str] = ()
    ) -> Receipt | None:
        """Settles an uncertain message: its id if Twilio took it, None if it did not (once some seconds have passed)."""
        return await self._lookups.find_sent(address, text, since, exclude)

    # Set-up

    async def connect(self, webhook_url: str) -> list[Finding]:
        return await self._setup.connect(webhook_url)

    async def check(self, webhook_url: str) -> list[Finding]:
        return await self._setup.check(webhook_url)

    async def close(self) -> None:
        await self._wire.close()


def _with_reference(parsed: Parsed, url: str) -> Parsed:
    try:
        found = parse_qs(urlsplit(url).query).get(_REFERENCE, [])
    except ValueError:
        return parsed
    reference = found[0] if len(found) == 1 else None
    news = tuple(replace(one, reference=reference) if isinstance(one, StatusUpdate) else one for one in parsed.items)
    return replace(parsed, items=news)


def _content(message: Outbound) -> dict[str, Any]:
    """Template, or text and a file's link."""
    if message.template:
        if not message.template.name.startswith(_TEMPLATE_PREFIX):
            raise SendError(SendErrorKind.TEMPLATE, "not a ContentSid")
        numbers = {str(number): value for number, value in enumerate(message.template.variables, 1)}
        variables = {"content_variables": json.dumps(numbers, ensure_ascii=False)} if numbers else {}
        return {"content_sid": message.template.name, **variables}
    content: dict[str, Any] = {}
    lines = [line for line in (clean_text(message.text), numbered(message.buttons)) if line]
    if lines:
        content["body"] = "\n".join(lines)
    if message.media_url:
        content["media_url"] = [message.media_url]
    elif message.media:
        raise SendError(SendErrorKind.MEDIA_REFUSED, "no link to the file")
    if not content:
        raise SendError(SendErrorKind.REFUSED, "nothing to send")
    return content
