"""What is found in files, and the copies that every browser plays; files that can't be opened harm nobody."""

import asyncio

import pytest
import sqlalchemy as sa

from app import av_files
from app.av_files import Unreadable, open_file
from app.hub import Hub
from app.jobs import sweep
from app.models import Media
from app.shaping import shape
from tests.sounds import about, photo, tone
from tests.web import cast
from tests.web.street import letter_png


@pytest.mark.parametrize(
    ("kind", "copied"), [("ogg", True), ("amr", True), ("webm", True), ("m4a", False), ("mp3", False)]
)
async def test_what_some_browser_does_not_play_gets_a_copy(kind: str, copied: bool) -> None:
    found = await open_file(tone(kind), "audio")
    assert found.seconds == pytest.approx(1.0, abs=0.1)
    assert bool(found.copy) == copied
    if copied:
        container, codec, channels, seconds = about(found.copy)
        assert (container, codec, channels) == ("mov", "aac", 1)
        assert seconds == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("kind", ["webm", "m4a", "ogg"])
async def test_recordings_become_voice_notes(kind: str) -> None:
    found = await open_file(tone(kind), "voice")
    container, codec, channels, _ = about(found.copy)
    assert (container, codec, channels) == ("ogg", "opus", 1)


async def test_pictures_have_the_size_that_browsers_show() -> None:
    shapes = [await open_file(each, "picture") for each in (letter_png(), photo(64, 48), photo(64, 48, lies=True))]
    assert [(each.width, each.height) for each in shapes] == [(240, 320), (64, 48), (48, 64)]


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n"


@pytest.mark.parametrize("content", [b"", b"OggS", b"\0" * 5000, PLAYLIST, b"ffconcat version 1.0\nfile /etc/passwd\n"])
@pytest.mark.parametrize("task", ["audio", "picture", "video"])
async def test_what_is_no_such_file_is_said_to_be_damaged(content: bytes, task: av_files.Task) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        await open_file(content, task)


async def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av_files, "SECONDS", 0.01)
    with pytest.raises(Unreadable, match="too_long"):
        await open_file(tone("ogg"), "audio")


async def test_several_at_once_leave_no_process_behind() -> None:
    found = await asyncio.gather(*(open_file(photo(64, 48), "picture") for _ in range(3)))
    assert {each.width for each in found} == {64}


async def add(hub: Hub, content: bytes, mime: str) -> int:
    async with hub.db.transaction() as session:
        channel = await cast.add_channel(hub, session, f"c-{mime}", "webchat")
        talk = await cast.meet(hub, session, channel, "Maria", "77", at=hub.now())
        message = await talk.says(None, "voice")
        return (await cast.attach(message, session, content, mime)).id


async def load(hub: Hub, media_id: int) -> Media:
    async with hub.db.transaction() as session:
        return await session.get_one(Media, media_id, options=[sa.orm.undefer(Media.playable)])


async def test_the_job_keeps_what_it_found_once(hub: Hub) -> None:
    number = await add(hub, tone("amr", 2), "audio/amr")
    await shape(hub, number)
    media = await load(hub, number)
    assert media.seconds == pytest.approx(2.0, abs=0.1)
    assert media.playable is not None
    assert (media.playable_size, media.problem) == (len(media.playable), None)
    first = media.looked_at
    await shape(hub, number)
    assert (await load(hub, number)).looked_at == first


async def test_a_damaged_file_keeps_its_original_and_says_so(hub: Hub) -> None:
    number = await add(hub, b"OggS", "audio/ogg")
    await shape(hub, number)
    media = await load(hub, number)
    assert (media.problem, media.playable, media.status, media.size) == ("damaged", None, "stored", 4)


async def test_the_sweep_finds_files_that_nobody_looked_at(hub: Hub) -> None:
    numbers = [await add(hub, tone("ogg"), "audio/ogg"), await add(hub, b"%PDF-1.7", "application/pdf")]
    await sweep(hub)
    await sweep(hub)
    query = sa.text("select args->>'media_id' from procrastinate_jobs where task_name = 'shape_media' order by id")
    async with hub.db.transaction() as session:
        assert list(await session.scalars(query)) == [str(number) for number in numbers]
    await shape(hub, numbers[1])
    assert (await load(hub, numbers[1])).problem is None
