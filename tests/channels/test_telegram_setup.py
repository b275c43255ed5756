"""Webhook secret, connect, check and polling."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from channels.base import Finding, NotFromProvider, Parsed, SendError, SendErrorKind, WebhookAnswer, WebhookRequest
from channels.telegram import Telegram
from channels.telegram_parse import ALLOWED_UPDATES
from tests.providers.telegram import TelegramServer

HOOK = "https://hub.example/webhooks/tg"
HEADER = "x-telegram-bot-api-secret-token"


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(telegram: TelegramServer) -> AsyncIterator[Telegram]:
    bot = Telegram(telegram.token, "secret", telegram.api_base)
    yield bot
    await bot.close()


def request(headers: dict[str, str]) -> WebhookRequest:
    return WebhookRequest("POST", HOOK, headers, b"{}")


def test_the_secret_opens() -> None:
    channel = Telegram("1:token", "secret")
    channel.verify(request({HEADER: "secret"}))
    assert channel.answer(Parsed()) == WebhookAnswer(200, "")


@pytest.mark.parametrize(
    ("secret", "headers", "reason"),
    [
        ("secret", {}, "secret_missing"),
        ("secret", {HEADER: ""}, "secret_wrong"),
        ("secret", {HEADER: "Secret"}, "secret_wrong"),
        ("secret", {HEADER: "тайна\udcff"}, "secret_wrong"),
        ("", {HEADER: ""}, "secret_unset"),
        ("", {}, "secret_unset"),
    ],
)
def test_everything_else_is_refused(secret: str, headers: dict[str, str], reason: str) -> None:
    with pytest.raises(NotFromProvider) as caught:
        Telegram("1:token", secret).verify(request(headers))
    assert caught.value.reason == reason


async def test_connect_and_check(telegram: TelegramServer, channel: Telegram) -> None:
    await telegram.person().writes("Чака")
    assert await channel.connect(HOOK) == [Finding("webhook_set", True, HOOK)]
    hook = telegram.state.webhook
    assert (hook.url, hook.secret, hook.allowed) == (HOOK, "secret", frozenset(ALLOWED_UPDATES))
    findings = {finding.code: finding for finding in await channel.check(HOOK)}
    assert all(finding.ok for finding in findings.values())
    assert findings["token"].detail == "@streetwork_test_bot"
    assert findings["pending_updates"].detail == "1"


async def test_connect_tells_what_telegram_refuses(telegram: TelegramServer, channel: Telegram) -> None:
    (finding,) = await channel.connect("http://hub.example/webhooks/tg")
    assert not finding.ok
    assert "HTTPS" in finding.detail.upper()
    bad = Telegram(telegram.token, "with spaces", telegram.api_base)
    (finding,) = await bad.connect(HOOK)
    assert "unallowed characters" in finding.detail
    await bad.close()
    unset = Telegram(telegram.token, "", telegram.api_base)
    assert [found.code for found in await unset.connect(HOOK)] == ["webhook_secret"]
    await unset.close()


async def test_check_finds_what_is_wrong(telegram: TelegramServer) -> None:
    channel = Telegram(telegram.token, "", telegram.api_base, username="@other_bot")
    await channel._bot.set_webhook("https://old.example/hook", allowed_updates=["message"])
    telegram.state.webhook.last_error = "Wrong response from the webhook: 500 Internal Server Error"
    telegram.state.webhook.last_error_at = 1
    wrong = {finding.code for finding in await channel.check(HOOK) if not finding.ok}
    assert wrong == {"username", "webhook_url", "allowed_updates", "webhook_secret"}
    await channel.close()


async def test_a_recent_webhook_error_is_a_finding(telegram: TelegramServer, channel: Telegram) -> None:
    await channel.connect(f"{telegram.api_base}/nowhere")
    await telegram.person().writes("Загубено")
    findings = {finding.code: finding for finding in await channel.check(f"{telegram.api_base}/nowhere")}
    assert not findings["webhook_errors"].ok
    assert "404" in findings["webhook_errors"].detail


async def test_check_without_a_valid_token(telegram: TelegramServer) -> None:
    channel = Telegram("123:wrong", "secret", telegram.api_base)
    (finding,) = await channel.check(HOOK)
    assert (finding.code, finding.ok) == ("token", False)
    assert "wrong" not in finding.detail
    await channel.close()


async def test_check_without_the_internet_does_not_blame_the_token() -> None:
    channel = Telegram("123:right", "secret", "http://127.0.0.1:9")
    (finding,) = await channel.check(HOOK)
    assert (finding.code, finding.ok) == ("no_answer", False)
    await channel.close()


async def test_polling(telegram: TelegramServer, channel: Telegram) -> None:
    maria = telegram.person()
    await channel.connect(f"{telegram.api_base}/nowhere")
    with pytest.raises(SendError) as caught:
        await channel.updates(None, 0)
    assert caught.value.kind is SendErrorKind.PROVIDER_DOWN
    await channel.disconnect()
    assert await channel.updates(None, 0) == []
    await maria.writes("едно")
    await maria.writes("две")
    first, second = await channel.updates(None, 5)
    assert [first["message"]["text"], second["message"]["text"]] == ["едно", "две"]
    assert await channel.updates(second["update_id"], 0) == [second]
    assert await channel.updates(second["update_id"] + 1, 0) == []
    assert all(finding.ok for finding in await channel.check(""))


async def test_polling_asks_for_reactions_too(telegram: TelegramServer, channel: Telegram) -> None:
    maria = telegram.person()
    await channel.updates(None, 0)
    written = await maria.writes("да")
    await maria.reacts(written, "👍")
    assert ["message_reaction" in update for update in await channel.updates(None, 0)] == [False, True]
