"""The double itself: what other tests rely on."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import (
    AddressChange,
    Button,
    Inbound,
    InboundEdit,
    Item,
    NotFromProvider,
    Outbound,
    SendError,
    SendErrorKind,
    StatusUpdate,
    WebhookRequest,
)
from channels.whatsapp_cloud import WhatsAppCloud
from tests.providers.serving import Uvicorn
from tests.providers.whatsapp import WhatsAppServer
from tests.providers.whatsapp.state import APP_SECRET, NUMBER_ID, OTHER_NUMBER_ID, TOKEN, VERIFY_TOKEN


class Hub:
    """A webhook that believes what the adapter believes, and answers what the test says."""

    def __init__(self, channel: WhatsAppCloud) -> None:
        self.channel = channel
        self.url = ""
        self.items: list[Item] = []
        self.bodies: list[bytes] = []
        self.refused: list[str] = []
        self.statuses: list[int] = []

    async def __call__(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = WebhookRequest(request.method, str(request.url), headers, await request.body())
        try:
            self.channel.verify(received)
        except NotFromProvider as error:
            self.refused.append(error.reason)
            return Response(status_code=403)
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200:
            return Response(status_code=status)
        parsed = self.channel.parse(received)
        assert parsed.unused == ()
        self.items += parsed.items
        self.bodies.append(received.body)
        answer = self.channel.answer(parsed)
        return Response(answer.body, answer.status, media_type=answer.content_type)

    @property
    def heard(self) -> list[str | None]:
        return [item.text for item in self.items if isinstance(item, Inbound)]

    @property
    def news(self) -> list[StatusUpdate]:
        return [item for item in self.items if isinstance(item, StatusUpdate)]


@pytest_asyncio.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


@pytest_asyncio.fixture
async def hub(whatsapp: WhatsAppServer) -> AsyncIterator[Hub]:
    channel = WhatsAppCloud(TOKEN, APP_SECRET, VERIFY_TOKEN, NUMBER_ID, api_base=whatsapp.api_base)
    heard = Hub(channel)
    app = Starlette(routes=[Route("/hook", heard.__call__, methods=["GET", "POST"])])
    server = Uvicorn(uvicorn.Config(app, port=0, lifespan="off", ws="none", log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    await server.ready.wait()
    heard.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    assert (await whatsapp.webhooks.handshake(heard.url, verify_token=VERIFY_TOKEN)).text == "1158201444"
    yield heard
    await whatsapp.settled()
    server.should_exit = True
    await task
    await channel.close()


async def test_only_the_right_handshake_sets_the_webhook(whatsapp: WhatsAppServer, hub: Hub) -> None:
    whatsapp.state.webhook.url = ""
    assert (await whatsapp.webhooks.handshake(hub.url, verify_token="wrong")).status_code == 403
    assert whatsapp.state.webhook.url == ""
    markup = await whatsapp.webhooks.handshake(hub.url, verify_token=VERIFY_TOKEN, challenge="<b>1</b>")
    assert (markup.text, markup.headers["content-type"]) == ("<b>1</b>", "text/plain; charset=utf-8")


async def test_webhooks_are_signed_over_escaped_bytes(whatsapp: WhatsAppServer, hub: Hub) -> None:
    delivery = await whatsapp.person().writes("Здравейте / 😀")
    assert delivery.accepted
    assert hub.heard == ["Здравейте / 😀"]
    assert hub.bodies[-1].isascii()
    assert rb"\u0417\u0434" in hub.bodies[-1]
    assert rb" \/ " in hub.bodies[-1]
    await whatsapp.webhooks.deliver(delivery.payload, secret="forged")
    await whatsapp.webhooks.deliver(delivery.payload, secret="")
    assert hub.refused == ["signature_wrong", "signature_missing"]


async def test_refused_webhooks_come_again_and_hold_up_nothing(whatsapp: WhatsAppServer, hub: Hub) -> None:
    whatsapp.webhooks.retries, whatsapp.webhooks.pace = 4, 0.3
    hub.statuses = [500, 503]
    first = asyncio.create_task(whatsapp.person().writes("едно"))
    await asyncio.sleep(0.1)
    await whatsapp.person().writes("две")
    assert (await first).attempts == [500, 503, 200]
    assert hub.heard == ["две", "едно"]


async def test_two_numbers_and_a_thousand_messages_in_one_request(whatsapp: WhatsAppServer, hub: Hub) -> None:
    maria, other = whatsapp.person(), whatsapp.person("40722000111", "RO.1", "Ion", number_id=OTHER_NUMBER_ID)
    whatsapp.webhooks.hold()
    for number in range(600):
        await maria.writes(f"едно {number}")
        await other.writes(f"unu {number}")
    assert hub.bodies == [b""]
    full, rest = await whatsapp.webhooks.release()
    assert [len(one.payload["entry"][0]["changes"]) for one in (full, rest)] == [1000, 200]
    accounts = [item.account for item in hub.items if isinstance(item, Inbound)]
    assert accounts == [NUMBER_ID, OTHER_NUMBER_ID] * 600


async def test_a_conversation(whatsapp: WhatsAppServer, hub: Hub) -> None:
    maria = whatsapp.person()
    written = await maria.writes("Здравейте")
    buttons = (Button("a", "Работа"), Button("b", "Жилище"))
    await hub.channel.send(maria.address, Outbound("Изберете", buttons, reply_to=written.message["id"]))
    (sent,) = await maria.hears()
    await maria.presses(sent, "Жилище")
    await maria.presses(sent, 0)
    await hub.channel.send(maria.address, Outbound("Още?", tuple(Button(str(n), f"Избор {n}") for n in range(5))))
    (listed,) = await maria.hears()
    await maria.presses(listed, "3")
    answered = await maria.replies(sent, "И още нещо")
    await maria.edits(answered, "И още едно")
    await maria.deletes(answered)
    await maria.reacts(sent, "👍")
    await maria.reacts(sent, "")
    await maria.changes_number("359888999999")
    said = [item for item in hub.items if isinstance(item, Inbound)]
    assert [(one.kind, one.text) for one in said] == [
        ("text", "Здравейте"),
        ("button", "Жилище"),
        ("button", "Работа"),
        ("button", "Избор 3"),
        ("text", "И още нещо"),
        ("reaction", "👍"),
        ("reaction", ""),
    ]
    edit, revoke = (item for item in hub.items if isinstance(item, InboundEdit))
    assert edit.message.external_id == revoke.message.external_id == answered.message["id"]
    assert (edit.message.text, edit.revoked, revoke.revoked) == ("И още едно", False, True)
    assert AddressChange("+359888123456", "+359888999999", NUMBER_ID) in hub.items


async def test_every_act_of_a_person_is_understood(whatsapp: WhatsAppServer, hub: Hub) -> None:
    maria, hidden = whatsapp.person(), whatsapp.person(None, "UA.9", "Оля")
    await maria.sends_photo(b"x", "надпис")
    await maria.sends_voice(b"x")
    await maria.sends_document(b"x", "a.pdf", "application/pdf")
    await maria.sends_location(51.2, 11.9, name="Jobcenter")
    await maria.sends_contacts(("Иван", "+359888"), ("Ana", "+40722"))
    await maria.forwards("текст")
    await maria.writes("в група", group_id="1203630")
    await maria.stops()
    await maria.stops(resume=True)
    await hidden.writes("без номер")
    items = [item for item in hub.items if isinstance(item, Inbound)]
    kinds = ["photo", "voice", "document", "location", "contact", "text", "text", "blocked", "unblocked", "text"]
    assert [item.kind for item in items] == kinds
    assert (items[-1].address, items[6].group) == ("UA.9", True)
    assert len({item.external_id for item in items}) == len(items)


# News


async def test_statuses_of_what_arrives(whatsapp: WhatsAppServer, hub: Hub) -> None:
    whatsapp.statuses = ("sent", "delivered", "read")
    receipt = await hub.channel.send(whatsapp.person().address, Outbound("x"))
    await whatsapp.settled()
    assert [(one.external_id, one.status) for one in hub.news] == [
        (receipt.external_id, status) for status in whatsapp.statuses
    ]


async def test_statuses_before_the_answer_twice_and_disordered(whatsapp: WhatsAppServer, hub: Hub) -> None:
    whatsapp.statuses, whatsapp.early = ("delivered",), True
    maria = whatsapp.person()
    sending = asyncio.create_task(hub.channel.send(maria.address, Outbound("x")))
    await maria.hears()
    await sending
    assert [one.status for one in hub.news] == ["delivered"]
    for status in ("read", "sent", "sent"):
        await whatsapp.reports(maria.sent[0], status)
    assert [one.status for one in hub.news] == ["delivered", "read", "sent", "sent"]


@pytest.mark.parametrize(
    ("state", "window", "kind"),
    [
        ("open", False, SendErrorKind.WINDOW_CLOSED),
        ("gone", True, SendErrorKind.UNDELIVERABLE),
        ("stopped", True, SendErrorKind.BLOCKED),
    ],
)
async def test_refusals_that_come_late(
    whatsapp: WhatsAppServer, hub: Hub, state: Any, window: bool, kind: SendErrorKind
) -> None:
    maria = whatsapp.person(window=window)
    maria.contact.state = state
    receipt = await hub.channel.send(maria.address, Outbound("x"))
    await whatsapp.settled()
    (news,) = hub.news
    assert (news.external_id, news.status, news.error) == (receipt.external_id, "failed", kind)
    assert maria.sent == []


async def test_a_stranger_is_accepted_and_then_not_reached(whatsapp: WhatsAppServer, hub: Hub) -> None:
    await hub.channel.send("+4917000000000", Outbound("x"))
    await hub.channel.send("DE.404", Outbound("x"))
    await whatsapp.settled()
    assert [one.provider_code for one in hub.news] == ["131026", "131026"]


async def test_the_double_is_strict(whatsapp: WhatsAppServer, hub: Hub) -> None:
    maria = whatsapp.person()
    five = tuple(Button(str(number), str(number)) for number in range(11))
    for message in (Outbound(" "), Outbound("x" * 4097), Outbound("x", five), Outbound("x", reply_to="wamid.unknown")):
        with pytest.raises(SendError):
            await hub.channel.send(maria.address, message)
    with pytest.raises(SendError):
        await hub.channel.send("not-a-number", Outbound("x"))
    whatsapp.state.revoked = True
    with pytest.raises(SendError):
        await hub.channel.send(maria.address, Outbound("x"))
    assert maria.sent == []


async def test_by_hand() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.providers.whatsapp", "--port", "0", cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    base = (await process.stdout.readline()).decode().split()[3].rstrip(",")
    process.stdin.write("359888123456 Здравейте\n".encode())
    await process.stdin.drain()
    assert (await process.stdout.readline()).decode().startswith("Not accepted")
    channel = WhatsAppCloud(TOKEN, APP_SECRET, VERIFY_TOKEN, NUMBER_ID, api_base=base)
    await channel.send("+359888123456", Outbound("Добре", (Button("a", "Още"),)))
    assert (await process.stdout.readline()).decode() == "359888123456 <- Добре\n"
    assert (await process.stdout.readline()).decode().strip() == "#1 Още"
    process.stdin.write(b"359888123456 #1\n359888123456 #7\n")
    process.stdin.close()
    answers = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
    assert answers == ["Not accepted: []", "Not accepted: no such button"]
    await channel.close()
    assert await process.wait() == 0
