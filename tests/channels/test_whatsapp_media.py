"""Downloads of what people sent."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from channels.base import Inbound, MediaError, MediaFile, MediaRef, WebhookRequest
from channels.whatsapp_cloud import WhatsAppCloud
from tests.providers.whatsapp import WhatsAppServer
from tests.providers.whatsapp.state import NUMBER_ID, OTHER_NUMBER_ID, VERIFY_TOKEN
from tests.providers.whatsapp.webhooks import wire_form


@pytest_asyncio.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(whatsapp: WhatsAppServer) -> AsyncIterator[WhatsAppCloud]:
    cloud = WhatsAppCloud(
        whatsapp.token, whatsapp.app_secret, VERIFY_TOKEN, NUMBER_ID, api_base=f"{whatsapp.api_base}/"
    )
    yield cloud
    await cloud.close()


async def test_a_photo_from_webhook_to_content(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    delivery = await whatsapp.person().sends_photo(b"J" * 5000, "писмо")
    body = wire_form(delivery.payload)
    (photo,) = channel.parse(WebhookRequest("POST", "https://hub.example/webhooks/wa", {}, body)).items
    assert isinstance(photo, Inbound)
    assert photo.text == "писмо"
    file = await channel.fetch(photo.media[0], max_bytes=5000)
    assert (file.content, file.mime) == (b"J" * 5000, "image/jpeg")
    (call,) = whatsapp.calls()
    assert call.query == {"phone_number_id": NUMBER_ID}


@pytest.mark.parametrize(
    ("ref", "mime", "name"),
    [({}, "text/plain", None), ({"mime": "application/pdf", "name": "a.pdf"}, "application/pdf", "a.pdf")],
)
async def test_type_and_name(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, ref: dict[str, Any], mime: str, name: str | None
) -> None:
    media_id = whatsapp.state.add_file(b"x", "text/plain")
    assert await channel.fetch(MediaRef(media_id, **ref), max_bytes=10) == MediaFile(b"x", mime, name)


async def why_not(channel: WhatsAppCloud, ref: MediaRef, max_bytes: int = 1000) -> tuple[str, bool]:
    with pytest.raises(MediaError) as caught:
        await channel.fetch(ref, max_bytes=max_bytes)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value.reason, caught.value.retry


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"announced": 1001}, ("too_large", False)),
        ({"announced": 10, "content": bytes(1001)}, ("too_large", False)),
        ({"fault": "missing"}, ("gone", False)),
        ({"fault": "broken"}, ("gone", True)),
        ({"fault": "redirect"}, ("refused", False)),
        ({"expired": 2}, ("gone", False)),
        ({"sha256": "0" * 64}, ("refused", True)),
        ({"sha256": "not base64!"}, ("refused", True)),
        ({"number_id": OTHER_NUMBER_ID}, ("gone", False)),
    ],
)
async def test_files_that_do_not_come(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, about: dict[str, Any], reason: tuple[str, bool]
) -> None:
    content = about.pop("content", b"x")
    media_id = whatsapp.state.add_file(content, "image/jpeg", **about)
    assert await why_not(channel, MediaRef(media_id)) == reason


async def test_a_url_that_ran_out_is_asked_for_anew(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    media_id = whatsapp.state.add_file(b"x", "image/jpeg", expired=1)
    assert (await channel.fetch(MediaRef(media_id), max_bytes=10)).content == b"x"
    assert len(whatsapp.calls()) == 2


async def test_hashes_in_both_spellings(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    digest = hashlib.sha256(b"x")
    for told in (digest.hexdigest().upper(), base64.b64encode(digest.digest()).decode()):
        media_id = whatsapp.state.add_file(b"x", "image/jpeg", sha256=told)
        assert (await channel.fetch(MediaRef(media_id), max_bytes=10)).content == b"x"


async def test_an_announced_size_spares_the_call(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    assert await why_not(channel, MediaRef("any", size=1001)) == ("too_large", False)
    assert whatsapp.calls() == []


async def test_a_slow_file_has_a_deadline(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    media_id = whatsapp.state.add_file(b"x" * 500, "image/jpeg", fault="slow")
    channel.downloads.seconds = 0.2
    assert await why_not(channel, MediaRef(media_id)) == ("gone", True)


async def test_unknown_files_and_troubles_of_meta(whatsapp: WhatsAppServer, channel: WhatsAppCloud) -> None:
    for ref in ("unknown", "../messages", "1?access_token=x"):
        assert await why_not(channel, MediaRef(ref)) == ("gone", False)
    for status, code, expected in (
        (500, None, ("gone", True)),
        (429, 4, ("gone", True)),
        (401, 190, ("refused", True)),
        (404, None, ("gone", False)),
    ):
        whatsapp.goes_wrong(path="/unknown", status=status, code=code)
        assert await why_not(channel, MediaRef("unknown")) == expected


ELSEWHERE = [
    "http://127.0.0.2/file",
    "https://example.org/file",
    "http://lookaside.fbsbx.com/file",
    "https://lookaside.fbsbx.com:8443/file",
    "https://lookaside.fbsbx.com.example.org/file",
    "https://user@lookaside.fbsbx.com/file",
    "https://notfbsbx.com/file",
    "http://127.0.0.1:1/file",
    "http://[::1/file",
    "https://lookaside.fbsbx.com:99999/file",
    "file:///etc/passwd",
    "/etc/passwd",
]


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_the_token_goes_nowhere_else(whatsapp: WhatsAppServer, channel: WhatsAppCloud, url: str) -> None:
    media_id = whatsapp.state.add_file(b"x", "image/jpeg", url=url)
    assert await why_not(channel, MediaRef(media_id)) == ("refused", False)


@pytest.mark.parametrize(
    "url",
    [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
        "https://scontent.xx.fbcdn.net/file",
        "https://mmg.whatsapp.net:443/file",
        "https://graph.facebook.com/file",
    ],
)
async def test_metas_hosts_are_asked_with_the_token(
    whatsapp: WhatsAppServer, channel: WhatsAppCloud, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=b"x")

    media_id = whatsapp.state.add_file(b"x", "image/jpeg", url=url)
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(channel.graph, "download", lambda url: client.stream("GET", url, headers=channel.graph._bearer))
    assert (await channel.fetch(MediaRef(media_id), max_bytes=10)).content == b"x"
    assert [request.headers["authorization"] for request in asked] == [f"Bearer {whatsapp.token}"]
    await client.aclose()
