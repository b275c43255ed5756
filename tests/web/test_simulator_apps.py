"""The simulator's three apps: a conversation each, buttons or numbers, WhatsApp's window, what SMS cost."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import outbox
from app.demo import PHONES
from app.hub import Hub
from app.models import Conversation
from app.outbox import drain
from app.web.looks import icon
from channels.base import Button, Outbound
from tests.postgres import TestCluster
from tests.web.cast import add_user
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.simulated import answer_everybody, client, conversations, open_demo, stored, with_phones

LOOKS = ("telegram", "whatsapp", "sms")
DAY = timedelta(hours=24)


@pytest.fixture
async def demo(cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with open_demo(cluster, template, tmp_path, PHONES) as hub:
        yield hub


@pytest.fixture
async def visitor(demo: Hub) -> AsyncIterator[Browser]:
    async with client(demo) as http:
        browser = Browser(http)
        await browser.get("/simulator")
        yield browser


async def say(visitor: Browser, look: str, text: str, number: int = 1) -> int:
    data = {"message": f"tap-{number:08}", "text": text}
    return (await visitor.post(f"/simulator/messages?app={look}", data)).status_code


async def screen(visitor: Browser, look: str) -> str:
    return unescape((await visitor.get(f"/simulator/thread?app={look}", **HTMX)).text)


async def staff_say(hub: Hub, text: str, buttons: tuple[Button, ...] = ()) -> None:
    async with hub.db.transaction() as session:
        conversation = (await session.scalars(sa.select(Conversation))).one()
        await outbox.queue(hub, session, conversation, [Outbound(text=text, buttons=buttons)], author="staff")
    await drain(hub, conversation.id)


async def test_each_app_is_a_conversation_of_its_own(demo: Hub, visitor: Browser) -> None:
    for number, look in enumerate(LOOKS, start=1):
        assert await say(visitor, look, f"words on {look}", number) == 303
    assert len(await conversations(demo)) == len(LOOKS)
    for look in LOOKS:
        shown = await screen(visitor, look)
        assert [other for other in LOOKS if f"words on {other}" in shown] == [look]


async def test_the_picker_offers_the_apps_there_are_and_the_last_one_is_kept(demo: Hub, visitor: Browser) -> None:
    page = (await visitor.get("/simulator?app=sms")).text
    assert re.findall(r'href="/simulator\?app=(\w+)"', page) == list(LOOKS)
    assert "look-sms" in (await visitor.get("/simulator")).text
    assert "look-telegram" in (await visitor.get("/simulator?app=telegram")).text


async def test_an_app_without_a_channel_is_not_offered(hub: Hub, browse: NewBrowser) -> None:
    await with_phones(hub, {"only": {"look": "whatsapp"}})
    async with hub.db.transaction() as session:
        await add_user(session, "Ana Petrova")
    ana = await browse("ana@example.org")
    for path in ("/simulator", "/simulator?app=sms", "/simulator?app=x"):
        page = (await ana.get(path)).text
        assert re.findall(r'href="/simulator\?app=(\w+)"', page) == ["whatsapp"]
        assert "look-whatsapp" in page
    assert 'href="/simulator"' not in (await ana.get("/account")).text


async def test_staff_of_a_demo_find_the_simulator_in_the_navigation(demo: Hub, visitor: Browser) -> None:
    async with demo.db.transaction() as session:
        await add_user(session, "Ana Petrova")
    await visitor.sign_in("ana@example.org")
    assert 'href="/simulator"' in (await visitor.get("/account")).text


async def test_many_options_are_a_list_on_whatsapp_and_a_row_is_understood(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "bună ziua")
    await answer_everybody(demo)
    shown = await screen(visitor, "whatsapp")
    assert "Alegeți</summary>" in shown
    option, label = re.findall(r'name="label" value="([^"]+)">\s*<button[^>]*value="([^"]+)"', shown)[0][::-1]
    pressed = {"message": "tap-00000002", "button": option, "label": label}
    assert (await visitor.post("/simulator/messages?app=whatsapp", pressed)).status_code == 303
    assert (await stored(demo))[-1].payload["button"]["id"] == option


async def test_three_options_are_buttons_under_the_bubble(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    await staff_say(demo, "Which?", tuple(Button(f"b{n}", f"Choice {n}") for n in range(3)))
    shown = await screen(visitor, "whatsapp")
    assert "<details" not in shown
    assert shown.count('name="button"') == 3


async def test_a_long_row_is_cut_in_its_title_and_whole_below(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    long = "Registration of a child at a primary school"
    await staff_say(demo, "Which?", (Button("a", long), *(Button(f"b{n}", f"Choice {n}") for n in range(3))))
    shown = await screen(visitor, "whatsapp")
    assert f"<small>{long}</small>" in shown
    assert 'value="Registration of a child…"' in shown


async def test_what_no_list_can_show_is_numbered_with_quick_picks(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    await staff_say(demo, "Which?", tuple(Button(f"b{n}", f"Choice {n}") for n in range(11)))
    shown = await screen(visitor, "whatsapp")
    assert "11 Choice 10" in shown
    assert re.findall(r'id="pick-(\d+)"', shown) == [str(n) for n in range(1, 12)]


async def test_whatsapps_ticks(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    unread = await screen(visitor, "whatsapp")
    assert unescape(icon("check-check", 16)) in unread  # arrived: two, grey
    assert 'class="stamp seen"' not in unread
    await answer_everybody(demo)
    assert 'class="stamp seen"' in await screen(visitor, "whatsapp")


async def test_sms_has_numbers_and_a_price(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "sms", "bună ziua")
    await answer_everybody(demo)
    shown = await screen(visitor, "sms")
    assert 'name="button"' not in shown
    assert re.findall(r'id="pick-(\d)"', shown)[-1] == "0"
    costs = re.findall(r"(\d+) SMS · GSM-7 · (\d+) ct", shown)
    assert costs
    assert all(int(cents) == 9 * int(segments) for segments, cents in costs)
    together = sum(int(cents) for _, cents in costs)
    assert f"€{together / 100:.2f}" in shown
    await say(visitor, "sms", "1", 2)
    await answer_everybody(demo)
    assert (await conversations(demo))[0].mode == "bot"
    assert len(re.findall("SMS · GSM-7", await screen(visitor, "sms"))) > len(costs)


async def test_no_button_travels_by_sms(demo: Hub, visitor: Browser) -> None:
    pressed = {"message": "tap-00000001", "button": "menu", "label": "Menu"}
    assert (await visitor.post("/simulator/messages?app=sms", pressed)).status_code == 422
    assert await stored(demo) == []


async def test_after_25_hours_a_reply_is_held_until_the_person_writes(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    await answer_everybody(demo)
    assert "Open until: " in await screen(visitor, "whatsapp")
    before = (await conversations(demo))[0].heard_at
    assert (await visitor.post("/simulator/later?app=whatsapp")).headers["location"] == "/simulator?app=whatsapp"
    after = (await conversations(demo))[0].heard_at
    assert before is not None
    assert after == before - timedelta(hours=25)
    await staff_say(demo, "Here I am")
    closed = await screen(visitor, "whatsapp")
    assert "An answer would be held until the person writes." in closed
    assert re.search(r"Held answers</dt>\s*<dd>\s*1\s*</dd>", closed)
    assert "Here I am" not in closed
    await say(visitor, "whatsapp", "da", 2)
    await answer_everybody(demo)
    opened = await screen(visitor, "whatsapp")
    assert "Held answers" not in opened
    assert opened.index(">da<") < opened.index("Here I am")


async def test_a_silent_day_lets_the_template_go_again(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    async with demo.db.transaction() as session:
        await session.execute(sa.update(Conversation).values(state={"nudged_at": demo.now().timestamp()}))
    await visitor.post("/simulator/later?app=whatsapp")
    nudged = (await conversations(demo))[0].state["nudged_at"]
    assert demo.now().timestamp() - nudged > DAY.total_seconds()


async def test_time_passes_only_for_this_visitor_and_only_where_there_is_a_window(demo: Hub, visitor: Browser) -> None:
    await say(visitor, "whatsapp", "hello")
    async with client(demo) as http:
        stranger = Browser(http)
        await stranger.get("/simulator")
        assert (await stranger.post("/simulator/later?app=whatsapp")).status_code == 422
    for look in ("telegram", "sms"):
        await say(visitor, look, "hello", 2)
        assert (await visitor.post(f"/simulator/later?app={look}")).status_code == 422
    for conversation in await conversations(demo):
        assert conversation.heard_at is not None
        assert demo.now() - conversation.heard_at < DAY
