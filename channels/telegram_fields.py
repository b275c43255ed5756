"""Reading Telegram's JSON: every value is checked, so that damaged ones read as absent and nothing raises."""

import json
import math
import re
from datetime import UTC, datetime
from typing import Any, NoReturn

from channels.text import clean_text

_LAST_SECOND = 253_402_300_799  # of the year 9999: what datetime can hold


class Unused(Exception):
    """The update is understood, and nothing for the hub."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Fields:
    """A JSON object of the provider: every read checks the type, so damaged values read as absent."""

    def __init__(self, value: object) -> None:
        self.raw: dict[str, Any] = value if isinstance(value, dict) else {}

    def __contains__(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def text(self, name: str) -> str | None:
        value = self.raw.get(name)
        return value if isinstance(value, str) and value else None

    def whole(self, name: str) -> int | None:
        """A whole number that fits 64 bits."""
        value = self.raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if -(2**63) <= value < 2**63 else None

    def size(self, name: str) -> int:
        return max(self.whole(name) or 0, 0)

    def number(self, name: str) -> float | None:
        value = self.raw.get(name)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        whole = self.whole(name)
        return None if whole is None else float(whole)

    def time(self, name: str) -> datetime | None:
        value = self.whole(name)
        return datetime.fromtimestamp(value, UTC) if value and 0 < value <= _LAST_SECOND else None

    def child(self, name: str) -> "Fields":
        return Fields(self.raw.get(name))

    def children(self, name: str) -> "list[Fields]":
        value = self.raw.get(name)
        return [Fields(item) for item in value] if isinstance(value, list) else []


def read_json(body: bytes) -> object:
    """Raises ValueError or RecursionError for what is not JSON."""
    return json.loads(body.decode("utf-8-sig", "replace"), parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are not JSON.


def cleaned(value: Any) -> Any:
    """The same JSON with `clean_text` in every string."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(name): cleaned(item) for name, item in value.items()}
    return value


def is_group(chat: Fields, chat_id: int) -> bool:
    kind = chat.text("type")
    return kind != "private" if kind else chat_id < 0


def sender(message: Fields) -> str | None:
    """Anonymous admins and channels write through a placeholder bot; `sender_chat` says who it is."""
    author = message.child("sender_chat").whole("id") or message.child("from").whole("id")
    return None if author is None else str(author)


def language(person: Fields) -> str | None:
    """The language of the person's app, without the region."""
    code = (person.text("language_code") or "").lower().replace("_", "-").split("-")[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None
