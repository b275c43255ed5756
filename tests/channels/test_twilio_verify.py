"""Whose requests are taken: signature, account, destination."""

import json
import random
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.base import NotFromProvider, Parsed, WebhookRequest
from channels.twilio import Twilio
from tests.channels.test_twilio_parse import ACCOUNT, NAMES, NUMBER, SERVICE, TOKEN, channel_for, load
from tests.providers.twilio import sign

URL = "https://hub.example/webhooks/number"
Form = dict[str, str] | list[tuple[str, str]]


def signed(
    form: Form, *, url: str = URL, signed_url: str = "", token: str = TOKEN, suffix: str = "", **headers: str
) -> WebhookRequest:
    pairs = list(form.items()) if isinstance(form, dict) else form
    given = {"content-type": "application/x-www-form-urlencoded", **headers}
    given.setdefault("x-twilio-signature", sign(token, signed_url or url, pairs))
    return WebhookRequest("POST", url, given, urlencode(pairs).encode(), suffix)


def refused(channel: Twilio, request: WebhookRequest) -> str:
    with pytest.raises(NotFromProvider) as caught:
        channel.verify(request)
    return caught.value.reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["", "status"])
def test_signed_requests_are_taken(name: str, suffix: str) -> None:
    channel_for(name).verify(signed(load(name), suffix=suffix))


@pytest.mark.parametrize("name", NAMES)
def test_signed_queries_are_taken(name: str) -> None:
    url = f"{URL}?{urlencode(load(name))}"
    channel_for(name).verify(WebhookRequest("GET", url, {"x-twilio-signature": sign(TOKEN, url)}, b""))


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ("https://hub.example:443/hook", "https://hub.example/hook"),
        ("https://hub.example/hook", "https://hub.example:443/hook"),
        ("http://hub.example:80/hook", "http://hub.example/hook"),
        ("https://hub.example/hook?place=halle&x=%C3%A4", "https://hub.example/hook?place=halle&x=%C3%A4"),
        ("https://hub.example/hook", "https://hub.example/hook#rc=5&rp=all"),
        ("https://hub.example:8443/hook", "https://hub.example:8443/hook"),
    ],
)
def test_ports_and_fragments(told: str, seen: str) -> None:
    channel_for("sms").verify(signed(load("sms_text"), url=seen, signed_url=told))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("http://hub.example/webhooks/number", "wrong_url"),
        ("https://hub.example/webhooks/number/", "wrong_url"),
        ("http://internal:8080/webhooks/number", "wrong_url"),
        ("https://proxy.example/webhooks/number", "wrong_url"),
        ("https://hub.example/webhooks/other", "wrong_signature"),
        ("https://other.example/webhooks/number", "wrong_signature"),
        ("https://hub.example/webhooks/number?x=1", "wrong_signature"),
    ],
)
def test_another_url(told: str, reason: str) -> None:
    """Refused whatever it is; the likely mistakes have a name for the admin."""
    hosts = {"host": "internal:8080", "x-forwarded-host": "proxy.example"}
    assert refused(channel_for("sms"), signed(load("sms_text"), signed_url=told, **hosts)) == reason


def test_hard_forms() -> None:
    base = {"AccountSid": ACCOUNT, "To": NUMBER, "MessageSid": "SM1", "From": "+3591"}
    for pairs in (
        [*base.items(), ("A", "2"), ("A", "1"), ("A", "2"), ("a", ""), ("Ä", "ß"), ("Body", "👩‍👩‍👧 +%20&=\n")],
        [("Body", "a+b c"), *base.items(), ("Z", "😀"), ("\U00010400", "x"), ("\uffff", "y")],
    ):
        channel_for("sms").verify(signed(pairs))
        plus = urlencode(pairs).encode()
        percent = urlencode(pairs, quote_via=quote).encode()
        assert plus != percent
        headers = {"x-twilio-signature": sign(TOKEN, URL, pairs)}
        channel_for("sms").verify(WebhookRequest("POST", URL, headers, percent))


def test_the_double_signs_as_the_library_does() -> None:
    chance = random.Random(7)
    for _ in range(300):
        names = ["".join(chance.choices("AaZÄя😀 =&", k=3)) for _ in range(5)]
        form = {name: "".join(chance.choices("ab +%\nщ😀", k=chance.randrange(6))) for name in names}
        assert sign(TOKEN, URL, list(form.items())) == RequestValidator(TOKEN).compute_signature(URL, form)


