"""Pictures in full, recordings and the recorder, in a real browser with a microphone that hums."""

import re
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, async_playwright, expect

from app.hub import Hub
from app.models import Conversation, Media, Message
from app.shaping import shape
from tests.browser.conftest import CHROMIUM, DESK, FLAGS, PHONE, Windows
from tests.live import Live
from tests.sounds import about, photo, tone
from tests.web import cast
from tests.web.street import Street

MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
LISTENED = "elsewhere: blob:"  # what was recorded is of the page itself


async def add(hub: Hub, street: Street, content: bytes, mime: str, kind: str, name: str | None = None) -> int:
    """To the end of the thread of the wages."""
    async with hub.db.transaction() as session:
        talk = await session.get_one(Conversation, street.wages.conversation_id)
        message = await cast.Talk(session, talk, hub.now()).says(None, kind)
        number = (await cast.attach(message, session, content, mime, name)).id
    await shape(hub, number)
    return number


async def test_pictures_open_turn_and_follow_each_other(hub: Hub, windows: Windows, street: Street) -> None:
    first = await add(hub, street, photo(640, 480), "image/jpeg", "photo")
    await add(hub, street, photo(300, 400), "image/jpeg", "photo")
    async with windows.open("ana@example.org") as desk, windows.open("boris@example.org", PHONE) as phone:
        page = desk.page
        await desk.goto(f"/inbox/{street.wages.id}")
        await phone.goto(f"/inbox/{street.wages.id}")
        thumb = page.locator(f"#picture-{first} img")
        assert (await thumb.get_attribute("width"), await thumb.get_attribute("height")) == ("480", "360")
        await page.click(f"#picture-{first}")
        await expect(page.locator("#viewer")).to_be_visible()
        await expect(page.locator("#viewer-where")).to_have_text("Picture 2 of 3")
        assert await desk.axe() == []
        await page.keyboard.press("+")
        await expect(page.locator("#viewer-stage")).to_have_class("viewer-stage zoomed")
        await page.keyboard.press("0")
        async with page.expect_response("**/turn"):
            await page.keyboard.press("r")
        await expect(page.locator("#viewer-news")).to_have_text("100 percent, turned by 90 degrees")
        turned = phone.page.locator(f"#picture-{first} svg")
        await expect(turned).to_have_attribute("viewBox", "0 0 480 640")
        box = await turned.bounding_box()
        assert box is not None
        assert box["height"] > box["width"]
        await page.keyboard.press("PageDown")
        await expect(page.locator("#viewer-where")).to_have_text("Picture 3 of 3")
        await page.click("[data-do=previous]")
        await expect(page.locator("#viewer-picture")).to_have_attribute("style", re.compile(r"rotate\(90deg\)"))
        await page.keyboard.press("Escape")
        await expect(page.locator("#viewer")).to_be_hidden()
        await expect(page.locator(f"#picture-{first}")).to_be_focused()


async def test_on_a_phone_a_picture_fits_and_zooms_by_double_tap(hub: Hub, windows: Windows, street: Street) -> None:
    number = await add(hub, street, photo(640, 480), "image/jpeg", "photo")
    async with windows.open("ana@example.org", PHONE, has_touch=True) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        await page.tap(f"#picture-{number}")
        await expect(page.locator("#viewer-picture")).to_be_visible()
        box = await page.locator("#viewer-picture").bounding_box()
        assert box is not None
        assert box["width"] <= 360
        await page.touchscreen.tap(180, 350)
        await page.touchscreen.tap(180, 350)
        await expect(page.locator("#viewer-stage")).to_have_class("viewer-stage zoomed")
        await page.tap("[data-do=close]")
        await expect(page.locator("#viewer")).to_be_hidden()


