"""What refusals and broken calls become."""

import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.base import Outbound, SendError, SendErrorKind, Template
from channels.twilio import Twilio
from channels.twilio_codes import CODES
from channels.twilio_wire import Wire
from tests.providers.twilio import Person, TwilioServer

K = SendErrorKind
SECRET = "double-of-twilio"


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


def make(twilio: TwilioServer, api_base: str = "") -> Twilio:
    return Twilio("sms", twilio.account, twilio.token, twilio.number, api_base=api_base or twilio.api_base)


@pytest_asyncio.fixture
async def sms(twilio: TwilioServer) -> AsyncIterator[Twilio]:
    channel = make(twilio)
    yield channel
    await channel.close()


@pytest.fixture
def maria(twilio: TwilioServer) -> Person:
    return twilio.person()


async def fails(channel: Twilio, person: Person, message: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(person.number, message or Outbound("Тайна"))
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    for secret in ("Тайна", SECRET, person.number, "127.0.0.1"):
        assert secret not in f"{error!r} {error} {error.detail}"
    return error


@pytest.mark.parametrize("code", CODES)
async def test_every_code_of_the_closed_list(twilio: TwilioServer, sms: Twilio, maria: Person, code: int) -> None:
    twilio.goes_wrong(status=400, code=code)
    error = await fails(sms, maria)
    assert (error.kind, error.detail) == (CODES[code], str(code))
    await sms.send(maria.number, Outbound("И отново"))


@pytest.mark.parametrize(
    ("fault", "kind", "detail"),
    [
        ({"status": 429, "code": 20429, "retry_after": 7}, K.RATE_LIMITED, "20429"),
        ({"status": 429}, K.RATE_LIMITED, "HTTP 429"),
        ({"status": 400, "code": 14107}, K.RATE_LIMITED, "14107"),
        ({"status": 500}, K.UNCERTAIN, "HTTP 500"),
        ({"status": 500, "code": 20500, "accept": True}, K.UNCERTAIN, "20500"),
        ({"status": 502}, K.UNCERTAIN, "HTTP 502"),
        ({"status": 503}, K.UNCERTAIN, "HTTP 503"),
        ({"status": 503, "retry_after": 3}, K.PROVIDER_DOWN, "HTTP 503"),
        ({"status": 504, "accept": True}, K.UNCERTAIN, "HTTP 504"),
        ({"status": 401}, K.CREDENTIALS, "HTTP 401"),
        ({"status": 401, "code": 20003}, K.CREDENTIALS, "20003"),
        ({"status": 403}, K.ACCOUNT, "HTTP 403"),
        ({"status": 404}, K.CREDENTIALS, "HTTP 404"),
        ({"status": 400}, K.REFUSED, "HTTP 400"),
        ({"status": 400, "code": 29999}, K.REFUSED, "29999"),
        ({"status": 302}, K.REFUSED, "HTTP 302"),
        ({"garbage": True}, K.UNCERTAIN, "JSONDecodeError"),
    ],
)
async def test_refusals(
    twilio: TwilioServer, sms: Twilio, maria: Person, fault: dict[str, Any], kind: SendErrorKind, detail: str
) -> None:
    twilio.goes_wrong(**fault)
    error = await fails(sms, maria)
    assert (error.kind, error.detail, error.retry_after) == (kind, detail, fault.get("retry_after"))
    assert len(maria.sent()) == bool(fault.get("accept") or fault.get("garbage"))
    await sms.send(maria.number, Outbound("И отново"))


async def test_stopped_people(twilio: TwilioServer, sms: Twilio, maria: Person) -> None:
    maria.mobile.stopped = True
    error = await fails(sms, maria)
    assert (error.kind, error.detail, error.kind.stops_contact) == (K.BLOCKED, "21610", True)


async def test_trial_accounts(twilio: TwilioServer, sms: Twilio, maria: Person) -> None:
    twilio.state.trial = True
    assert (await fails(sms, maria)).kind is K.ACCOUNT
    maria.mobile.verified = True
    await sms.send(maria.number, Outbound("Отговор"))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (Outbound("x" * 1601), K.TOO_LONG),
        (Outbound(), K.REFUSED),
        (Outbound(media_url="file:///etc/passwd"), K.MEDIA_REFUSED),
        (Outbound(template=Template("HX" + "9" * 32, "bg")), K.TEMPLATE),
        (Outbound(template=Template("greeting", "bg")), K.TEMPLATE),
    ],
)
async def test_messages_that_nobody_takes(sms: Twilio, maria: Person, message: Outbound, kind: SendErrorKind) -> None:
    assert (await fails(sms, maria, message)).kind is kind


@pytest.mark.parametrize("address", ["", "015199", "Netto", "BG.13491208655302741918"])
async def test_addresses_that_are_none(sms: Twilio, address: str) -> None:
    with pytest.raises(SendError) as caught:
        await sms.send(address, Outbound("x"))
    assert caught.value.kind in (K.ADDRESS_GONE, K.REFUSED)


@pytest.mark.parametrize("number", ["", "+4915199000009"])
async def test_a_wrong_sender(twilio: TwilioServer, maria: Person, number: str) -> None:
    channel = Twilio("sms", twilio.account, twilio.token, number, api_base=twilio.api_base)
    assert (await fails(channel, maria)).kind is K.ACCOUNT
    await channel.close()


@pytest.mark.parametrize(("account", "token"), [("", ""), ("AC" + "6" * 32, "x"), (None, "wrong"), (None, "")])
async def test_wrong_credentials(
    twilio: TwilioServer, maria: Person, account: str | None, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", twilio.account)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", twilio.token)
    monkeypatch.setenv("TWILIO_REGION", "au1")
    given = twilio.account if account is None else account
    channel = Twilio("sms", given, token, twilio.number, api_base=twilio.api_base)
    assert (await fails(channel, maria)).kind is K.CREDENTIALS
    await channel.close()


async def test_a_timeout_after_acceptance_is_uncertain(
    twilio: TwilioServer, maria: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.twilio.Wire", lambda: Wire(read_timeout=0.2))
    hasty = make(twilio)
    twilio.goes_wrong(hang=True, accept=True)
    error = await fails(hasty, maria)
    await hasty.close()
    assert (error.kind, error.detail) == (K.UNCERTAIN, "ReadTimeout")
    assert len(maria.sent()) == 1


async def test_a_broken_connection_is_uncertain(twilio: TwilioServer, sms: Twilio, maria: Person) -> None:
    twilio.goes_wrong(reset=True, accept=True)
    assert (await fails(sms, maria)).kind is K.UNCERTAIN
    assert len(maria.sent()) == 1


async def test_nobody_there_is_unreachable(twilio: TwilioServer, maria: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    channel = make(twilio, api_base=f"http://127.0.0.1:{port}")
    error = await fails(channel, maria)
    await channel.close()
    assert (error.kind, error.detail) == (K.UNREACHABLE, "ConnectError")


async def test_an_unusable_base_is_unreachable(twilio: TwilioServer, maria: Person) -> None:
    channel = make(twilio, api_base="api.twilio.com")
    assert (await fails(channel, maria)).kind is K.UNREACHABLE
    await channel.close()


async def test_neither_token_nor_people_reach_the_log(
    twilio: TwilioServer, sms: Twilio, maria: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await sms.send(maria.number, Outbound("Тайна"))
    for fault in ({"garbage": True}, {"status": 502}, {"status": 400, "code": 21211}):
        twilio.goes_wrong(**fault)
        await fails(sms, maria)
    for secret in (twilio.token, "Тайна", maria.number, maria.number[1:]):
        assert secret not in caplog.text
