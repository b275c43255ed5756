"""Twilio's message list: what the webhooks missed, and what became of a message whose sending broke off.

Twilio sends a webhook once and gives up early; its list keeps everything, so a job reads it again.
"""

import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from twilio.rest import Client

from channels.base import Inbound, MediaRef, Receipt, StatusUpdate
from channels.twilio_fields import TwilioKind, address_of, on_the_wire
from channels.twilio_parse import media_ref, message_from_list, status_update
from channels.twilio_wire import attempt

_MOST = 1000  # records of one look: an hour without webhooks at the pace of one a few seconds
_MOST_TO_ONE = 100
_CLOCKS_DIFFER = timedelta(seconds=5)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ADVERTISEMENT = "Sent from your Twilio trial account"


class Lookups:
    """Every method asks Twilio and raises SendError; all kinds are harmless here, a look can be repeated."""

    def __init__(self, client: Client, kind: TwilioKind, own: str, service: str, media_host: str) -> None:
        self._messages = client.api.account.messages
        self._kind = kind
        self._own = own
        self._service = service
        self._media_host = media_host

    async def received_since(self, since: datetime) -> list[Inbound]:
        """Messages to us, oldest first, as far as the list knows them: without pressed buttons and places."""
        received = []
        for record in await self._list(since, to=self._own):
            if record.direction == "inbound":
                media = await attempt(self._media(record)) if (record.num_media or "0") != "0" else ()
                message = message_from_list(record, self._kind, self._own, media)
                received += [message] if message else []
        return received

    async def statuses_since(self, since: datetime) -> list[StatusUpdate]:
        """How far our messages got."""
        found = []
        for record in await self._list(since, sender=self._own):
            if (record.direction or "").startswith("outbound") and record.sid:
                update = status_update(record.sid, str(record.status or ""), record.error_code)
                found += [update] if update else []
        return found

    async def find_sent(
        self, address: str, text: str, since: datetime, exclude: Collection[str] = ()
    ) -> Receipt | None:
        """Our first message of these words to this address; `exclude` are ids that belong to other messages.

        Not filtered by `DateSent`: a message that still waits in Twilio's queue has none.
        """
        earliest = since.astimezone(UTC) - _CLOCKS_DIFFER
        records = await attempt(
            self._messages.list_async(to=on_the_wire(address, self._kind), limit=_MOST_TO_ONE, page_size=_MOST_TO_ONE)
        )
        found = [
            record
            for record in reversed(records)
            if (record.direction or "").startswith("outbound")
            and record.sid not in exclude
            and _created(record) >= earliest
            and self._is_ours(record, record.from_)
            and _same_words(record.body or "", text)
        ]
        return Receipt(min(found, key=_created).sid) if found else None

    async def _list(self, since: datetime, *, to: str = "", sender: str = "") -> list[Any]:
        """Oldest first. A messaging service has many numbers, so its messages are picked from all of the account's."""
        since = since.astimezone(UTC)
        filters: dict[str, Any] = {"date_sent_after": since - _CLOCKS_DIFFER}
        if not self._service:
            filters |= {"to": on_the_wire(to, self._kind)} if to else {"from_": on_the_wire(sender, self._kind)}
        records = await attempt(self._messages.list_async(**filters, limit=_MOST, page_size=200))
        # Twilio lists the newest first and its dates are whole seconds: turned, so that equal ones keep their order.
        ours = [one for one in reversed(records) if self._is_ours(one, one.to if to else one.from_)]
        return sorted(ours, key=_created)

    def _is_ours(self, record: Any, number: str | None) -> bool:
        if self._service and record.messaging_service_sid == self._service:
            return True
        return bool(self._own) and address_of(number or "", self._kind) == self._own

    async def _media(self, record: Any) -> tuple[MediaRef, ...]:
        files = await self._messages(record.sid).media.list_async(limit=10)
        return tuple(
            MediaRef(media_ref((one.uri or "").removesuffix(".json"), self._media_host), one.content_type)
            for one in files
        )


def _created(record: Any) -> datetime:
    """The library leaves a date that it can't read as it is."""
    return record.date_created if isinstance(record.date_created, datetime) else _LONG_AGO


def _same_words(body: str, text: str) -> bool:
    """By letters and digits: Twilio's "smart encoding" replaces quotes and dashes; trial accounts add an advertisement."""
    found, wanted = _letters(body), _letters(text)
    if not wanted:
        return body.strip() == text.strip()
    return found in (wanted, _letters(_ADVERTISEMENT) + wanted)


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
