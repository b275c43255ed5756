"""Messages.json: creating with Twilio's checks, in about its order, and listing with filters and pages."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from tests.providers.twilio.state import WINDOW, ApiError, Call, Json, Number, Record, State

MAX_BODY, MAX_MEDIA = 1600, 10
TRIAL_WORDS = "Sent from your Twilio trial account - "
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{4,128}")


def create_message(state: State, call: Call) -> Record:
    to = call.get("To") or ""
    _check_recipient(state, to)
    number = _sender(state, call, to)
    body = call.get("Body") or ""
    media = tuple(value for name, value in call.parameters if name == "MediaUrl")
    content_sid = call.get("ContentSid") or ""
    _check_content(state, call, body, media, content_sid)
    if state.trial and body:
        body = TRIAL_WORDS + body
    service = call.get("MessagingServiceSid") or ""
    record = Record(
        state.next_sid("MM" if media else "SM"), to, number.number, body, "outbound-api",
        "accepted" if service else "queued", state.now(), service=service, callback=call.get("StatusCallback") or "",
        content_sid=content_sid, variables=call.get("ContentVariables") or "", media_urls=media,
    )  # fmt: skip
    if content_sid:
        record.body = _filled(state.templates[content_sid], record.variables)
    state.records.append(record)
    return record


def _check_recipient(state: State, to: str) -> None:
    if not to:
        raise ApiError(400, 21604, "A 'To' phone number is required.")
    bare = to.removeprefix("whatsapp:")
    scoped = to.startswith("whatsapp:") and _SCOPED.fullmatch(bare)
    if not _E164.fullmatch(bare) and not scoped:
        raise ApiError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if to in state.numbers:
        raise ApiError(400, 21266, "'To' and 'From' number cannot be the same")
    mobile = state.mobile(to)
    if state.trial and not mobile.verified:
        raise ApiError(400, 21608, f"The number {to} is unverified. Trial accounts cannot send messages to it")
    if mobile.stopped and not to.startswith("whatsapp:"):
        raise ApiError(400, 21610, "Attempt to send to unsubscribed recipient")


def _sender(state: State, call: Call, to: str) -> Number:
    whatsapp = to.startswith("whatsapp:")
    service, sender = call.get("MessagingServiceSid"), call.get("From")
    if service and service not in state.services:
        raise ApiError(404, 21701, "The messaging service does not exist")
    if service and not sender:
        pool = [number for number in state.numbers.values() if number.whatsapp == whatsapp]
        if not pool:
            raise ApiError(400, 21703, "The Messaging Service does not have a phone number available")
        return pool[0]
    if not sender:
        raise ApiError(400, 21603, "A 'From' phone number is required.")
    number = state.numbers.get(sender)
    if number is None or number.whatsapp != whatsapp or not number.can_sms:
        if whatsapp:
            raise ApiError(400, 63007, "Twilio could not find a Channel with the specified From address")
        raise ApiError(400, 21606, f"The 'From' phone number {sender} is not a valid, SMS-capable number")
    return number


def _check_content(state: State, call: Call, body: str, media: tuple[str, ...], content_sid: str) -> None:
    if not body and not media and not content_sid:
        raise ApiError(400, 21619, "A text message body, media urls or content SID must be specified.")
    if len(body) > MAX_BODY:
        raise ApiError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if len(media) > MAX_MEDIA:
        raise ApiError(400, 21623, "Number of media files exceeds allowed limit")
    if any(not _is_url(url) for url in media):
        raise ApiError(400, 21620, "Invalid media URL(s)")
    callback = call.get("StatusCallback")
    if callback is not None and not _is_url(callback):
        raise ApiError(400, 21609, "The 'StatusCallback' URL is not a valid URL")
    if content_sid and content_sid not in state.templates:
        raise ApiError(400, 21655, "The ContentSid is invalid")
    if content_sid and call.get("ContentVariables") is not None:
        _variables(call.get("ContentVariables") or "")


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _variables(raw: str) -> Mapping[str, str]:
    try:
        variables = json.loads(raw)
    except ValueError:
        variables = None
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise ApiError(400, 21656, "The ContentVariables parameter is invalid")
    return variables


def _filled(template: str, raw: str) -> str:
    for name, value in _variables(raw or "{}").items():
        template = template.replace("{{" + name + "}}", value)
    return template


def failure_of(state: State, record: Record) -> int | None:
    """Why WhatsApp will not deliver what Twilio has accepted."""
    if not record.to.startswith("whatsapp:"):
        return None
    mobile = state.mobile(record.to)
    if mobile.blocked:
        return 63014
    open_until = mobile.last_wrote + WINDOW if mobile.last_wrote else None
    if not record.content_sid and (open_until is None or record.created > open_until):
        return 63016
    return None


def list_messages(state: State, query: Mapping[str, str]) -> Json:
    """Newest first; messages that wait have no `date_sent`, and no filter by date finds them."""
    after, before = _moment(query.get("DateSent>")), _moment(query.get("DateSent<"))
    records = [one for one in reversed(state.records) if _matches(one, query) and _sent_between(one, after, before)]
    size = min(max(int(query.get("PageSize", 50)), 1), 1000)
    page = int(query.get("Page", 0))
    path = f"/2010-04-01/Accounts/{state.account}/Messages.json"
    rest = {name: value for name, value in query.items() if name not in ("Page", "PageToken")}
    more = len(records) > (page + 1) * size
    following = f"{path}?{urlencode(rest | {'Page': page + 1, 'PageToken': f'PA{page}'})}" if more else None
    return {
        "messages": [record.describe(state.account) for record in records[page * size : (page + 1) * size]],
        "page": page, "page_size": size, "uri": path, "first_page_uri": path, "previous_page_uri": None,
        "next_page_uri": following, "start": page * size, "end": page * size + size - 1,
    }  # fmt: skip


def _matches(record: Record, query: Mapping[str, str]) -> bool:
    return query.get("To", record.to) == record.to and query.get("From", record.sender) == record.sender


def _sent_between(record: Record, after: datetime | None, before: datetime | None) -> bool:
    if after is None and before is None:
        return True
    if record.sent is None:
        return False
    return (after is None or record.sent >= after) and (before is None or record.sent <= before)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        raise ApiError(400, 20001, "Invalid DateSent") from None
