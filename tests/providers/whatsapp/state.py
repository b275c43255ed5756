"""What the double remembers: numbers, people, messages, files, templates, calls, faults that tests asked for."""

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

TOKEN = "EAAG-double-of-whatsapp-for-tests-00"
APP_SECRET = "0123456789abcdef0123456789abcdef"
VERIFY_TOKEN = "verify-me"
APP_ID, WABA_ID = "670843887433847", "102290129340398"
NUMBER_ID, OTHER_NUMBER_ID = "106540352242922", "106540352242923"


class ApiError(Exception):
    """Meta's error JSON."""

    def __init__(self, status: int, code: int, message: str, *, subcode: int | None = None, details: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.subcode = subcode
        self.details = details

    def describe(self) -> Json:
        error: Json = {"message": f"(#{self.code}) {self.message}", "type": "OAuthException", "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": {**error, "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam"}}


@dataclass
class Number:
    """One of our numbers."""

    id: str
    display: str
    quality: str = "GREEN"
    webhook: str = ""  # an override for this number


@dataclass
class Contact:
    """Somebody with WhatsApp, as this business sees them."""

    wa_id: str | None
    user_id: str
    name: str
    state: Literal["open", "gone", "stopped"] = "open"
    wrote_at: dict[str, float] = field(default_factory=dict)  # by number: the 24-hour window
    identity_changes: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.user_id,) if self.wa_id is None else (self.wa_id, self.user_id)


@dataclass
class Sent:
    """A message of ours, as the person's phone shows it."""

    id: str
    number_id: str
    to: str
    kind: str
    text: str = ""  # body or caption
    buttons: tuple[tuple[str, str], ...] = ()  # label, id
    opener: str = ""  # what opens a list
    file: bytes | None = None
    file_name: str | None = None
    template: Json | None = None
    reply_to: str | None = None
    raw: Json = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)


@dataclass
class Call:
    """A request of the hub; `status` is 0 while it is not answered."""

    method: str
    path: str
    body: Json
    query: Json = field(default_factory=dict)
    status: int = 0


@dataclass
class StoredFile:
    content: bytes
    mime: str
    name: str = ""
    number_id: str = NUMBER_ID
    announced: int | None = None  # when Meta lies about the size
    sha256: str | None = None  # when it lies about the hash
    url: str | None = None  # another place than ours
    expired: int = 0  # so many downloads find that the URL has run out
    fault: Literal["", "missing", "redirect", "slow", "broken"] = ""
    redirect_to: str = "http://127.0.0.2/secret"


@dataclass
class Template:
    name: str
    language: str
    body: str
    status: str = "APPROVED"
    category: str = "UTILITY"


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls whose path ends with `path`.

    `accept`: the call takes effect before it goes wrong. `hang` never answers, `garbage` answers 200 with what isn't
    JSON; otherwise Meta's `code` is answered with `status`, or HTML where `code` is None.
    """

    path: str = "/messages"
    to: str | None = None
    times: int = 1
    status: int = 500
    code: int | None = 131000
    subcode: int | None = None
    message: str = "Something went wrong"
    retry_after: int | None = None
    hang: bool = False
    garbage: bool = False
    accept: bool = False


@dataclass
class Delivery:
    """What became of a webhook: the status codes that were answered (0: no answer)."""

    payload: Json
    attempts: list[int] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return bool(self.attempts) and self.attempts[-1] == 200

    @property
    def message(self) -> Json:
        message: Json = self.payload["entry"][0]["changes"][0]["value"]["messages"][0]
        return message


@dataclass
class Webhook:
    """As set in the app's dashboard."""

    url: str = ""
    verify_token: str = VERIFY_TOKEN


class State:
    def __init__(self, token: str, app_secret: str) -> None:
        self.token = token
        self.app_secret = app_secret
        self.token_expires = 0  # 0: never
        self.revoked = False
        self.subscribed = False
        self.webhook = Webhook()
        self.numbers = {
            NUMBER_ID: Number(NUMBER_ID, "+49 3443 5550100"),
            OTHER_NUMBER_ID: Number(OTHER_NUMBER_ID, "+49 202 5550100"),
        }
        self.contacts: dict[str, Contact] = {}  # by every id
        self.messages: set[str] = set()
        self.sent: list[Sent] = []
        self.read_marks: list[Json] = []
        self.files: dict[str, StoredFile] = {}
        self.templates: list[Template] = []
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.per_second: int | None = None  # Meta's throughput, where a test wants it
        self.pair_burst: int | None = None  # so many to one person, then one in six seconds
        self.sent_at: list[float] = []
        self.base_url = ""
        self.offset = 0.0  # seconds; tests move the clock
        self.changed = asyncio.Condition()
        self.closing = asyncio.Event()
        self._ids = 0

    def time(self) -> float:
        return time.time() + self.offset

    def next_id(self) -> str:
        """An id of a message, with the characters of base64 that need care."""
        self._ids += 1
        raw = b"\x1d\x0b\xff\xfb" + f"double{self._ids:08d}".encode()
        wamid = f"wamid.{base64.b64encode(raw).decode()}"
        self.messages.add(wamid)
        return wamid

    def add_file(self, content: bytes, mime: str = "application/octet-stream", **about: Any) -> str:
        self._ids += 1
        media_id = f"{903_470_842_000_000 + self._ids}"
        self.files[media_id] = StoredFile(content, mime, **about)
        return media_id

    def take_fault(self, path: str, to: str | None) -> Fault | None:
        for fault in self.faults:
            if path.endswith(fault.path) and fault.to in (None, to):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()
