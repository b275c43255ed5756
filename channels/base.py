"""What every channel speaks: neutral messages in and out, the Channel protocol, the closed list of send errors.

Adapters translate between a provider's format and these types; `app.intake` and `app.outbox` are their callers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Literal, Protocol

Kind = Literal[
    "text", "photo", "voice", "audio", "video", "animation", "document", "sticker",
    "location", "contact", "button", "reaction",
    "blocked", "unblocked",  # the person closed or reopened the channel to us
    "unknown",  # understood as a message of a person, but of a kind the hub does not know yet
]  # fmt: skip

MEDIA_KINDS = frozenset({"photo", "voice", "audio", "video", "animation", "document", "sticker"})


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A file that the provider keeps for us; `ref` is the provider's handle, never a URL with a secret in it."""

    ref: str
    mime: str | None = None
    name: str | None = None
    size: int | None = None  # bytes, as the provider announced it


@dataclass(frozen=True, slots=True)
class MediaFile:
    content: bytes
    mime: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    latitude: float
    longitude: float
    label: str | None = None  # a venue's title and address


@dataclass(frozen=True, slots=True)
class ContactCard:
    name: str
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """`id` comes back when the button is pressed (at most 64 bytes, Telegram's limit); `label` is what people read."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that a person did. `external_id` is unique within the channel: the index on it judges duplicates."""

    external_id: str
    address: str  # where a reply goes: Telegram chat id, phone number, business-scoped id
    kind: Kind
    sender: str | None = None  # who wrote, where that is not the address (groups)
    text: str | None = None  # text or caption; a button's label; a reaction's emoji ('' = removed)
    media: tuple[MediaRef, ...] = ()
    location: Location | None = None
    contact: ContactCard | None = None
    button: Button | None = None
    reply_to: str | None = None  # external_id of the message it answers or reacts to
    provider_time: datetime | None = None  # aware, UTC
    language_hint: str | None = None  # the app's language, ISO 639-1; a weak hint only
    group: bool = False  # from a group or channel: stored, never answered
    album: str | None = None  # several media sent as one
    start_payload: str | None = None  # what a link that opened the bot carried
    acknowledge: str | None = None  # token to hand to Channel.acknowledge within seconds
    opt: Literal["stop", "start", "help"] | None = None  # the provider recognised it, and has already replied
    also_address: str | None = None  # the same person's other id at this provider, where the message carries both
    account: str | None = None  # which of our numbers it came to, where one webhook serves several
    extra: Mapping[str, Any] = field(default_factory=dict)  # small leftovers worth keeping (forwarded, referral…)


@dataclass(frozen=True, slots=True)
class InboundEdit:
    """A new wording of an earlier message: kept with the original, never a new turn."""

    message: Inbound  # as it reads now; `external_id` is the original's
    edited_at: datetime
    revoked: bool = False  # the person deleted it: `message` has no content, and is no message of its own


@dataclass(frozen=True, slots=True)
class AddressChange:
    """The provider moved a conversation to a new address (number change, group upgraded)."""

    old: str
    new: str
    account: str | None = None


DeliveryStatus = Literal["sent", "delivered", "read", "failed"]


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """Delivery news about an outbound message; arrives late, twice, in any order, and is applied by rank."""

    external_id: str
    status: DeliveryStatus
    error: "SendErrorKind | None" = None
    provider_code: str | None = None
    account: str | None = None
    reference: str | None = None  # what we gave the provider with the message: settles one whose id never came back


Item = Inbound | InboundEdit | AddressChange | StatusUpdate


@dataclass(frozen=True, slots=True)
class Parsed:
    """A webhook's items, and what could not be used: short reasons without personal text, for log and metrics."""

    items: tuple[Item, ...] = ()
    unused: tuple[str, ...] = ()
    answer: "WebhookAnswer | None" = None  # what this very request must be answered (a handshake's challenge)


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's request as received. `url` is the one the provider was told (PUBLIC_URL + path + query)."""

    method: str
    url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    path_suffix: str = ""  # what follows /webhooks/{channel}: '' or 'status'


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Template:
    """A message approved by the provider beforehand: the only words allowed outside WhatsApp's 24-hour window."""

    name: str  # the name at Meta, or the ContentSid at Twilio
    language: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message = one provider call. Longer texts are cut by `Channel.parts` before they are queued."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    media: MediaFile | None = None
    media_url: str | None = None  # where a provider that fetches media itself finds it; signed, expiring
    reply_to: str | None = None  # external_id
    template: Template | None = None
    reference: str = ""  # comes back with news about the message, where the provider takes such a thing
    list_label: str = "…"  # what opens a list of options, in the person's language; at most 20 characters


