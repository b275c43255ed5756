"""The double itself: what other tests rely on."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.base import Button, Outbound
from channels.telegram import Telegram
from tests.providers.serving import Uvicorn
from tests.providers.telegram import TelegramServer


class Hub:
    """A webhook that writes down what comes and answers what the test says."""

    def __init__(self) -> None:
        self.heard: list[tuple[str | None, dict[str, Any]]] = []
        self.statuses: list[int] = []

    async def __call__(self, request: Request) -> Response:
        self.heard.append((request.headers.get("x-telegram-bot-api-secret-token"), await request.json()))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.heard]


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest_asyncio.fixture
async def hub(telegram: TelegramServer) -> AsyncIterator[Hub]:
    heard = Hub()
    app = Starlette(routes=[Route("/hook", heard.__call__, methods=["POST"])])
    server = Uvicorn(uvicorn.Config(app, port=0, lifespan="off", ws="none", log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    await server.ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    channel = Telegram(telegram.token, "secret", telegram.api_base)
    await channel.connect(f"http://127.0.0.1:{port}/hook")
    await channel.close()
    yield heard
    server.should_exit = True
    await task


async def test_webhooks_carry_the_secret(telegram: TelegramServer, hub: Hub) -> None:
    delivery = await telegram.person().writes("Здравейте")
    assert delivery.accepted
    assert hub.heard == [("secret", delivery.update)]
    await telegram.deliver(delivery.update, secret="forged")
    await telegram.deliver(delivery.update, secret="")
    assert [secret for secret, _ in hub.heard] == ["secret", "forged", None]


async def test_refused_updates_come_again_and_hold_up_their_chat_only(telegram: TelegramServer, hub: Hub) -> None:
    telegram.retries, telegram.pace = 4, 0.4
    maria, ion = telegram.person(), telegram.person(7, "Ion", "ro")
    hub.statuses = [500, 503]
    first = asyncio.create_task(maria.writes("едно"))
    await asyncio.sleep(0.02)
    second, other = await asyncio.gather(maria.writes("две"), ion.writes("unu"))
    assert (await first).attempts == [500, 503, 200]
    assert second.attempts == other.attempts == [200]
    assert [text for text in hub.texts if text != "unu"] == ["едно", "едно", "едно", "две"]
    assert hub.texts.index("unu") < 3


async def test_what_the_bot_did_not_ask_for_stays_away(telegram: TelegramServer, hub: Hub) -> None:
    await telegram.emit("chat_member", {"chat": {"id": 1}})
    assert hub.heard == []


async def test_a_conversation(telegram: TelegramServer, hub: Hub) -> None:
    maria = telegram.person()
    channel = Telegram(telegram.token, "secret", telegram.api_base)
    await maria.starts("poster")
    await channel.send(str(maria.id), Outbound("Здравейте", (Button("a", "Работа"), Button("b", "Жилище"))))
    (sent,) = await maria.hears()
    await maria.presses(sent, "Жилище")
    await maria.presses(sent, 0)
    written = await maria.replies(sent, "И още нещо")
    await maria.edits(written, "И още едно")
    await maria.reacts(sent, "👍")
    await maria.blocks_bot()
    await channel.close()
    items = [item for _, update in hub.heard for item in channel.parse_update(update).items]
    kinds = [getattr(item, "kind", "edit") for item in items]
    assert kinds == ["text", "button", "button", "text", "edit", "reaction", "blocked"]
    assert len({getattr(item, "external_id", "edit") for item in items}) == len(items)


async def test_every_act_of_a_person_is_understood(telegram: TelegramServer, hub: Hub) -> None:
    maria, group = telegram.person(), telegram.group()
    await maria.sends_photo(b"x", "надпис", album="1")
    await maria.sends_voice(b"x")
    await maria.sends_document(b"x", "a.pdf", "application/pdf", "надпис")
    await maria.sends_location(51.2, 11.9)
    await maria.sends_contact("+359888", "Иван")
    await maria.forwards("текст")
    await maria.writes("текст", chat=group)
    await maria.unblocks_bot()
    channel = Telegram(telegram.token, "secret", telegram.api_base)
    items = [item for _, update in hub.heard for item in channel.parse_update(update).items]
    kinds = [getattr(item, "kind", None) for item in items]
    assert kinds == ["photo", "voice", "document", "location", "contact", "text", "text", "unblocked"]
    await channel.close()


async def test_methods_take_parameters_in_every_way(telegram: TelegramServer) -> None:
    maria = telegram.person()
    about = {"chat_id": str(maria.id), "text": "x"}
    async with httpx.AsyncClient(base_url=f"{telegram.api_base}/bot{telegram.token}/", trust_env=False) as client:
        for given in ({"json": about}, {"data": about}, {"params": about}):
            answer = await client.post("SENDMESSAGE", **given)  # type: ignore[arg-type]
            assert answer.json()["ok"] is True
        assert (await client.get("getMe")).json()["result"]["is_bot"] is True
        assert (await client.get("noSuchMethod")).status_code == 404
    assert len(telegram.sent_to(maria.id)) == 3


async def test_updates_from_before_the_webhook_can_be_delivered(telegram: TelegramServer, hub: Hub) -> None:
    url, telegram.state.webhook.url = telegram.state.webhook.url, ""
    await telegram.person().writes("по-рано")
    telegram.state.webhook.url = url
    (delivery,) = await telegram.deliver_pending()
    assert delivery.accepted
    assert hub.texts == ["по-рано"]


async def test_by_hand() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.providers.telegram", "--port", "0", cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    base = (await process.stdout.readline()).decode().split()[3].rstrip(",")
    process.stdin.write("77 Здравейте\n".encode())
    await process.stdin.drain()
    channel = Telegram("123456789:AAF-double_of_telegram_for_tests-00", "secret", base)
    (update,) = await channel.updates(None, 10)
    await channel.send(str(update["message"]["chat"]["id"]), Outbound("Добре", (Button("a", "Още"),)))
    assert (await process.stdout.readline()).decode() == "77 <- Добре\n"
    assert (await process.stdout.readline()).decode().strip() == "#1 Още"
    process.stdin.write(b"77 #1\n")
    process.stdin.close()
    press = (await channel.updates(update["update_id"] + 1, 10))[0]
    assert press["callback_query"]["data"] == "a"
    await channel.close()
    assert await process.wait() == 0
