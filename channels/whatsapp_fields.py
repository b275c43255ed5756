"""Reading Meta's JSON beyond what `Fields` knows: times as strings, people with and without a phone number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from channels.telegram_fields import Fields
from channels.text import clean_text

_SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_PHONE = re.compile(r"\+?([0-9]{5,20})", re.ASCII)
_LONGEST_ID = 200
_LAST_SECOND = 253_402_300_799  # of the year 9999: what datetime can hold


def is_scoped(address: str) -> bool:
    """A business-scoped user id (`BG.13491208655302741918`) stands for somebody who keeps the phone number private."""
    return bool(_SCOPED.fullmatch(address))


def address_of(raw: str | None) -> str | None:
    """The one form of an address: phone numbers as +4917…, everything else as Meta writes it."""
    value = (raw or "").strip()
    if number := _PHONE.fullmatch(value):
        return f"+{number[1]}"
    return value if 0 < len(value) <= _LONGEST_ID else None


def identifier(fields: Fields, name: str) -> str | None:
    """An id, which Meta writes as a string, and test tools as a number too."""
    value = fields.raw.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else ""
    if not isinstance(value, str):
        return None
    value = clean_text(value).strip()
    return value if 0 < len(value) <= _LONGEST_ID else None


def time_of(fields: Fields, name: str = "timestamp") -> datetime | None:
    """Seconds as a string, in some places as a number."""
    value = fields.raw.get(name)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(value, UTC)


def slug(value: str | None, fallback: str) -> str:
    """A word of the provider that may go into the log; anything odd may be a person's words."""
    return value if value and re.fullmatch(r"[A-Za-z0-9_]{1,40}", value) else fallback


@dataclass(frozen=True, slots=True)
class Who:
    """A person: where answers go, and the same person's other id where both came."""

    address: str
    also: str | None = None


class People:
    """The `contacts` of one change. Their names are not looked at: nobody here is known by name."""

    def __init__(self, contacts: Iterable[Fields]) -> None:
        self._pairs = [(identifier(one, "wa_id"), identifier(one, "user_id")) for one in contacts]
        self._by_id = {known: pair for pair in self._pairs for known in pair if known}

    def who(self, phone: str | None, scoped: str | None) -> Who | None:
        """The phone number first: with it Meta keeps sending both; the scoped id alone where there is no number."""
        pair = self._by_id.get(phone or "") or self._by_id.get(scoped or "")
        if pair is None and len(self._pairs) == 1 and not (phone and scoped):
            pair = self._only(phone, scoped)
        if pair:
            phone, scoped = phone or pair[0], scoped or pair[1]
        first, second = address_of(phone), address_of(scoped)
        if first is None or first == second:
            return Who(second) if second else None
        return Who(first, second)

    def _only(self, phone: str | None, scoped: str | None) -> tuple[str | None, str | None] | None:
        """The one contact is the sender, even where `wa_id` and `from` differ (Brazil, Mexico)."""
        wa_id, user_id = self._pairs[0]
        if scoped and user_id and user_id != scoped:
            return None
        return (wa_id, user_id)