@pytest.mark.parametrize(("kind", "mime"), [("ogg", "audio/ogg"), ("amr", "audio/amr"), ("m4a", "audio/mp4")])
async def test_voice_notes_play(hub: Hub, windows: Windows, street: Street, kind: str, mime: str) -> None:
    number = await add(hub, street, tone(kind, 2), mime, "voice")
    async with windows.open("ana@example.org") as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.wages.id}")
        sound = page.locator(f"#sound-{number}")
        await expect(sound.locator(".length")).to_contain_text("0:02")
        await sound.locator("[data-speed]").click()
        await expect(sound.locator("[data-speed]")).to_have_text("1.5×")
        played = await sound.locator("audio").evaluate(
            "async audio => { audio.muted = true; await audio.play(); return [audio.duration, audio.playbackRate] }"
        )
        assert played == [pytest.approx(2, abs=0.1), 1.5]
        assert await screen.axe() == []


@pytest.fixture
async def hearing() -> AsyncIterator[Browser]:
    """A browser with a microphone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MICROPHONE])
        yield browser
        await browser.close()


async def voices(hub: Hub) -> list[Media]:
    async with hub.db.transaction() as session:
        query = sa.select(Media).join(Message).where(Message.direction == "out", Message.author == "staff")
        return list(await session.scalars(query.options(sa.orm.undefer(Media.content)).order_by(Media.id)))


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_a_voice_message_is_recorded_and_sent(
    hub: Hub, hearing: Browser, serving: Live, street: Street, size: tuple[int, int]
) -> None:
    async with Windows(hearing, serving.base_url).open("ana@example.org", size, expected=(LISTENED,)) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.click("#record")
        await expect(page.locator("#recorder-says")).to_have_text("Recording…")
        await expect(page.locator("#recorder-time")).to_have_text("0:01")
        await page.click("#recorder-stop")
        await expect(page.locator("#recorder-says")).to_contain_text("It is sent with your answer.")
        seconds = await page.locator("#recorder-audio").evaluate(
            "async audio => { audio.muted = true; await audio.play(); return audio.currentSrc.slice(0, 5) }"
        )
        assert seconds == "blob:"
        assert await screen.axe() == []
        assert await page.locator("#composer").evaluate("box => box.scrollWidth - box.clientWidth") <= 0
        await page.click("#recorder-drop")
        await expect(page.locator("#recorder")).to_be_hidden()
        await page.click("#record")
        await expect(page.locator("#recorder-time")).to_have_text("0:01")
        await page.click("#recorder-stop")
        await page.click(".send")
        await expect(page.locator("#thread .out.by-staff .sound")).to_have_count(1)
        await expect(page.locator("#recorder")).to_be_hidden()
    (sent,) = await voices(hub)
    assert (sent.mime, sent.name) == ("audio/ogg", "voice.ogg")
    container, codec, channels, length = about(sent.content or b"")
    assert (container, codec, channels) == ("ogg", "opus", 1)
    assert length > 0.5


async def test_a_recording_outlives_a_refused_answer(hub: Hub, hearing: Browser, serving: Live, street: Street) -> None:
    windows = Windows(hearing, serving.base_url)
    async with windows.open("ana@example.org", expected=("status of 409", LISTENED)) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.click("#record")
        await expect(page.locator("#recorder-time")).to_have_text("0:01")
        await page.click("#recorder-stop")
        way = page.locator("#reply [name=to]")
        await way.evaluate("input => { input.value = input.value.split(':')[0] + ':0' }")
        await page.click(".send")
        await expect(page.locator("#composer-problem")).to_be_visible()
        await expect(page.locator("#recorder-says")).to_contain_text("It is sent with your answer.")
        await page.click(".send")
        await expect(page.locator("#thread .out.by-staff .sound")).to_have_count(1)


async def test_a_refused_microphone_is_explained(windows: Windows, street: Street) -> None:
    async with windows.open("ana@example.org", permissions=[]) as screen:
        page = screen.page
        await screen.goto(f"/inbox/{street.urgent.id}")
        await page.evaluate(
            "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') } }"
        )
        await page.click("#record")
        await expect(page.locator("#recorder-says")).to_contain_text("The microphone may not be used.")
        await page.click("#recorder-close")
        await expect(page.locator("#recorder")).to_be_hidden()
        await expect(page.locator("#record")).to_be_focused()
