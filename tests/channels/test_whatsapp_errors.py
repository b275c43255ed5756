"""What goes wrong with sending: every code and answer as the closed list's entry, over the real client."""

import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from channels.base import MediaError, MediaFile, MediaRef, Outbound, SendError, SendErrorKind, Template
from channels.whatsapp_cloud import WhatsAppCloud
from channels.whatsapp_wire import Graph
from tests.providers.whatsapp import Person, WhatsAppServer
from tests.providers.whatsapp.state import NUMBER_ID, VERIFY_TOKEN

K = SendErrorKind
JPEG = MediaFile(b"\xff\xd8\xff" + b"0" * 100, "image/jpeg", "letter.jpg")


def make(whatsapp: WhatsAppServer, token: str = "", number: str = NUMBER_ID) -> WhatsAppCloud:
    return WhatsAppCloud(token or whatsapp.token, whatsapp.app_secret, VERIFY_TOKEN, number, api_base=whatsapp.api_base)


@pytest_asyncio.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(whatsapp: WhatsAppServer) -> AsyncIterator[WhatsAppCloud]:
    cloud = make(whatsapp)
    yield cloud
    await cloud.close()


@pytest.fixture
def maria(whatsapp: WhatsAppServer) -> Person:
    return whatsapp.person()


async def fails(channel: WhatsAppCloud, person: Person, message: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(person.address, message or Outbound("Тайна"))
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    for secret in ("Тайна", "EAAG", "359888"):
        assert secret not in f"{error} {error!r}"
    return error


CODES = {
    K.RATE_LIMITED: (4, 17, 32, 613, 80007, 130429, 131048, 131056, 133016),
    K.PROVIDER_DOWN: (2, 131000, 131016, 131057, 133004),
    K.CREDENTIALS: (0, 3, 10, 102, 104, 190, 200, 299, 131005),
    K.ACCOUNT: (33, 368, 803, 130497, 131030, 131031, 131037, 131042, 131044, 131045, 133010, 134011),
    K.WINDOW_CLOSED: (131047,),
    K.UNDELIVERABLE: (131026,),
    K.BLOCKED: (131050,),
    K.FILTERED: (131049, 130472),
    K.TEMPLATE: (132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069),
    K.MEDIA_REFUSED: (131052, 131053),
    K.REFUSED: (1, 100, 131008, 131009, 131021, 131051, 131055, 131062, 135000, 999999),
}


@pytest.mark.parametrize("kind", CODES)
async def test_codes(whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person, kind: SendErrorKind) -> None:
    for code in CODES[kind]:
        whatsapp.goes_wrong(status=400, code=code, message="Тайна for 359888123456 with EAAG-double")
        error = await fails(channel, maria)
        assert error.kind is kind, code
        assert error.detail.split()[0] == str(code)
    await channel.send(maria.address, Outbound("И отново"))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 500}, K.PROVIDER_DOWN),
        ({"status": 500, "code": 1}, K.UNCERTAIN),
        ({"status": 500, "code": 2}, K.UNCERTAIN),
        ({"status": 503, "code": 2}, K.PROVIDER_DOWN),
        ({"status": 400, "code": 100, "subcode": 33}, K.CREDENTIALS),
        ({"status": 400, "code": 100, "message": "Param text must be at most 4096 characters long."}, K.TOO_LONG),
        ({"status": 401, "code": 999}, K.CREDENTIALS),
        ({"status": 429, "code": 999}, K.RATE_LIMITED),
        ({"status": 401, "code": None}, K.CREDENTIALS),
        ({"status": 403, "code": None}, K.CREDENTIALS),
        ({"status": 404, "code": None}, K.REFUSED),
        ({"status": 413, "code": None}, K.MEDIA_REFUSED),
        ({"status": 429, "code": None, "retry_after": 7}, K.RATE_LIMITED),
        ({"status": 302, "code": None}, K.REFUSED),
        ({"status": 500, "code": None}, K.UNCERTAIN),
        ({"status": 502, "code": None}, K.UNCERTAIN),
        ({"status": 504, "code": None, "accept": True}, K.UNCERTAIN),
        ({"status": 503, "code": None}, K.PROVIDER_DOWN),
        ({"garbage": True}, K.UNCERTAIN),
        ({"status": 200, "code": 131000}, K.PROVIDER_DOWN),
    ],
)
async def test_answers(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person, fault: dict[str, Any], kind: SendErrorKind
) -> None:
    whatsapp.goes_wrong(**fault)
    error = await fails(channel, maria)
    assert error.kind is kind
    assert error.retry_after == fault.get("retry_after")


@pytest.mark.parametrize("answer", [{}, {"messages": []}, {"messages": [{}]}, {"messages": {"id": "x"}}, [], None, 7])
async def test_an_answer_that_names_no_message_is_uncertain(maria: Person, answer: Any) -> None:
    cloud = WhatsAppCloud("EAAG", "s", "v", NUMBER_ID)
    await cloud.graph.close()
    cloud.graph._client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)))
    assert (await fails(cloud, maria)).kind is K.UNCERTAIN
    assert (await fails(cloud, maria, Outbound(media=JPEG))).kind is K.PROVIDER_DOWN
    with pytest.raises(MediaError) as caught:
        await cloud.fetch(MediaRef("1"), max_bytes=10)
    assert caught.value.reason == "gone"
    assert [finding.ok for finding in await cloud.connect("https://hub.example/webhooks/wa")][-1] is False
    await cloud.check("https://hub.example/webhooks/wa")
    await cloud.close()


async def test_complaints_slow_down(whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person) -> None:
    whatsapp.goes_wrong(status=400, code=131048)
    assert (await fails(channel, maria)).retry_after == 600


