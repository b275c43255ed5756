"""Connect and check."""

import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.base import Finding
from channels.twilio import Twilio
from channels.twilio_fields import TwilioKind
from tests.providers.twilio import TwilioServer

HOOK = "https://hub.example/webhooks/sms"
WHOLE = f"{HOOK}#rc=5&rp=all"
STATUS = f"{HOOK}/status"


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


def make(twilio: TwilioServer, kind: TwilioKind = "sms", **options: Any) -> Twilio:
    about = {"api_base": twilio.api_base, "status_callback": STATUS, **options}
    return Twilio(kind, twilio.account, twilio.token, about.pop("sender", twilio.number), **about)


async def checked(channel: Twilio) -> dict[str, Finding]:
    findings = await channel.check(HOOK)
    await channel.close()
    assert len({finding.code for finding in findings}) == len(findings)
    return {finding.code: finding for finding in findings}


def wrong(findings: dict[str, Finding]) -> list[str]:
    return [code for code, finding in findings.items() if not finding.ok]


async def test_connect_sets_the_numbers_webhook(twilio: TwilioServer) -> None:
    channel = make(twilio)
    assert await channel.connect(HOOK) == [Finding("webhook_set", True, WHOLE)]
    assert (twilio.sms.url, twilio.sms.method) == (WHOLE, "POST")
    findings = await checked(channel)
    assert wrong(findings) == []
    assert set(findings) == {"credentials", "account", "status_callback", "number", "webhook_url", "webhook_override"}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"url": ""}, ["webhook_url"]),
        ({"url": "https://other.example/hook#rc=5&rp=all"}, ["webhook_url"]),
        ({"url": HOOK}, ["webhook_override"]),
        ({"url": f"{HOOK}#rc=5"}, ["webhook_override"]),
        ({"url": f"{HOOK}#rp=all"}, ["webhook_override"]),
        ({"url": f"{HOOK}#rc=2&rp=ct,5xx"}, []),
        ({"method": "GET"}, []),
        ({"can_sms": False}, ["number"]),
        ({"app_sid": "AP1"}, ["twiml_app"]),
    ],
)
async def test_what_is_wrong_with_the_number(twilio: TwilioServer, change: dict[str, Any], problems: list[str]) -> None:
    twilio.sms.url = WHOLE
    for name, value in change.items():
        setattr(twilio.sms, name, value)
    assert wrong(await checked(make(twilio))) == problems


@pytest.mark.parametrize(
    ("state", "options", "problems"),
    [
        ({"trial": True}, {}, ["trial"]),
        ({"active": False}, {}, ["account"]),
        ({}, {"status_callback": ""}, ["status_callback"]),
        ({}, {"sender": "+4915199000009"}, ["number"]),
        ({}, {"sender": ""}, ["number"]),
        ({}, {"messaging_service": "MG" + "9" * 32}, ["messaging_service"]),
    ],
)
async def test_what_is_wrong_with_the_account(
    twilio: TwilioServer, state: dict[str, Any], options: dict[str, Any], problems: list[str]
) -> None:
    twilio.sms.url = WHOLE
    for name, value in state.items():
        setattr(twilio.state, name, value)
    assert wrong(await checked(make(twilio, **options))) == problems


async def test_wrong_credentials(twilio: TwilioServer) -> None:
    channel = Twilio("sms", twilio.account, "wrong", twilio.number, api_base=twilio.api_base)
    assert await channel.connect(HOOK) == [Finding("webhook_set", False, "credentials: 20003")]
    assert await checked(channel) == {"credentials": Finding("credentials", False, "credentials: 20003")}


@pytest.mark.parametrize(
    ("url", "numbers_decide", "problems"),
    [(WHOLE, False, []), (HOOK, False, ["webhook_override"]), ("", False, ["webhook_url"]), ("", True, [])],
)
async def test_services(twilio: TwilioServer, url: str, numbers_decide: bool, problems: list[str]) -> None:
    twilio.sms.url = WHOLE
    service = twilio.add_service(url, numbers_decide=numbers_decide)
    assert wrong(await checked(make(twilio, messaging_service=service.sid))) == problems


async def test_what_must_be_set_by_hand(twilio: TwilioServer) -> None:
    foreign = make(twilio, sender="+4915199000009")
    (finding,) = await foreign.connect(HOOK)
    assert (finding.code, finding.ok) == ("webhook_by_hand", False)
    assert WHOLE in finding.detail
    await foreign.close()
    twilio.sms.app_sid = "AP1"
    bound = make(twilio)
    assert (await bound.connect(HOOK))[0].code == "webhook_by_hand"
    await bound.close()
    assert twilio.sms.url == ""


async def test_whatsapp_senders(twilio: TwilioServer) -> None:
    channel = make(twilio, "whatsapp")
    (finding,) = await channel.connect(HOOK)
    assert (finding.code, finding.ok) == ("webhook_by_hand", False)
    twilio.whatsapp.url = WHOLE
    assert await channel.connect(HOOK) == [Finding("webhook_set", True, HOOK)]
    assert wrong(await checked(channel)) == []
    twilio.whatsapp.online = False
    assert wrong(await checked(make(twilio, "whatsapp"))) == ["number"]
    twilio.goes_wrong(method="GET", path="Senders", status=500)
    assert wrong(await checked(make(twilio, "whatsapp"))) == ["webhook_by_hand"]
    assert wrong(await checked(make(twilio, "whatsapp", sender="+4915199000009"))) == ["webhook_by_hand"]


def test_one_http_stack() -> None:
    """Twilio's library would bring aiohttp and requests sessions of its own; ours needs neither, and nothing warns."""
    code = "import sys, channels.twilio as t; t.Twilio('sms', 'AC', 'x', '+491'); sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=False).returncode == 0
