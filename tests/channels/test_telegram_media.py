"""Downloads of what people sent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.base import Inbound, MediaError, MediaFile, MediaRef
from channels.telegram import Telegram
from tests.providers.telegram import TelegramServer


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(telegram: TelegramServer) -> AsyncIterator[Telegram]:
    bot = Telegram(telegram.token, "secret", telegram.api_base)
    yield bot
    await bot.close()


async def test_a_photo_from_update_to_content(telegram: TelegramServer, channel: Telegram) -> None:
    await telegram.person().sends_photo(b"J" * 5000, "писмо")
    (update,) = await channel.updates(None, 0)
    (photo,) = channel.parse_update(update).items
    assert isinstance(photo, Inbound)
    assert photo.text == "писмо"
    file = await channel.fetch(photo.media[0], max_bytes=5000)
    assert (file.content, file.mime) == (b"J" * 5000, "image/jpeg")


@pytest.mark.parametrize(
    ("suffix", "ref", "mime", "name"),
    [
        ("pdf", {}, "application/pdf", "file_1.pdf"),
        ("pdf", {"mime": "text/plain", "name": "a.txt"}, "text/plain", "a.txt"),
        ("zzzz", {}, "application/octet-stream", "file_1.zzzz"),
    ],
)
async def test_type_and_name(
    telegram: TelegramServer, channel: Telegram, suffix: str, ref: dict[str, Any], mime: str, name: str
) -> None:
    file_id = telegram.add_file(b"x", suffix)
    assert await channel.fetch(MediaRef(file_id, **ref), max_bytes=10) == MediaFile(b"x", mime, name)


async def why_not(channel: Telegram, ref: MediaRef, max_bytes: int = 1000) -> tuple[str, bool]:
    with pytest.raises(MediaError) as caught:
        await channel.fetch(ref, max_bytes=max_bytes)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value.reason, caught.value.retry


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"announced": 20_000_001}, ("too_large", False)),
        ({"announced": 1001}, ("too_large", False)),
        ({"announced": 10, "content": bytes(1001)}, ("too_large", False)),
        ({"fault": "missing"}, ("gone", False)),
        ({"fault": "broken"}, ("gone", True)),
        ({"fault": "redirect"}, ("refused", False)),
    ],
)
async def test_files_that_do_not_come(
    telegram: TelegramServer, channel: Telegram, about: dict[str, Any], reason: tuple[str, bool]
) -> None:
    file_id = telegram.add_file(about.pop("content", b"x"), **about)
    assert await why_not(channel, MediaRef(file_id)) == reason


async def test_an_announced_size_spares_the_call(telegram: TelegramServer, channel: Telegram) -> None:
    assert await why_not(channel, MediaRef("any", size=1001)) == ("too_large", False)
    assert telegram.calls() == []


async def test_a_slow_file_has_a_deadline(telegram: TelegramServer, channel: Telegram) -> None:
    file_id = telegram.add_file(b"x" * 500, fault="slow")
    channel.downloads.seconds = 0.2
    assert await why_not(channel, MediaRef(file_id)) == ("gone", True)


async def test_unknown_files_and_troubles_of_telegram(telegram: TelegramServer, channel: Telegram) -> None:
    assert await why_not(channel, MediaRef("unknown")) == ("gone", False)
    telegram.goes_wrong(method="getFile", status=500)
    assert await why_not(channel, MediaRef("unknown")) == ("gone", True)
    telegram.goes_wrong(method="getFile", status=401)
    assert await why_not(channel, MediaRef("unknown")) == ("refused", True)


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.2/files/x",
        "https://api.telegram.org/file/x",
        "/etc/passwd",
        "files/../../bot/getMe",
        "file:///etc/passwd",
    ],
)
async def test_other_hosts_and_places_are_refused(telegram: TelegramServer, channel: Telegram, path: str) -> None:
    file_id = telegram.add_file(b"x")
    telegram.state.files[file_id].path = path
    assert await why_not(channel, MediaRef(file_id)) == ("refused", False)


async def test_a_whole_url_on_the_trusted_host(telegram: TelegramServer, channel: Telegram) -> None:
    file_id = telegram.add_file(b"x", "pdf")
    path = telegram.state.files[file_id].path
    whole = telegram.add_file(b"y")
    telegram.state.files[whole].path = f"{telegram.api_base}/file/bot{telegram.token}/{path}"
    assert (await channel.fetch(MediaRef(whole), max_bytes=10)).content == b"x"