async def test_rates_of_number_and_pair(whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person) -> None:
    whatsapp.state.pair_burst = 1
    await channel.send(maria.address, Outbound("едно"))
    error = await fails(channel, maria)
    assert (error.kind, error.detail.split()[0]) == (K.RATE_LIMITED, "131056")
    ion = whatsapp.person("40722000111", "RO.1", "Ion")
    await channel.send(ion.address, Outbound("unu"))
    whatsapp.state.per_second = 1
    whatsapp.state.sent_at.clear()
    await channel.send(whatsapp.person("40722000112", "RO.2").address, Outbound("unu"))
    assert (await fails(channel, ion)).detail.split()[0] == "130429"


async def test_our_own_number(channel: WhatsAppCloud, whatsapp: WhatsAppServer) -> None:
    error = await fails(channel, whatsapp.person("4934435550100", "DE.1"))
    assert (error.kind, error.detail) == (K.REFUSED, "131021 sender and recipient are the same")


async def test_a_timeout_after_acceptance_is_uncertain(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person
) -> None:
    await channel.graph.close()
    channel.graph = Graph(whatsapp.token, whatsapp.api_base, "v23.0", read_timeout=0.2)
    whatsapp.goes_wrong(hang=True, accept=True)
    error = await fails(channel, maria)
    assert (error.kind, error.detail) == (K.UNCERTAIN, "ReadTimeout")
    assert len(maria.sent) == 1


async def test_an_upload_that_fails_sent_nothing_for_sure(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person
) -> None:
    for fault, kind in (
        ({"garbage": True}, K.PROVIDER_DOWN),
        ({"status": 502, "code": None}, K.PROVIDER_DOWN),
        ({"status": 400, "code": 100}, K.MEDIA_REFUSED),
        ({"status": 400, "code": 131053}, K.MEDIA_REFUSED),
        ({"status": 401, "code": 190}, K.CREDENTIALS),
    ):
        whatsapp.goes_wrong(path="/media", **fault)
        assert (await fails(channel, maria, Outbound(media=JPEG))).kind is kind
    await channel.graph.close()
    channel.graph = Graph(whatsapp.token, whatsapp.api_base, "v23.0", read_timeout=0.2)
    whatsapp.goes_wrong(path="/media", hang=True, accept=True)
    assert (await fails(channel, maria, Outbound(media=JPEG))).kind is K.UNREACHABLE
    assert maria.sent == []


@pytest.mark.parametrize("content", [b"", bytes(100_000_001)])
async def test_files_that_meta_refuses_are_not_even_tried(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person, content: bytes
) -> None:
    error = await fails(channel, maria, Outbound(media=MediaFile(content, "application/pdf")))
    assert error.kind is K.MEDIA_REFUSED
    assert whatsapp.calls() == []


async def test_an_odd_type_is_refused(channel: WhatsAppCloud, maria: Person) -> None:
    error = await fails(channel, maria, Outbound(media=MediaFile(b"x", "image/svg+xml")))
    assert error.kind is K.MEDIA_REFUSED


async def test_nobody_there_is_unreachable(maria: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for base in (f"http://127.0.0.1:{port}", "graph.facebook.com", "http://[::1"):
        cloud = WhatsAppCloud("EAAG", "s", "v", NUMBER_ID, api_base=base)
        assert (await fails(cloud, maria)).kind is K.UNREACHABLE
        await cloud.close()


@pytest.mark.parametrize("token", ["wrong", "тайна", "with space", "line\nbreak", "\x00"])
async def test_a_wrong_token(whatsapp: WhatsAppServer, maria: Person, token: str) -> None:
    cloud = make(whatsapp, token)
    error = await fails(cloud, maria)
    assert error.kind is K.CREDENTIALS
    assert token not in str(error)
    await cloud.close()


@pytest.mark.parametrize("number", ["", "1", "../../etc", "1?access_token=x#"])
async def test_a_wrong_number(whatsapp: WhatsAppServer, maria: Person, number: str) -> None:
    cloud = make(whatsapp, number=number)
    assert (await fails(cloud, maria)).kind is K.CREDENTIALS
    await cloud.close()


async def test_neither_token_nor_text_reach_the_log(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, maria: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await channel.send(maria.address, Outbound("Тайна", media=JPEG))
    for fault in ({"garbage": True}, {"status": 502, "code": None}, {"status": 401, "code": 190}):
        whatsapp.goes_wrong(**fault)
        await fails(channel, maria)
    await channel.check("https://hub.example/webhooks/wa")
    for secret in (whatsapp.token, whatsapp.app_secret, "Тайна", "359888"):
        assert secret not in caplog.text
    for call in whatsapp.calls():
        assert whatsapp.token not in f"{call.path}{call.query}"
        assert whatsapp.app_secret not in f"{call.path}{call.query}{call.body}"


# Templates


@pytest.mark.parametrize(
    ("name", "language", "variables", "status"),
    [
        ("open", "ro", (), "APPROVED"),
        ("other", "bg", (), "APPROVED"),
        ("open", "bg", ("x",), "APPROVED"),
        ("open", "bg", (), "PAUSED"),
        ("open", "bg", (), "DISABLED"),
        ("open", "bg", (), "PENDING"),
    ],
)
async def test_templates_that_can_not_be_sent(
    whatsapp: WhatsAppServer,
    channel: WhatsAppCloud,
    maria: Person,
    name: str,
    language: str,
    variables: tuple[str, ...],
    status: str,
) -> None:
    whatsapp.add_template("open", "bg", "Да пишем ли?", status=status)
    error = await fails(channel, maria, Outbound(template=Template(name, language, variables)))
    assert error.kind is K.TEMPLATE
