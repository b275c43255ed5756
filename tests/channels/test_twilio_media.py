"""Downloads: who gets the credentials, and which places are never visited."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from channels.base import MediaError, MediaFile, MediaRef
from channels.twilio import Twilio
from channels.twilio_media import Downloads
from channels.twilio_wire import Wire
from tests.providers.twilio import TwilioServer

API = "https://api.twilio.com"
PATH = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
PUBLIC, PRIVATE = "54.209.1.1", "10.1.2.3"


@pytest_asyncio.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer() as server:
        yield server


@pytest_asyncio.fixture
async def channel(twilio: TwilioServer) -> AsyncIterator[Twilio]:
    made = Twilio("sms", twilio.account, twilio.token, twilio.number, api_base=twilio.api_base)
    yield made
    await made.close()


def ref(twilio: TwilioServer, content: bytes = b"x", mime: str = "image/jpeg", **about: Any) -> MediaRef:
    file = twilio.add_file(content, mime, **about)
    return MediaRef(twilio.media_url(file).removeprefix(twilio.api_base), mime)


async def why_not(fetching: Any) -> tuple[str, bool]:
    with pytest.raises(MediaError) as caught:
        await fetching
    return caught.value.reason, caught.value.retry


async def test_a_file(twilio: TwilioServer, channel: Twilio) -> None:
    media = ref(twilio, b"%PDF" * 100, "application/pdf", name="договор.pdf".encode().decode("latin-1"))
    file = await channel.fetch(media, max_bytes=400)
    assert (file.content, file.mime) == (b"%PDF" * 100, "application/pdf")
    assert await channel.fetch(ref(twilio, b"x", name="../../a.jpg"), max_bytes=1) == MediaFile(
        b"x", "image/jpeg", "a.jpg"
    )


@pytest.mark.parametrize(
    ("announced", "stored", "mime"),
    [
        ("image/jpeg", "application/x-msdownload", "application/x-msdownload"),
        ("image/jpeg", "application/octet-stream", "image/jpeg"),
        (None, "audio/ogg", "audio/ogg"),
        (None, "binary/octet-stream", "application/octet-stream"),
    ],
)
async def test_the_stored_type_counts(
    twilio: TwilioServer, channel: Twilio, announced: str | None, stored: str, mime: str
) -> None:
    media = MediaRef(ref(twilio, mime=stored).ref, announced)
    assert (await channel.fetch(media, max_bytes=10)).mime == mime


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"fault": "missing"}, ("gone", False)),
        ({"fault": "broken"}, ("gone", True)),
        ({"content": b"x" * 1001}, ("too_large", False)),
        ({"fault": "redirect"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "http://localhost/secret"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "https://127.0.0.1/secret"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "https://evil.example/x"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "https://evil-twilio.com/x"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "http://media.twiliocdn.com/x"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "https://media.twiliocdn.com:8443/x"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "https://a:b@media.twiliocdn.com/x"}, ("refused", False)),
        ({"fault": "redirect", "redirect_to": "https://[::1/x"}, ("gone", True)),  # httpx gives up
        ({"fault": "redirect", "redirect_to": "file:///etc/passwd"}, ("refused", False)),
    ],
)
async def test_files_that_do_not_come(
    twilio: TwilioServer, channel: Twilio, about: dict[str, Any], reason: tuple[str, bool]
) -> None:
    assert await why_not(channel.fetch(ref(twilio, **about), max_bytes=1000)) == reason


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.2/x",
        "https://evil.example/x",
        "http://api.twilio.com/x",
        "https://twilio.com.evil.example/x",
        "//evil.example/x:99999",
        "ME1",
        "",
    ],
)
async def test_other_places_are_not_even_asked(channel: Twilio, place: str) -> None:
    reason, _ = await why_not(channel.fetch(MediaRef(place), max_bytes=10))
    assert reason in ("refused", "gone")


async def test_an_announced_size_spares_the_call(twilio: TwilioServer, channel: Twilio) -> None:
    assert await why_not(channel.fetch(MediaRef("/any", size=11), max_bytes=10)) == ("too_large", False)
    assert twilio.calls() == []


async def test_a_slow_file_has_a_deadline(twilio: TwilioServer, channel: Twilio) -> None:
    channel.downloads.seconds = 0.2
    assert await why_not(channel.fetch(ref(twilio, b"x" * 500, fault="slow"), max_bytes=1000)) == ("gone", True)


async def test_wrong_credentials_may_be_repaired(twilio: TwilioServer) -> None:
    channel = Twilio("sms", twilio.account, "wrong", twilio.number, api_base=twilio.api_base)
    assert await why_not(channel.fetch(ref(twilio), max_bytes=10)) == ("refused", True)
    await channel.close()


async def test_redirects_on_the_trusted_host_are_followed(twilio: TwilioServer, channel: Twilio) -> None:
    target = ref(twilio, b"here").ref
    media = ref(twilio, fault="redirect", redirect_to=target)
    assert (await channel.fetch(media, max_bytes=10)).content == b"here"
    file = twilio.add_file(b"", "image/jpeg", fault="redirect")
    file.redirect_to = twilio.media_url(file)
    assert await why_not(channel.fetch(MediaRef(file.redirect_to), max_bytes=10)) == ("refused", False)


# Twilio's own hosts, on a transport that only writes down


class Internet:
    def __init__(self, addresses: dict[str, str]) -> None:
        self.addresses = addresses
        self.asked: list[tuple[str, bool]] = []
        self.redirects: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append((url, "authorization" in request.headers))
        if url in self.redirects:
            return httpx.Response(307, headers={"location": self.redirects[url]})
        return httpx.Response(200, content=b"photo", headers={"content-type": "image/jpeg"})

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        if host not in self.addresses:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.addresses[host], port))]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = Internet({"api.twilio.com": PUBLIC, "media.twiliocdn.com": PUBLIC, "mcs.us1.twilio.com": PUBLIC})
    made.addresses["bucket.s3.amazonaws.com"] = PRIVATE

    class Loop:
        getaddrinfo = made.getaddrinfo

    monkeypatch.setattr("channels.twilio_media.asyncio.get_running_loop", Loop)
    return made


async def fetch(internet: Internet, place: str) -> MediaFile:
    wire = Wire()
    await wire.close()
    wire._client = httpx.AsyncClient(transport=httpx.MockTransport(internet))
    try:
        return await Downloads(wire, API, ("AC1", "token")).fetch(MediaRef(place), max_bytes=100)
    finally:
        await wire.close()


async def test_credentials_stay_with_twilio(internet: Internet) -> None:
    internet.redirects[API + PATH] = "https://media.twiliocdn.com/AC1/photo?signature=1"
    assert (await fetch(internet, PATH)).content == b"photo"
    assert internet.asked == [(API + PATH, True), ("https://media.twiliocdn.com/AC1/photo?signature=1", False)]


async def test_twilios_other_hosts_are_trusted_too(internet: Internet) -> None:
    await fetch(internet, "https://mcs.us1.twilio.com/v1/Media/ME1")
    assert internet.asked == [("https://mcs.us1.twilio.com/v1/Media/ME1", True)]


async def test_a_name_that_means_a_private_address(internet: Internet) -> None:
    internet.redirects[API + PATH] = "https://bucket.s3.amazonaws.com/x"
    assert await why_not(fetch(internet, PATH)) == ("refused", False)
    assert len(internet.asked) == 1
    internet.redirects[API + PATH] = "https://unknown.amazonaws.com/x"
    assert await why_not(fetch(internet, PATH)) == ("gone", True)
