"""What the double remembers: numbers, people's states, messages, files, calls, faults that tests asked for."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

Json = dict[str, Any]
Pairs = list[tuple[str, str]]

WINDOW = timedelta(hours=24)


class ApiError(Exception):
    """A refusal in Twilio's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass
class Number:
    """One of the account's numbers; `whatsapp` ones are senders at WhatsApp."""

    number: str
    sid: str
    whatsapp: bool = False
    url: str = ""
    method: str = "POST"
    app_sid: str = ""
    can_sms: bool = True
    online: bool = True


@dataclass
class Service:
    sid: str
    url: str = ""
    numbers_decide: bool = False


@dataclass
class File:
    sid: str
    content: bytes
    mime: str
    name: str = ""
    fault: Literal["", "missing", "redirect", "slow", "broken"] = ""
    redirect_to: str = "http://127.0.0.2/secret"


@dataclass
class Record:
    """A message in either direction, as Twilio's list shows it."""

    sid: str
    to: str
    sender: str
    body: str
    direction: str
    status: str
    created: datetime
    sent: datetime | None = None
    error_code: int | None = None
    service: str = ""
    callback: str = ""
    content_sid: str = ""
    variables: str = ""
    media_urls: tuple[str, ...] = ()
    files: list[File] = field(default_factory=list)

    def describe(self, account: str) -> Json:
        uri = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}"
        return {
            "sid": self.sid, "account_sid": account, "to": self.to, "from": self.sender or None, "body": self.body,
            "direction": self.direction, "status": self.status, "error_code": self.error_code, "error_message": None,
            "messaging_service_sid": self.service or None, "num_media": str(len(self.files)), "num_segments": "1",
            "date_created": _date(self.created), "date_updated": _date(self.created), "date_sent": _date(self.sent),
            "price": None, "price_unit": "USD", "api_version": "2010-04-01", "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }  # fmt: skip


def _date(moment: datetime | None) -> str | None:
    return format_datetime(moment.astimezone(UTC)) if moment else None


@dataclass
class Call:
    """A request of the hub; `status` is 0 while it is not answered."""

    method: str
    path: str
    parameters: Pairs
    status: int = 0
    at: float = field(default_factory=time.monotonic)

    def get(self, name: str) -> str | None:
        return next((value for known, value in self.parameters if known == name), None)


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls whose method and path match.

    `accept`: the call takes effect before it goes wrong. `hang` never answers, `reset` breaks the connection,
    `garbage` answers 201 with what isn't JSON; otherwise `status` is answered, with `code` as JSON where one is given.
    """

    method: str = "POST"
    path: str = "/Messages.json"
    to: str | None = None
    times: int = 1
    status: int = 500
    code: int | None = None
    retry_after: int | None = None
    hang: bool = False
    reset: bool = False
    garbage: bool = False
    accept: bool = False


@dataclass
class Delivery:
    """A webhook, and what the hub answered: status codes (0: no connection), the last body and its type."""

    url: str
    form: Pairs
    attempts: list[int] = field(default_factory=list)
    answer: str = ""
    content_type: str = ""

    @property
    def accepted(self) -> bool:
        return bool(self.attempts) and 200 <= self.attempts[-1] < 300

    def get(self, name: str) -> str:
        return next((value for known, value in self.form if known == name), "")


@dataclass
class Mobile:
    """What Twilio knows about a person's address."""

    stopped: bool = False
    blocked: bool = False  # on WhatsApp
    verified: bool = False  # for trial accounts
    last_wrote: datetime | None = None


class State:
    def __init__(self, account: str, token: str) -> None:
        self.account = account
        self.token = token
        self.trial = False
        self.active = True
        self.advanced_opt_out = False
        self.numbers: dict[str, Number] = {}
        self.services: dict[str, Service] = {}
        self.templates: dict[str, str] = {}  # ContentSid: text with {{1}}
        self.mobiles: dict[str, Mobile] = {}
        self.records: list[Record] = []
        self.files: dict[str, File] = {}
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.changed = asyncio.Condition()
        self.closing = asyncio.Event()
        self.offset = timedelta()  # tests move the clock
        self._last = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def next_sid(self, prefix: str) -> str:
        self._last += 1
        return f"{prefix}{self._last:032x}"

    def mobile(self, address: str) -> Mobile:
        return self.mobiles.setdefault(address, Mobile())

    def add_file(self, content: bytes, mime: str, **about: Any) -> File:
        file = File(self.next_sid("ME"), content, mime, **about)
        self.files[file.sid] = file
        return file

    def record(self, sid: str) -> Record:
        found = next((record for record in self.records if record.sid == sid), None)
        if found is None:
            raise ApiError(404, 20404, "The requested resource was not found")
        return found

    def take_fault(self, method: str, path: str, to: str | None) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fault.path in path and fault.to in (None, to):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()