def altered(request: WebhookRequest, **changes: Any) -> WebhookRequest:
    about = {name: getattr(request, name) for name in ("method", "url", "headers", "body", "path_suffix")}
    return WebhookRequest(**{**about, **changes})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"headers": {}}, "no_signature"),
        ({"headers": {"x-twilio-signature": ""}}, "no_signature"),
        ({"headers": {"x-twilio-signature": "AAAA"}}, "wrong_signature"),
        ({"headers": {"x-twilio-signature": "тайна\udcff"}}, "wrong_signature"),
        ({"url": URL + "x"}, "wrong_signature"),
        ({"url": "https://hub.example:99999/"}, "wrong_signature"),
        ({"url": "https://[::1/"}, "wrong_signature"),
        ({"method": "GET"}, "wrong_signature"),
    ],
)
def test_forgeries(change: dict[str, Any], reason: str) -> None:
    assert refused(channel_for("sms"), altered(signed(load("sms_text")), **change)) == reason


def test_every_byte_counts() -> None:
    request = signed(load("sms_text"))
    channel = channel_for("sms")
    for at in range(0, len(request.body), 7):
        other = b"1" if request.body[at : at + 1] != b"1" else b"2"
        forged = altered(request, body=request.body[:at] + other + request.body[at + 1 :])
        assert refused(channel, forged) in ("wrong_signature", "wrong_account", "wrong_destination")
    assert refused(channel, altered(request, body=request.body + b"&Extra=1")) == "wrong_signature"


def test_another_token_or_none() -> None:
    assert refused(channel_for("sms"), signed(load("sms_text"), token="other")) == "wrong_signature"
    assert refused(Twilio("sms", ACCOUNT, "", NUMBER), signed(load("sms_text"), token="")) == "secret_unset"
    assert refused(Twilio("sms", ACCOUNT, " ", NUMBER), signed(load("sms_text"))) == "secret_unset"


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("sms_text", {"AccountSid": "AC" + "6" * 32}, "wrong_account"),
        ("status_sent", {"AccountSid": "AC" + "6" * 32}, "wrong_account"),
        ("sms_text", {"To": "+4915199000009"}, "wrong_destination"),
        ("sms_text", {"To": f"whatsapp:{NUMBER}"}, "wrong_destination"),
        ("whatsapp_text", {"To": "whatsapp:+4915199000009"}, "wrong_destination"),
        ("sms_text", {"To": "+4915199000009", "MessagingServiceSid": "MG9"}, "wrong_destination"),
        ("status_sent", {"From": "+4915199000009", "MessagingServiceSid": "MG9"}, "wrong_destination"),
    ],
)
def test_other_accounts_and_numbers(name: str, change: dict[str, str], reason: str) -> None:
    assert refused(channel_for(name), signed(load(name) | change)) == reason


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("sms_text", {"To": "+4915199000009", "MessagingServiceSid": SERVICE}),
        ("status_sent", {"From": "+4915199000009", "MessagingServiceSid": SERVICE}),
        ("status_sent", {"From": "+4915199000009"}),
        ("status_sent", {"From": ""}),
        ("sms_text", {"To": "4915199000001"}),
    ],
)
def test_numbers_of_our_service(name: str, change: dict[str, str]) -> None:
    channel_for(name).verify(signed(load(name) | change))


def test_without_a_service_a_status_is_about_our_number() -> None:
    channel = Twilio("sms", ACCOUNT, TOKEN, "+49 151 99000001")
    channel.verify(signed(load("status_sent")))
    assert refused(channel, signed(load("status_sent") | {"From": "+4915199000009"})) == "wrong_destination"


def test_two_accounts_at_once_are_refused() -> None:
    pairs = [*load("sms_text").items(), ("AccountSid", "AC" + "6" * 32)]
    assert refused(channel_for("sms"), signed(pairs)) == "wrong_account"


# JSON bodies: their hash is part of the signed URL.


def json_request(body: bytes, digest: str | None = None) -> WebhookRequest:
    url = f"{URL}?bodySHA256={digest if digest is not None else sha256(body).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": sign(TOKEN, url)}
    return WebhookRequest("POST", url, headers, body)


def test_json_bodies() -> None:
    channel = channel_for("sms")
    request = json_request(json.dumps(load("sms_text"), ensure_ascii=False).encode())
    channel.verify(request)
    assert len(channel.parse(request).items) == 1
    assert refused(channel, altered(request, body=request.body + b" ")) == "wrong_body_hash"
    assert refused(channel, json_request(request.body, "")) == "wrong_body_hash"
    bare = signed({}, **{"content-type": "application/json"})
    assert refused(channel, altered(bare, body=request.body)) == "wrong_body_hash"
    shorter = altered(request, url=URL, headers={**request.headers, "x-twilio-signature": sign(TOKEN, URL)})
    assert refused(channel, shorter) == "wrong_body_hash"
    assert refused(channel, altered(request, headers={**request.headers, "content-type": "x"})) == "wrong_signature"


def test_the_answer_says_nothing_to_the_person() -> None:
    answer = channel_for("sms").answer(Parsed())
    assert (answer.status, answer.content_type) == (200, "text/xml")
    assert answer.body == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
