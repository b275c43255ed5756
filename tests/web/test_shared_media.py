"""Links to files on their way out: opened by whoever has one, for a day, and only to what we send ourselves."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from app.hub import Hub
from app.links import make_token, media_url
from app.main import create_app
from app.models import Channel, Media
from tests.web import cast

PDF = b"%PDF-1.7 plan"


@pytest.fixture
async def web(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=hub.settings.base_url) as client:
        yield client


async def add(hub: Hub, direction: str, status: str = "stored") -> int:
    async with hub.db.transaction() as session:
        channel = Channel(name=f"c-{direction}-{status}", kind="webchat", secrets=hub.vault.encrypt("{}"))
        session.add(channel)
        await session.flush()
        talk = await cast.meet(hub, session, channel, "Maria", "77", at=hub.now())
        message = await talk.add(direction, "contact" if direction == "in" else "staff", "x", "document")
        media: Media = await cast.attach(message, session, PDF, "application/pdf", "plan.pdf")
        media.status = status
    return media.id


async def test_a_link_opens_the_file_without_signing_in(hub: Hub, web: httpx.AsyncClient) -> None:
    url = media_url(hub, await add(hub, "out"))
    assert url.startswith(f"{hub.settings.base_url}/media/")
    answer = await web.get(url)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PDF, "application/pdf")
    assert "attachment" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    looked_at = await web.head(url)
    assert (looked_at.status_code, looked_at.headers["content-length"]) == (200, str(len(PDF)))


async def test_everything_else_is_not_there(hub: Hub, web: httpx.AsyncClient) -> None:
    ours, theirs, refused = await add(hub, "out"), await add(hub, "in"), await add(hub, "out", "refused")
    later = hub.now() + timedelta(hours=1)
    good = make_token(hub.vault, ours, later)
    media_id, until, signature = good.split(".")
    forged = [
        make_token(hub.vault, ours, hub.now() - timedelta(seconds=2)),
        make_token(hub.vault, theirs, later),
        make_token(hub.vault, refused, later),
        make_token(hub.vault, 999_999, later),
        f"{theirs}.{until}.{signature}",
        f"{media_id}.{int(until) + 9999}.{signature}",
        f"{media_id}.{until}.{signature[:-1]}0",
        f"{media_id}.{until}.",
        f"{media_id}..{signature}",
        f"{media_id}",
        f"²{good}",
        "x",
        "%00",
        hub.vault.sign("media:1"),
    ]
    assert {(await web.get(f"/media/{token}")).status_code for token in forged if token != good} == {404}
    assert (await web.get(f"/media/{good}")).status_code == 200


async def test_a_link_lasts_as_long_as_twilio_may_wait(hub: Hub, web: httpx.AsyncClient) -> None:
    """A message may stay in Twilio's queue for ten hours before its file is fetched."""
    url = media_url(hub, await add(hub, "out"))
    until = int(url.rsplit("/", 1)[1].split(".")[1])
    assert timedelta(hours=10) < timedelta(seconds=until - hub.now().timestamp()) <= timedelta(hours=24)
