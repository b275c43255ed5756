"""The double itself: what other tests rely on."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import Inbound, Item, Outbound, StatusUpdate, Template, WebhookRequest
from channels.twilio import Twilio
from tests.providers.serving import Uvicorn
from tests.providers.twilio import TwilioServer


class Hub:
    """Webhooks of both channels that check, write down and answer what the test says."""

    def __init__(self, channels: dict[str, Twilio]) -> None:
        self.channels = channels
        self.heard: list[Item] = []
        self.statuses: list[int] = []
        self.tokens: list[str] = []
        self.port = 0
        self.first = asyncio.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/{path}"

    async def __call__(self, request: Request) -> Response:
        self.tokens.append(request.headers["i-twilio-idempotency-token"])
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            return Response(status_code=status)
        name, _, suffix = request.path_params["path"].partition("/")
        url = str(request.url)
        received = WebhookRequest(request.method, url, dict(request.headers), await request.body(), suffix)
        self.channels[name].verify(received)
        parsed = self.channels[name].parse(received)
        self.heard += parsed.items
        self.first.set()
        answer = self.channels[name].answer(parsed)
        return Response(answer.body, answer.status, media_type=answer.content_type)

    @property
    def news(self) -> list[str]:
        return [item.status for item in self.heard if isinstance(item, StatusUpdate)]

    @property
    def messages(self) -> list[Inbound]:
        return [item for item in self.heard if isinstance(item, Inbound)]


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


@pytest_asyncio.fixture
async def hub(twilio: TwilioServer) -> AsyncIterator[Hub]:
    heard = Hub({})
    app = Starlette(routes=[Route("/webhooks/{path:path}", heard.__call__, methods=["GET", "POST"])])
    config = uvicorn.Config(app, port=0, lifespan="off", ws="none", log_config=None, access_log=False)
    config.timeout_graceful_shutdown = 1
    server = Uvicorn(config)
    task = asyncio.create_task(server.serve())
    await server.ready.wait()
    heard.port = server.servers[0].sockets[0].getsockname()[1]
    for kind in ("sms", "whatsapp"):
        status = heard.url(f"{kind}/status")
        heard.channels[kind] = Twilio(
            kind, twilio.account, twilio.token, twilio.number, api_base=twilio.api_base, status_callback=status
        )  # fmt: skip
    await heard.channels["sms"].connect(heard.url("sms"))
    twilio.whatsapp.url = heard.url("whatsapp")
    yield heard
    for channel in heard.channels.values():
        await channel.close()
    server.should_exit = True
    await task


async def test_a_conversation_by_sms(twilio: TwilioServer, hub: Hub) -> None:
    maria = twilio.person()
    delivery = await maria.writes("Здравейте 👋 + 1")
    assert (delivery.attempts, delivery.content_type) == ([200], "text/xml; charset=utf-8")
    assert hub.messages[0].text == "Здравейте 👋 + 1"
    await hub.channels["sms"].send(maria.number, Outbound("Добър ден"))
    await twilio.settled()
    assert hub.news == ["sent", "delivered"]
    assert [sent.body for sent in await maria.hears()] == ["Добър ден"]


async def test_everything_people_do_on_whatsapp_is_understood(twilio: TwilioServer, hub: Hub) -> None:
    maria, channel = twilio.person(whatsapp=True), hub.channels["whatsapp"]
    await maria.writes("едно", ReferralSourceType="ad")
    await channel.send(maria.number, Outbound("?"))
    (sent,) = maria.sent()
    await maria.presses("yes", "Да", on=sent)
    await maria.chooses("row", "Ред", on=sent)
    await maria.replies(sent, "за това")
    await maria.sends_location(51.2, 11.9, "Jobcenter")
    await maria.sends_files(twilio.add_file(b"x", "audio/ogg"), message_type="audio")
    hidden = twilio.person("BG.13491208655302741918", whatsapp=True)
    await hidden.writes("без номер")
    maria.external_id = hidden.number
    await maria.writes("с номер")
    await twilio.settled()
    await maria.reads(sent)
    kinds = [message.kind for message in hub.messages]
    assert kinds == ["text", "button", "button", "text", "location", "voice", "text", "text"]
    assert hub.messages[-2].address == hub.messages[-1].also_address == hidden.number
    assert {message.reply_to for message in hub.messages[1:4]} == {sent.sid}
    assert hub.news == ["sent", "delivered", "read"]
    voice = await channel.fetch(hub.messages[5].media[0], max_bytes=10)
    assert (voice.content, voice.mime) == (b"x", "audio/ogg")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_both_methods_are_signed(twilio: TwilioServer, hub: Hub, method: str) -> None:
    twilio.sms.method = method
    assert (await twilio.person().writes("a b+c & ж")).accepted
    assert hub.messages[0].text == "a b+c & ж"


async def test_statuses_in_any_order_twice_and_before_the_answer(twilio: TwilioServer, hub: Hub) -> None:
    twilio.early_news, twilio.news = ("sent",), ("delivered", "sent", "sent")
    receipt = await hub.channels["sms"].send("+359888123456", Outbound("x"))
    assert hub.news[0] == "sent"
    await twilio.settled()
    assert hub.news == ["sent", "delivered", "sent", "sent"]
    assert {item.external_id for item in hub.heard if isinstance(item, StatusUpdate)} == {receipt.external_id}


async def test_refusals_come_again_only_where_the_url_says_so(twilio: TwilioServer, hub: Hub) -> None:
    maria = twilio.person()
    hub.statuses = [500, 503]
    assert (await maria.writes("x")).attempts == [500, 503, 200]
    assert len(set(hub.tokens)) == 1
    twilio.sms.url = hub.url("sms")
    hub.statuses = [500]
    assert (await maria.writes("x")).attempts == [500]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    twilio.sms.url = f"http://127.0.0.1:{port}/"
    assert (await maria.writes("x")).attempts == [0, 0]
    twilio.sms.url += "#rc=3"
    assert (await maria.writes("x")).attempts == [0, 0, 0, 0]


async def test_opt_out(twilio: TwilioServer, hub: Hub) -> None:
    maria, stopped = twilio.person(), []
    for word, advanced in ((" stop ", False), ("START", True), ("HELP", True), ("please stop the reminder", True)):
        twilio.state.advanced_opt_out = advanced
        await maria.writes(word)
        stopped.append(maria.mobile.stopped)
    assert stopped == [True, False, False, False]
    assert [message.opt for message in hub.messages] == [None, "start", "help", None]


async def test_whatsapps_window(twilio: TwilioServer, hub: Hub) -> None:
    maria, channel = twilio.person(whatsapp=True), hub.channels["whatsapp"]
    await maria.writes("Здравейте")
    template = Template(twilio.add_template("Здравейте, {{1}}"), "bg", ("Мария",))
    for hours, message in ((23.9, Outbound("x")), (24.1, Outbound("x")), (24.1, Outbound(template=template))):
        twilio.state.offset = timedelta(hours=hours)
        await channel.send(maria.number, message)
        await twilio.settled()
    assert hub.news == ["sent", "delivered", "failed", "sent", "delivered"]
    failed = next(item for item in hub.heard if isinstance(item, StatusUpdate) and item.status == "failed")
    assert failed.provider_code == "63016"
    maria.blocks()
    await channel.send(maria.number, Outbound(template=template))
    await twilio.settled()
    assert maria.sent()[-1].error_code == 63014


async def test_it_fetches_our_files(twilio: TwilioServer, hub: Hub) -> None:
    maria, channel = twilio.person(), hub.channels["sms"]
    await channel.send(maria.number, Outbound(media_url=hub.url("missing")))
    await twilio.settled()
    assert maria.sent()[0].error_code == 12300
    assert hub.news == ["failed"]


async def test_forged_webhooks_can_be_made(twilio: TwilioServer, hub: Hub) -> None:
    form = (await twilio.person().writes("x")).form
    for forged in ({"token": "other"}, {"token": ""}, {"signed_url": hub.url("other")}):
        delivery = await twilio.deliver(hub.url("sms") + "#rc=0", form, **forged)
        assert delivery.attempts == [500]  # this hub lets NotFromProvider through
    assert len(hub.heard) == 1


async def test_credentials_and_unknown_things(twilio: TwilioServer) -> None:
    base = f"{twilio.api_base}/2010-04-01/Accounts"
    good: Any = (twilio.account, twilio.token)
    async with httpx.AsyncClient(trust_env=False) as client:
        for url, auth, status, code in (
            (f"{base}/{twilio.account}/Messages.json", None, 401, 20003),
            (f"{base}/{twilio.account}/Messages.json", (twilio.account, "x"), 401, 20003),
            (f"{base}/AC0/Messages.json", good, 404, 20404),
            (f"{base}/{twilio.account}/Messages/SM0.json", good, 404, 20404),
            (f"{base}/{twilio.account}/Messages.json?DateSent>=yesterday", good, 400, 20001),
        ):
            answer = await client.get(url, auth=auth)
            assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_by_hand(hub: Hub) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.providers.twilio", "--port", "0", "--sms-webhook", hub.url("sms"),
        cwd=Path(__file__).parents[3], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    words = (await process.stdout.readline()).decode().replace(",", "").split()
    channel = Twilio("sms", words[4], words[7], words[9], api_base=words[2])
    process.stdin.write("+359888123456 Здравейте\n".encode())
    await process.stdin.drain()
    await asyncio.wait_for(hub.first.wait(), 10)
    await channel.send(hub.messages[0].address, Outbound("Добре"))
    assert (await process.stdout.readline()).decode() == "+359888123456 <- Добре\n"
    process.stdin.close()
    assert await process.wait() == 0
    await channel.close()