@dataclass(frozen=True, slots=True)
class Receipt:
    external_id: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message of the channel can carry, and how fast it may send."""

    text: int
    caption: int
    buttons: int
    button_label: int
    per_second: float  # all addresses together
    burst: int = 10
    per_address_seconds: float = 0.0  # pause between two messages to one address
    address_burst: int = 4  # so many to one address before the pauses begin
    window_hours: float | None = None  # free words only so long after the person last wrote
    needs_media_url: bool = False  # the provider fetches our media by URL
    read_marks: bool = False  # `Channel.seen` shows the person something


class SendErrorKind(Enum):
    """The closed list of reasons why a message did not leave: value, retry?, whose fault?, does it stop the contact?

    The words for streetworkers are in the staff catalogue under `send_error.<value>`.
    """

    RATE_LIMITED = ("rate_limited", True, "provider", False)
    UNREACHABLE = ("unreachable", True, "network", False)  # proven: the provider never got it
    PROVIDER_DOWN = ("provider_down", True, "provider", False)  # proven: refused, not accepted (503)
    UNCERTAIN = ("uncertain", False, "network", False)  # it may have arrived: never sent again blindly
    BLOCKED = ("blocked", False, "person", True)  # the person blocked us or opted out
    ADDRESS_GONE = ("address_gone", False, "person", True)  # no such chat, number or account (any more)
    UNDELIVERABLE = ("undeliverable", False, "person", False)  # phone off, no credit, app too old: may work another day
    FILTERED = ("filtered", False, "provider", False)  # a carrier's filter, or Meta chose not to deliver
    WINDOW_CLOSED = ("window_closed", False, "provider", False)  # WhatsApp's 24 hours are over
    TEMPLATE = ("template", False, "ours", False)  # missing, paused or filled in wrongly
    TOO_LONG = ("too_long", False, "ours", False)
    MEDIA_REFUSED = ("media_refused", False, "ours", False)
    CREDENTIALS = ("credentials", True, "ours", False)  # wrong token: held until an admin repairs the channel
    ACCOUNT = ("account", False, "ours", False)  # suspended, trial, wrong sender, country not allowed
    REFUSED = ("refused", False, "ours", False)  # anything else that the provider will never take

    def __init__(self, code: str, retry: bool, fault: str, stops_contact: bool) -> None:
        self.code = code
        self.retry = retry
        self.fault = fault
        self.stops_contact = stops_contact


class SendError(Exception):
    """A message did not leave (or may not have). `detail` is the provider's code or title, never personal text."""

    def __init__(
        self,
        kind: SendErrorKind,
        detail: str = "",
        *,
        retry_after: float | None = None,
        new_address: str | None = None,
    ) -> None:
        super().__init__(f"{kind.code}: {detail}" if detail else kind.code)
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after  # seconds, where the provider said so
        self.new_address = new_address  # the provider moved the conversation; send there


class NotFromProvider(Exception):
    """The request is not signed as this channel's provider signs. `reason` is a short slug for the counter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaError(Exception):
    """A file can't be had. `reason`: `too_large`, `wrong_type`, `gone`, `refused`; `retry` where it may work later."""

    def __init__(self, reason: str, *, retry: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Finding:
    """What `channel check` found: a stable code, whether it is fine, and detail without secrets."""

    code: str
    ok: bool
    detail: str = ""


def failed_finding(code: str, error: SendError) -> Finding:
    """The provider refused this; or never heard the question, which says nothing about a token."""
    if error.kind.fault == "network":
        return Finding("no_answer", False, error.detail)
    return Finding(code, False, str(error))


class Channel(Protocol):
    """One configured account at a provider. Implementations keep one HTTP client for their whole life."""

    limits: Limits

    def verify(self, request: WebhookRequest) -> None:
        """Raise NotFromProvider unless the request is the provider's. Constant time; an unset secret refuses."""

    def parse(self, request: WebhookRequest) -> Parsed:
        """Never raises on provider data: one bad item is named in `unused` and the others are kept."""

    def answer(self, parsed: Parsed) -> WebhookAnswer:
        """What the provider expects to read once everything is stored."""

    def parts(self, message: Outbound) -> tuple[Outbound, ...]:
        """Cut and degrade a message to what one provider call can carry each; buttons stay on the last part."""

    async def send(self, address: str, message: Outbound) -> Receipt:
        """One provider call. Raises SendError; UNCERTAIN when the provider may have accepted it."""

    async def acknowledge(self, token: str) -> None:
        """Tell the provider that a button press was received; a late or repeated call is harmless."""

    async def seen(self, external_id: str) -> None:
        """Show the person that their message was read, where the provider has a mark for it. Never raises SendError."""

    async def fetch(self, media: MediaRef, *, max_bytes: int) -> MediaFile:
        """Download from the provider only. Raises MediaError."""

    async def connect(self, webhook_url: str) -> list[Finding]:
        """Tell the provider where its webhooks go (a no-op where this is done by hand)."""

    async def check(self, webhook_url: str) -> list[Finding]:
        """Ask the provider whether credentials and webhook are as they should be."""

    async def close(self) -> None: ...
