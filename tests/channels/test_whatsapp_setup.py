"""Handshake, signature, connect, check and templates."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from channels.base import Finding, NotFromProvider, Parsed, WebhookAnswer, WebhookRequest
from channels.whatsapp_cloud import WhatsAppCloud
from channels.whatsapp_setup import TemplateState
from tests.providers.whatsapp import WhatsAppServer
from tests.providers.whatsapp.state import APP_SECRET, NUMBER_ID, VERIFY_TOKEN, WABA_ID
from tests.providers.whatsapp.webhooks import signature

HOOK = "https://hub.example/webhooks/wa"
HEADER = "x-hub-signature-256"
BODY = b'{"object":"whatsapp_business_account","text":"\\u0434\\u0430 \\/"}'
SIGNED = signature(APP_SECRET, BODY)


@pytest_asyncio.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(whatsapp: WhatsAppServer) -> AsyncIterator[WhatsAppCloud]:
    cloud = WhatsAppCloud(whatsapp.token, APP_SECRET, VERIFY_TOKEN, NUMBER_ID, api_base=whatsapp.api_base)
    yield cloud
    await cloud.close()


def offline(app_secret: str = APP_SECRET, verify_token: str = VERIFY_TOKEN) -> WhatsAppCloud:
    return WhatsAppCloud("token", app_secret, verify_token, NUMBER_ID)


def refused(channel: WhatsAppCloud, request: WebhookRequest) -> str:
    with pytest.raises(NotFromProvider) as caught:
        channel.verify(request)
    return caught.value.reason


# Signature


def post(headers: dict[str, str], body: bytes = BODY) -> WebhookRequest:
    return WebhookRequest("POST", HOOK, headers, body)


def test_the_signature_opens() -> None:
    channel = offline()
    channel.verify(post({HEADER: SIGNED}))
    assert channel.answer(Parsed()) == WebhookAnswer(200, "")


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, BODY, "signature_missing"),
        ({"x-hub-signature": SIGNED}, BODY, "signature_missing"),
        ({HEADER: ""}, BODY, "signature_malformed"),
        ({HEADER: "sha256="}, BODY, "signature_malformed"),
        ({HEADER: SIGNED.removeprefix("sha256=")}, BODY, "signature_malformed"),
        ({HEADER: SIGNED.upper()}, BODY, "signature_malformed"),
        ({HEADER: f"sha256={SIGNED[7:].upper()}"}, BODY, "signature_malformed"),
        ({HEADER: SIGNED + "0"}, BODY, "signature_malformed"),
        ({HEADER: SIGNED + "\n"}, BODY, "signature_malformed"),
        ({HEADER: "sha256=" + "ж" * 64}, BODY, "signature_malformed"),
        ({HEADER: "sha256=" + "\udcff" * 64}, BODY, "signature_malformed"),
        ({HEADER: "sha256=" + "0" * 64}, BODY, "signature_wrong"),
        (
            {HEADER: "sha1=" + hmac.new(APP_SECRET.encode(), BODY, hashlib.sha1).hexdigest()},
            BODY,
            "signature_malformed",
        ),
        ({HEADER: signature("other", BODY)}, BODY, "signature_wrong"),
        ({HEADER: SIGNED}, BODY + b" ", "signature_wrong"),
        ({HEADER: SIGNED}, BODY.replace(b"\\/", b"/"), "signature_wrong"),
        ({HEADER: SIGNED}, b"", "signature_wrong"),
    ],
)
def test_everything_else_is_refused(headers: dict[str, str], body: bytes, reason: str) -> None:
    assert refused(offline(), post(headers, body)) == reason


def test_an_unset_secret_refuses_even_its_own_signature() -> None:
    assert refused(offline(app_secret=""), post({HEADER: signature("", BODY)})) == "secret_unset"


# Handshake

GIVEN = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN}


def get(query: dict[str, str] | str) -> WebhookRequest:
    text = query if isinstance(query, str) else urlencode(query)
    return WebhookRequest("GET", f"{HOOK}?{text}", {}, b"")


@pytest.mark.parametrize("challenge", ["1158201444", "<script>alert(1)</script>", "a b+c&d", ""])
def test_the_challenge_is_the_whole_answer(challenge: str) -> None:
    channel, request = offline(), get(GIVEN | {"hub.challenge": challenge})
    channel.verify(request)
    parsed = channel.parse(request)
    assert (parsed.items, parsed.unused) == ((), ())
    assert channel.answer(parsed) == WebhookAnswer(200, challenge, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "handshake_incomplete"),
        (GIVEN | {"hub.mode": "unsubscribe"}, "handshake_incomplete"),
        ({"hub.challenge": "1", "hub.verify_token": VERIFY_TOKEN}, "handshake_incomplete"),
        ({"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN}, "handshake_incomplete"),
        ({"hub.mode": "subscribe", "hub.challenge": "1"}, "handshake_incomplete"),
        (urlencode(GIVEN) + f"&hub.verify_token={VERIFY_TOKEN}", "handshake_incomplete"),
        ("&".join(f"x{number}=1" for number in range(60)), "handshake_incomplete"),
        (GIVEN | {"hub.verify_token": ""}, "verify_token_wrong"),
        (GIVEN | {"hub.verify_token": VERIFY_TOKEN.upper()}, "verify_token_wrong"),
        (GIVEN | {"hub.verify_token": "тайна"}, "verify_token_wrong"),
    ],
)
def test_other_handshakes_are_refused(query: dict[str, str] | str, reason: str) -> None:
    assert refused(offline(), get(query)) == reason


def test_an_unset_verify_token_refuses() -> None:
    assert refused(offline(verify_token=""), get(GIVEN | {"hub.verify_token": ""})) == "verify_token_unset"


def test_a_signature_does_not_open_the_handshake() -> None:
    request = WebhookRequest("GET", HOOK, {HEADER: signature(APP_SECRET, b"")}, b"")
    assert refused(offline(), request) == "handshake_incomplete"


# Connect and check


def by_code(findings: list[Finding]) -> dict[str, Finding]:
    assert len({finding.code for finding in findings}) == len(findings)
    return {finding.code: finding for finding in findings}


async def test_connect_subscribes_and_tells_the_rest(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    findings = by_code(await channel.connect(HOOK))
    assert findings["subscribed"] == Finding("subscribed", True, f"account {WABA_ID}")
    assert whatsapp.state.subscribed
    told = findings["webhook_url"]
    assert not told.ok
    assert HOOK in told.detail
    assert "messages" in told.detail
    whatsapp.state.webhook.url = HOOK
    assert all(finding.ok for finding in await channel.connect(HOOK))


async def test_connect_without_what_it_needs(whatsapp: WhatsAppServer) -> None:
    unset = WhatsAppCloud(whatsapp.token, APP_SECRET, "", NUMBER_ID, api_base=whatsapp.api_base)
    assert not by_code(await unset.connect(HOOK))["verify_token"].ok
    await unset.close()
    wrong = WhatsAppCloud("wrong", APP_SECRET, "v", NUMBER_ID, api_base=whatsapp.api_base)
    (finding,) = await wrong.connect(HOOK)
    assert (finding.code, finding.ok) == ("token", False)
    await wrong.close()


async def test_connect_that_meta_refuses(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    whatsapp.goes_wrong(path="/subscribed_apps", status=403, code=10)
    assert by_code(await channel.connect(HOOK))["subscribed"].detail == "credentials: 10 permission missing"


async def test_check_when_all_is_well(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    whatsapp.state.webhook.url = HOOK
    whatsapp.add_template("open", "bg", "Да пишем ли?")
    whatsapp.add_template("open", "ro", "Scriem?", status="PENDING")
    await channel.connect(HOOK)
    findings = by_code(await channel.check(HOOK))
    assert all(finding.ok for finding in findings.values())
    assert findings["token"].detail == "+49 3443 5550100"
    assert findings["templates"].detail == "1 of 2 templates are approved"
    assert findings["token_expires"].detail == "never"
    assert {"quality", "app_secret", "verify_token", "webhook_url", "subscribed"} < set(findings)


async def test_check_finds_what_is_wrong(whatsapp: WhatsAppServer) -> None:
    whatsapp.state.numbers[NUMBER_ID].quality = "RED"
    whatsapp.state.numbers[NUMBER_ID].webhook = "https://old.example/hook"
    whatsapp.state.token_expires = int(time.time()) + 3600
    channel = WhatsAppCloud(whatsapp.token, "other secret", "", NUMBER_ID, api_base=whatsapp.api_base)
    findings = by_code(await channel.check(HOOK))
    assert {finding.code for finding in findings.values() if not finding.ok} == {
        "quality",
        "health",
        "webhook_url",
        "token_expires",
        "app_secret",
        "verify_token",
        "subscribed",
        "templates",
    }
    assert "https://old.example/hook" in findings["webhook_url"].detail
    assert findings["health"].detail == "PHONE_NUMBER: BLOCKED (141006)"
    for secret in (whatsapp.token, "other secret", APP_SECRET):
        assert secret not in repr(findings)
    await channel.close()


async def test_check_without_a_valid_token(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    whatsapp.state.revoked = True
    assert await channel.check(HOOK) == [Finding("token", False, "credentials: 190/463 token expired or withdrawn")]


async def test_check_where_only_the_number_can_be_asked(whatsapp: WhatsAppServer) -> None:
    """A gateway in front of the Graph API, or a token with few rights."""
    channel = WhatsAppCloud(whatsapp.token, "", VERIFY_TOKEN, NUMBER_ID, api_base=whatsapp.api_base)
    await channel.check(HOOK)
    whatsapp.goes_wrong(path="/", status=400, code=100)
    assert "token_expires" not in by_code(await channel.check(HOOK))
    whatsapp.goes_wrong(path="/message_templates", status=403, code=200)
    findings = by_code(await channel.check(HOOK))
    assert not findings["account"].ok
    assert not findings["app_secret"].ok
    whatsapp.goes_wrong(path=f"/{NUMBER_ID}", status=400, code=100)
    assert [finding.code for finding in await channel.check(HOOK)] == ["token"]
    await channel.close()


async def test_templates_over_several_pages(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    for language in ("bg", "ro", "uk", "de", "en"):
        whatsapp.add_template(
            "open", language, "{{1}} {{2}} {{1}}", status="PAUSED" if language == "uk" else "APPROVED"
        )
    templates = await channel.templates()
    assert templates[0] == TemplateState("open", "bg", "APPROVED", "UTILITY", 2)
    assert [(one.language, one.approved) for one in templates] == [
        ("bg", True),
        ("ro", True),
        ("uk", False),
        ("de", True),
        ("en", True),
    ]


async def test_templates_of_a_named_account(whatsapp: WhatsAppServer) -> None:
    whatsapp.add_template("open", "bg", "Да пишем ли?")
    named = WhatsAppCloud(
        whatsapp.token, APP_SECRET, VERIFY_TOKEN, NUMBER_ID, api_base=whatsapp.api_base, waba_id=WABA_ID
    )
    whatsapp.goes_wrong(path=f"/{NUMBER_ID}", status=400, code=100)
    assert [one.variables for one in await named.templates()] == [0]
    await named.close()
    unnamed = WhatsAppCloud(whatsapp.token, APP_SECRET, VERIFY_TOKEN, "1", api_base=whatsapp.api_base)
    assert await unnamed.templates() == []
    await unnamed.close()
