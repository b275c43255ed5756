"""A working half-minute: two colleagues, one of them on a phone, and people who write in three languages meanwhile.

Nothing jumps under the pointer, and in the end every word stands once, with the right person, in the database and on
both screens.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from time import monotonic

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, async_playwright, expect

from app.hub import Hub
from app.intake import take_in
from app.models import Case, Message
from channels.base import Inbound, Parsed
from tests.browser.conftest import CHROMIUM, FLAGS, PHONE, Windows
from tests.live import Live
from tests.web.cast import add_channel, add_user, meet, open_case

pytestmark = pytest.mark.browser

SECONDS = 30
PEOPLE = (
    ("Gelbe Lerche 42", "bg", "Кога мога да дойда?"),
    ("Ruhige Amsel 17", "ro", "Când pot să vin?"),
    ("Silberne Möwe 88", "uk", "Коли можна прийти?"),
    ("Muntere Eule 23", "bg", "Не разбирам писмото."),
    ("Blaue Drossel 54", "ro", "Nu înțeleg scrisoarea."),
    ("Kleine Ente 61", "uk", "Я не розумію листа."),
)
UNDER_POINTER = "([x, y]) => document.elementFromPoint(x, y)?.closest('.card')?.id ?? ''"


@dataclass
class Day:
    """Who has what case, and every word that was said: case -> words."""

    live: Live
    languages: dict[int, tuple[str, str]] = field(default_factory=dict)  # case -> address, what they ask
    said: Counter[tuple[int, str]] = field(default_factory=Counter)
    until: float = 0

    @property
    def hub(self) -> Hub:
        return self.live.hub

    @property
    def goes_on(self) -> bool:
        return monotonic() < self.until


@pytest.fixture
async def day(live: Live) -> Day:
    made = Day(live)
    async with live.hub.db.transaction() as session:
        await add_user(session, "Ana Petrova")
        await add_user(session, "Boris Lange", "coordinator")
        channel = await add_channel(live.hub, session, "web", "webchat", "weissenfels")
        for number, (name, language, words) in enumerate(PEOPLE):
            talk = await meet(live.hub, session, channel, name, f"w-{number}", at=live.hub.now(), language=language)
            await talk.says(words)
            case = await open_case(talk, "asked")
            made.languages[case.id] = (f"w-{number}", words)
    await live.hub.registry.load()
    return made


async def people_write(day: Day, chance: Random) -> None:
    channel = day.hub.registry.by_name("web")
    assert channel is not None
    number = 0
    while day.goes_on:
        number += 1
        case_id = chance.choice(list(day.languages))
        address, words = day.languages[case_id]
        text = f"{words} №{number}."
        item = Inbound(external_id=f"w:{number}", address=address, kind="text", text=text)
        assert await take_in(day.hub, channel, Parsed((item,))) == 1
        day.said[case_id, text] += 1
        await asyncio.sleep(chance.uniform(0.3, 1.2))


async def works(
    day: Day, page: Page, name: str, chance: Random, choose: Callable[[Page, Random], Awaitable[int]]
) -> None:
    number = 0
    while day.goes_on or number < 2:  # a slow machine gets longer
        number += 1
        case_id = await choose(page, chance)
        text = f"{name} отговаря №{number}."
        await page.fill("#reply-text", text)
        await send(page)
        day.said[case_id, text] += 1


async def send(page: Page) -> None:
    """Until it is sent: what came in between is read, and a colleague who has begun is answered over."""
    for _ in range(10):
        despite = page.locator("button[name=despite]")
        button = despite if await despite.count() else page.locator(".send")
        async with page.expect_response(lambda response: response.url.endswith("/reply")) as waiting:
            await button.click()
        if (await waiting.value).ok:
            await expect(page.locator("#reply-text")).to_have_value("")
            return
        await expect(page.locator("#composer-problem")).to_be_visible()
    raise AssertionError("never sent")


async def by_mouse(page: Page, chance: Random) -> int:
    """Rest on a row while people write, then click where the pointer is: it must still be that row."""
    if "/inbox?" not in page.url:
        await page.goto(page.url.split("/inbox")[0] + "/inbox?view=all")
    rows = page.locator("#cards .card")
    row = rows.nth(chance.randrange(await rows.count()))
    await row.scroll_into_view_if_needed()
    box = await row.bounding_box()
    assert box is not None
    spot = [box["x"] + box["width"] / 2, box["y"] + min(30, box["height"] / 2)]
    await page.mouse.move(*spot)
    resting = await page.evaluate(UNDER_POINTER, spot)
    await asyncio.sleep(1.5)
    assert await page.evaluate(UNDER_POINTER, spot) == resting, "the row under the pointer moved"
    await page.mouse.click(*spot)
    case_id = int(resting.removeprefix("card-"))
    await page.wait_for_url(f"**/inbox/{case_id}?**")
    await page.mouse.move(5, 5)
    return case_id


async def by_thumb(page: Page, chance: Random) -> int:
    await page.goto(page.url.split("/inbox")[0] + "/inbox?view=all")
    links = page.locator("#cards .card-link")
    link = links.nth(chance.randrange(await links.count()))
    case_id = int((await link.get_attribute("href") or "").split("?")[0].rsplit("/", 1)[1])
    await page.locator(f"#card-{case_id} .card-link").tap()
    await page.wait_for_url(f"**/inbox/{case_id}?**")
    return case_id


async def shown(page: Page, base_url: str, case_id: int) -> Counter[str]:
    await page.goto(f"{base_url}/inbox/{case_id}")
    return Counter(await page.locator("#thread .message .words").all_text_contents())


async def stored(day: Day, case_id: int) -> Counter[str]:
    async with day.hub.db.transaction() as session:
        query = sa.select(Message.text).join(Case, Case.conversation_id == Message.conversation_id)
        return Counter(await session.scalars(query.where(Case.id == case_id, Message.author.in_(("contact", "staff")))))


async def test_nothing_jumps_doubles_is_lost_or_goes_to_the_wrong_person(day: Day) -> None:
    base_url = day.live.base_url
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        windows = Windows(chromium, base_url)
        touch = {"has_touch": True, "is_mobile": True}
        async with (
            windows.open("ana@example.org", expected=("409",)) as ana,
            windows.open("boris@example.org", PHONE, expected=("409",), **touch) as boris,
        ):
            day.until = monotonic() + SECONDS
            await asyncio.gather(
                people_write(day, Random(1)),
                works(day, ana.page, "Ana", Random(2), by_mouse),
                works(day, boris.page, "Boris", Random(3), by_thumb),
            )
            for case_id, (_, first) in day.languages.items():
                expected = Counter({text: count for (where, text), count in day.said.items() if where == case_id})
                expected[first] += 1
                assert await stored(day, case_id) == expected
                assert await shown(ana.page, base_url, case_id) == expected
                assert await shown(boris.page, base_url, case_id) == expected
        await chromium.close()
