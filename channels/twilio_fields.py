"""Twilio's requests: their parameters, their signature, and the addresses in them."""

import hmac
import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from channels.base import NotFromProvider, WebhookRequest
from channels.text import clean_text

TwilioKind = Literal["sms", "whatsapp"]

_SIGNATURE = "x-twilio-signature"
_WHATSAPP = "whatsapp:"
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_BETWEEN_DIGITS = re.compile(r"[\s().\u00a0-]")
_FULL_NUMBER = 10  # digits; shorter ones are short codes, which have no plus


class Form:
    """The parameters of a request; names may repeat, and most values are empty."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getall(self, name: str) -> list[str]:
        """Every value as received; the name is the one that Twilio's validator looks for."""
        return self._values.get(name, [])

    def raw(self, name: str) -> str:
        """The first value that is not empty, without what a database refuses."""
        return next((clean for value in self.getall(name) if (clean := clean_text(value))), "")

    def text(self, name: str) -> str | None:
        """None for absent and blank values."""
        return self.raw(name).strip() or None

    def first(self, *names: str) -> str | None:
        return next((value for name in names if (value := self.text(name))), None)


def read_form(request: WebhookRequest) -> Form:
    """Of a GET the query, of a POST the body alone, as they are signed. Never raises."""
    if request.method.upper() == "GET":
        return Form(_pairs(urlsplit(request.url).query))
    if _is_json(request):
        return Form(_json_pairs(request.body))
    return Form(_pairs(request.body.decode("utf-8", "replace")))


def _pairs(encoded: str) -> list[tuple[str, str]]:
    return parse_qsl(encoded, keep_blank_values=True, errors="replace")


def _is_json(request: WebhookRequest) -> bool:
    return "json" in request.headers.get("content-type", "").lower()


def _json_pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        value = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return []
    pairs = value.items() if isinstance(value, dict) else ()
    return [(name, str(given)) for name, given in pairs if isinstance(given, str | int | float)]


def check_signature(request: WebhookRequest, form: Form, auth_token: str) -> None:
    """Raises NotFromProvider. The URL must be the one that Twilio was told, letter by letter (but for the port)."""
    if not auth_token:
        raise NotFromProvider("secret_unset")
    signature = request.headers.get(_SIGNATURE)
    if not signature:
        raise NotFromProvider("no_signature")
    url = request.url.partition("#")[0]
    signed: Form | dict[str, str] = form
    if request.method.upper() == "GET":
        signed = {}
    elif _is_json(request):
        signed = {}
        _check_hash(url, request.body)
    if _is_valid(url, signed, signature, auth_token):
        return
    # Refused either way; the admin learns whether Twilio was told another URL than PUBLIC_URL makes.
    ours = any(_is_valid(other, signed, signature, auth_token) for other in _other_urls(url, request))
    raise NotFromProvider("wrong_url" if ours else "wrong_signature")


def _is_valid(url: str, signed: Form | dict[str, str], signature: str, auth_token: str) -> bool:
    try:
        return bool(RequestValidator(auth_token).validate(url, signed, signature))
    except (ValueError, TypeError):  # Lone surrogates, impossible ports: nothing that Twilio signs.
        return False


def _other_urls(url: str, request: WebhookRequest) -> set[str]:
    """The same path as Twilio may have been told it: another scheme or host, a slash too many or too few."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    given = (request.headers.get(name, "") for name in ("host", "x-forwarded-host"))
    hosts = {parts.netloc, *(host for host in given if host)}
    paths = {parts.path, parts.path.removesuffix("/"), f"{parts.path}/"}
    return {
        parts._replace(scheme=scheme, netloc=host, path=path).geturl()
        for scheme in ("https", "http")
        for host in hosts
        for path in paths
    }


def _check_hash(url: str, body: bytes) -> None:
    """Of a JSON body only the hash is signed, as part of the URL."""
    given = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0].lower()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), sha256(body).hexdigest().encode()):
        raise NotFromProvider("wrong_body_hash")


def check_account(form: Form, account_sid: str) -> None:
    """A valid signature proves the account already; a name that contradicts it is refused all the same."""
    if any(value and value != account_sid for value in form.getall("AccountSid")):
        raise NotFromProvider("wrong_account")


def check_destination(form: Form, own: str, service: str, kind: TwilioKind, *, status: bool) -> None:
    """Messages come to our number and statuses are about it, or both belong to our messaging service.

    Of a service, statuses name whichever of its numbers sent, and not always the service itself.
    """
    numbers = [value for value in form.getall("From" if status else "To") if value.strip()]
    services = form.getall("MessagingServiceSid")
    if all(own and address_of(number, kind) == own for number in numbers):
        return
    if service and (service in services or (status and not any(services))):
        return
    raise NotFromProvider("wrong_destination")


def address_of(raw: str, kind: TwilioKind) -> str:
    """`+49…` or a business-scoped id: without `whatsapp:`, and with the plus that an unencoded query loses."""
    text = clean_text(raw)
    if kind == "whatsapp" and text.strip().lower().startswith(_WHATSAPP):
        text = text.strip()[len(_WHATSAPP) :]
    lost_plus = text.startswith(" ")
    digits = _BETWEEN_DIGITS.sub("", text)
    if not _PHONE.fullmatch(digits):
        return text.strip()
    if digits.startswith("+"):
        return digits
    full = len(digits) >= _FULL_NUMBER and not digits.startswith("0")
    return f"+{digits}" if kind == "whatsapp" or lost_plus or full else digits


def on_the_wire(address: str, kind: TwilioKind) -> str:
    """What Twilio calls an address in `To` and `From`."""
    return f"{_WHATSAPP}{address}" if kind == "whatsapp" and address else address
