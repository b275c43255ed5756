"""A WhatsApp number at Meta's Cloud API as a channel: the webhook's door, sending, and its siblings put together."""

import hmac
import re
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from channels.base import (
    Finding,
    Limits,
    MediaFile,
    MediaRef,
    NotFromProvider,
    Outbound,
    Parsed,
    Receipt,
    SendError,
    SendErrorKind,
    WebhookAnswer,
    WebhookRequest,
)
from channels.telegram_fields import Fields
from channels.whatsapp_compose import CAPTION, ROWS, TEXT, parts_of, payload
from channels.whatsapp_media import Downloads, upload
from channels.whatsapp_parse import parse_body
from channels.whatsapp_setup import Setup, TemplateState
from channels.whatsapp_wire import Graph, segment

_HEADER = "x-hub-signature-256"
_PER_SECOND = 80.0  # Meta's throughput of a number, in and out together; higher ones come by automatic upgrade


class WhatsAppCloud:
    """Implements `channels.base.Channel` on the Graph API; `api_base` takes the place of scheme and host.

    Addresses are phone numbers as +4917…, or business-scoped ids (`BG.1349…`) of people who hide their number.
    """

    def __init__(
        self,
        access_token: str,
        app_secret: str,
        verify_token: str,
        phone_number_id: str,
        *,
        api_base: str = "https://graph.facebook.com",
        version: str = "v23.0",
        waba_id: str = "",
        per_second: float = _PER_SECOND,
    ) -> None:
        self.limits = Limits(
            text=TEXT,
            caption=CAPTION,
            buttons=ROWS,
            button_label=20,
            per_second=per_second,
            burst=20,
            per_address_seconds=6.0,  # Meta's pair rate; up to 45 may be borrowed from the time after
            address_burst=20,
            window_hours=24.0,
            read_marks=True,
        )
        self.phone_number_id = phone_number_id.strip()
        self._app_secret = app_secret
        self._verify_token = verify_token
        self.graph = Graph(access_token, api_base, version)
        self.downloads = Downloads(self.graph, self.phone_number_id)
        self._setup = Setup(self.graph, self.phone_number_id, app_secret, waba_id)

    # Webhooks

    def verify(self, request: WebhookRequest) -> None:
        if request.method == "GET":
            self._verify_handshake(request)
        else:
            self._verify_signature(request)

    def _verify_handshake(self, request: WebhookRequest) -> None:
        """Meta asks once, when the callback URL is set."""
        if not self._verify_token:
            raise NotFromProvider("verify_token_unset")
        mode, token = _parameter(request, "hub.mode"), _parameter(request, "hub.verify_token")
        if mode != "subscribe" or token is None or _parameter(request, "hub.challenge") is None:
            raise NotFromProvider("handshake_incomplete")
        if not hmac.compare_digest(_bytes(token), _bytes(self._verify_token)):
            raise NotFromProvider("verify_token_wrong")

    def _verify_signature(self, request: WebhookRequest) -> None:
        """Over the bytes as they came: Meta escapes what is not ASCII, and writing JSON anew would not."""
        if not self._app_secret:
            raise NotFromProvider("secret_unset")
        given = request.headers.get(_HEADER)
        if given is None:
            raise NotFromProvider("signature_missing")
        if not re.fullmatch(r"sha256=[0-9a-f]{64}", given):
            raise NotFromProvider("signature_malformed")
        expected = hmac.new(_bytes(self._app_secret), request.body, sha256).hexdigest()
        if not hmac.compare_digest(given.removeprefix("sha256=").encode(), expected.encode()):
            raise NotFromProvider("signature_wrong")

    def parse(self, request: WebhookRequest) -> Parsed:
        if request.method == "GET":
            return Parsed(answer=WebhookAnswer(body=_parameter(request, "hub.challenge") or ""))
        return parse_body(request.body)

    def answer(self, parsed: Parsed) -> WebhookAnswer:
        return parsed.answer or WebhookAnswer()

    # Sending

    def parts(self, message: Outbound) -> tuple[Outbound, ...]:
        return parts_of(message)

    async def send(self, address: str, message: Outbound) -> Receipt:
        """One message. An upload before it is not seen by anybody, and fails without doubt."""
        media_id = None
        if message.media is not None and message.template is None:
            media_id = await upload(self.graph, self.phone_number_id, message.media)
        body = payload(address, message, media_id)
        answer = Fields(await self.graph.post(f"{segment(self.phone_number_id)}/messages", json=body))
        for sent in answer.children("messages"):
            if external_id := sent.text("id"):
                return Receipt(external_id)
        raise SendError(SendErrorKind.UNCERTAIN, "answer without id")

    async def seen(self, external_id: str, *, typing: bool = False) -> None:
        """Blue ticks on the person's message and those before it; `typing` shows "typing…" for up to 25 seconds."""
        body: dict[str, object] = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        try:
            await self.graph.post(f"{segment(self.phone_number_id)}/messages", repeatable=True, json=body)
        except SendError:
            return  # Only a courtesy.

    async def acknowledge(self, token: str) -> None:
        """WhatsApp's buttons wait for nothing."""

    # Media

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        return await self.downloads.fetch(media, max_bytes=max_bytes)

    # Set-up

    async def connect(self, webhook_url: str) -> list[Finding]:
        return await self._setup.connect(webhook_url, verify_token=self._verify_token)

    async def check(self, webhook_url: str) -> list[Finding]:
        return await self._setup.check(webhook_url, verify_token=self._verify_token)

    async def templates(self) -> list[TemplateState]:
        """The account's templates with their approval; none where the account's id can't be found. Raises SendError."""
        return await self._setup.templates()

    async def close(self) -> None:
        await self.graph.close()


def _parameter(request: WebhookRequest, name: str) -> str | None:
    """A query parameter that stands there exactly once."""
    try:
        values = parse_qs(urlsplit(request.url).query, keep_blank_values=True, max_num_fields=50).get(name, [])
    except ValueError:
        return None
    return values[0] if len(values) == 1 else None


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "backslashreplace")
