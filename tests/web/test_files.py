"""Files of conversations and static files: types, ranges, caching."""

import pytest
import sqlalchemy as sa

from app.hub import Hub
from app.models import Message
from app.web.media_files import byte_range, disposition
from app.web.static import assets
from tests.web.cast import PIXEL, attach
from tests.web.conftest import NewBrowser
from tests.web.street import Street


async def add_file(hub: Hub, content: bytes, mime: str, name: str | None = None) -> int:
    async with hub.db.transaction() as session:
        message = await session.scalar(sa.select(Message).where(Message.kind == "document").limit(1))
        assert message is not None
        return (await attach(message, session, content, mime, name)).id


async def test_pictures_are_shown_within_a_sandbox(hub: Hub, browse: NewBrowser, street: Street) -> None:
    number = await add_file(hub, PIXEL, "image/png", "Brief März.png")
    browser = await browse("ana@example.org")
    answer = await browser.get(f"/media-file/{number}")
    assert answer.content == PIXEL
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''Brief%20M%C3%A4rz.png"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("mime", "served"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/pdf", "application/pdf"),
        ("text/plain", "text/plain; charset=utf-8"),
    ],
)
async def test_what_could_run_scripts_is_only_downloaded(
    hub: Hub, browse: NewBrowser, street: Street, mime: str, served: str
) -> None:
    number = await add_file(hub, b"<script>alert(1)</script>", mime)
    browser = await browse("ana@example.org")
    answer = await browser.get(f"/media-file/{number}")
    assert answer.headers["content-type"] == served
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_players_get_the_part_they_ask_for(hub: Hub, browse: NewBrowser, street: Street) -> None:
    number = await add_file(hub, b"0123456789", "audio/ogg; codecs=opus")
    browser = await browse("ana@example.org")
    part = await browser.get(f"/media-file/{number}", range="bytes=2-4")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert (await browser.get(f"/media-file/{number}", range="bytes=50-")).status_code == 416
    assert (await browser.get(f"/media-file/{number}", range="bytes=0-1,3-4")).content == b"0123456789"


async def test_unknown_and_unfetched_files_are_404(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    assert (await browser.get("/media-file/99999")).status_code == 404


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=0-", (0, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes=8-99", (8, 10)),
        ("bytes=-", None),
        ("items=1-2", None),
    ],
)
def test_byte_ranges(header: str, part: tuple[int, int] | None) -> None:
    assert byte_range(header, 10) == part


def test_file_names_cannot_break_out_of_the_header() -> None:
    assert disposition('a"b\r\nc.png', inline=True) == "inline; filename*=UTF-8''a%22b%0D%0Ac.png"


async def test_static_files_are_kept_for_ever_at_an_address_that_changes_with_them(browse: NewBrowser) -> None:
    browser = await browse()
    now = await browser.get(assets().url("css/base.css"), **{"accept-encoding": "gzip"})
    assert now.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert now.headers["content-encoding"] == "gzip"
    assert now.headers["content-type"].startswith("text/css")
    old = await browser.get("/static/000000000000/css/base.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    assert (await browser.get("/static/x/css/none.css")).status_code == 404
    assert (await browser.get("/static/x/%2e%2e/static.py")).status_code == 404
    assert b"htmx" in (await browser.get(assets().url("vendor/htmx.js"))).content


async def test_style_sheets_come_together_in_their_order(browse: NewBrowser) -> None:
    browser = await browse()
    both = await browser.get(assets().sheets("tokens", "base"))
    alone = [(await browser.get(assets().url(f"css/{name}.css"))).text for name in ("tokens", "base")]
    assert both.headers["content-type"].startswith("text/css")
    assert both.text == "\n".join(alone)
    with pytest.raises(KeyError):
        assets().sheets("tokens", "none")
    assert (await browser.get("/static/x/css/tokens+none.css")).status_code == 404
    assert (await browser.get("/static/x/css/" + "+".join(["base"] * 40) + ".css")).status_code == 404
