"""What the double remembers: chats, files, calls, faults that tests asked for."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

DEFAULT_UPDATES = frozenset(
    {"message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member", "poll"}
)


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class Sent:
    """A message of the bot, as the person's phone shows it."""

    chat_id: int
    message_id: int
    method: str
    text: str = ""  # or the caption
    buttons: tuple[tuple[str, str], ...] = ()  # label, data
    file: bytes | None = None
    file_name: str | None = None
    reply_to: int | None = None
    at: float = field(default_factory=time.monotonic)


@dataclass
class Call:
    """A request of the bot; `status` is 0 while it is not answered."""

    method: str
    parameters: Json
    status: int = 0
    at: float = field(default_factory=time.monotonic)


@dataclass
class Chat:
    id: int
    kind: Literal["private", "group", "supergroup"] = "private"
    title: str = ""  # of a group; the first name of a person
    state: Literal["open", "never_started", "blocked", "deactivated", "kicked"] = "open"
    migrated_to: int | None = None
    messages: dict[int, Json] = field(default_factory=dict)  # everybody's, by message id
    sent: list[Sent] = field(default_factory=list)  # the bot's, in order
    next_message_id: int = 1

    def describe(self) -> Json:
        name = {"first_name": self.title} if self.kind == "private" else {"title": self.title}
        return {"id": self.id, "type": self.kind, **name}


@dataclass
class StoredFile:
    content: bytes
    path: str
    announced: int | None = None  # when getFile lies about the size
    fault: Literal["", "missing", "redirect", "slow", "broken"] = ""
    redirect_to: str = "http://127.0.0.2/secret"


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls that match.

    `accept`: the call takes effect before it goes wrong. `retry_after` makes a 429, `hang` never answers,
    `garbage` answers 200 with what isn't JSON, and otherwise `status` is answered.
    """

    method: str = "send"  # the beginning of a method's name, in any case
    chat_id: int | None = None
    times: int = 1
    status: int = 500
    description: str = "Internal Server Error"
    json: bool = True  # else HTML, as a proxy in front of Telegram answers
    retry_after: int | None = None
    hang: bool = False
    garbage: bool = False
    accept: bool = False


@dataclass
class Delivery:
    """What became of an update: the status codes that the webhook answered (0: no answer)."""

    update: Json
    attempts: list[int] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return bool(self.attempts) and 200 <= self.attempts[-1] < 300

    @property
    def message(self) -> Json:
        message: Json = self.update.get("message") or self.update["edited_message"]
        return message


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    allowed: frozenset[str] = DEFAULT_UPDATES
    last_error: str = ""
    last_error_at: int = 0


class State:
    def __init__(self, token: str, username: str) -> None:
        self.token = token
        self.username = username
        self.bot_id = int(token.split(":")[0])
        self.webhook = Webhook()
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, list[str]] = {}  # callback queries that can be answered, and the answers
        self.pending: list[Json] = []  # updates for getUpdates
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.changed = asyncio.Condition()
        self.closing = asyncio.Event()
        self._update_id = 700_000_000
        self._file_number = 0

    def next_update_id(self) -> int:
        self._update_id += 1
        return self._update_id

    def jump_to(self, update_id: int) -> None:
        """After a quiet week Telegram goes on from a random number."""
        self._update_id = update_id

    def add_file(self, content: bytes, suffix: str = "bin", **about: Any) -> str:
        self._file_number += 1
        file_id = f"AgACAgIAAxkBAAI{self._file_number:06d}"
        self.files[file_id] = StoredFile(content, f"files/file_{self._file_number}.{suffix}", **about)
        return file_id

    def add_message(self, chat: Chat, message: Json) -> Json:
        """Gives the message its id, date and chat."""
        message_id, chat.next_message_id = chat.next_message_id, chat.next_message_id + 1
        whole = {"message_id": message_id, "date": int(time.time()), "chat": chat.describe(), **message}
        chat.messages[message_id] = whole
        return whole

    def take_fault(self, method: str, chat_id: int | None) -> Fault | None:
        for fault in self.faults:
            if method.lower().startswith(fault.method.lower()) and fault.chat_id in (None, chat_id):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()
