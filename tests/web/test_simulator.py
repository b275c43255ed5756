"""The simulator without a browser: whose chat is whose, what is stored, who may come in."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.conversation import route
from app.hub import Hub
from app.models import Channel, Conversation, Cursor
from app.outbox import drain
from app.web.phone import linked
from tests.postgres import TestCluster
from tests.web.cast import add_user
from tests.web.conftest import HTML, HTMX, Browser, NewBrowser
from tests.web.simulated import answer_everybody, client, open_demo, stored, with_phones

ONE, TWO = "tap-00000001", "tap-00000002"


@pytest.fixture
async def demo(cluster: TestCluster, template: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with open_demo(cluster, template, tmp_path) as hub:
        yield hub


@pytest.fixture
async def visitor(demo: Hub) -> AsyncIterator[Browser]:
    async with client(demo) as http:
        yield Browser(http)


async def conversation(hub: Hub) -> Conversation:
    async with hub.db.transaction() as session:
        return (await session.scalars(sa.select(Conversation))).one()


async def test_a_question_is_answered_with_buttons_and_a_button_is_understood(demo: Hub, visitor: Browser) -> None:
    assert "Was kann dieser Bot?" in (await visitor.get("/simulator", **{"accept-language": "de"})).text
    sent = await visitor.post("/simulator/messages", {"message": ONE, "text": "shefa ne mi plashta"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/simulator?app=telegram")
    await answer_everybody(demo)
    page = (await visitor.get("/simulator")).text
    assert 'lang="bg-Latn">shefa ne mi plashta' in page
    assert 'lang="bg"' in page
    button, label = re.findall(r'value="(topic:[^"]+|place:[^"]+)"[^>]*>([^<]+)<', page)[-1]
    press = {"message": TWO, "button": button, "label": unescape(label)}
    assert (await visitor.post("/simulator/messages", press)).status_code == 303
    pressed = (await stored(demo))[-1]
    assert (pressed.kind, pressed.payload["button"]["id"]) == ("button", button)


async def test_a_double_tap_is_one_message(demo: Hub, visitor: Browser) -> None:
    await visitor.get("/simulator")
    for _ in range(2):
        await visitor.post("/simulator/messages", {"message": ONE, "text": "/start"})
    assert [message.text for message in await stored(demo)] == ["/start"]


async def test_nobody_reads_or_forges_another_visitors_chat(demo: Hub, visitor: Browser) -> None:
    await visitor.get("/simulator")
    await visitor.post("/simulator/messages", {"message": ONE, "text": "my secret worry"})
    assert "my secret worry" in (await visitor.get("/simulator/thread", **HTMX)).text
    cookie = visitor.http.cookies["simulator"]
    assert "httponly" in (await visitor.get("/simulator")).headers["set-cookie"].lower()
    for forged in ("", cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), f"{cookie}é"[:-1] + "x", "a.b", "."):
        async with client(demo) as stranger:
            headers = HTMX | {"cookie": f"simulator={forged}"}
            assert "my secret worry" not in (await stranger.get("/simulator/thread", headers=headers)).text


async def test_a_new_person_starts_with_an_empty_chat(demo: Hub, visitor: Browser) -> None:
    await visitor.get("/simulator")
    await visitor.post("/simulator/messages", {"message": ONE, "text": "zdravei"})
    await visitor.post("/simulator/person")
    assert "zdravei" not in (await visitor.get("/simulator/thread", **HTMX)).text
    await visitor.post("/simulator/messages", {"message": ONE, "text": "salut"})
    assert len({message.conversation_id for message in await stored(demo)}) == 2


async def test_language_and_place_hold_from_the_first_message_on(demo: Hub, visitor: Browser) -> None:
    await visitor.get("/simulator")
    chosen = {"language": "uk", "place": "wuppertal", "shown": ""}
    assert (await visitor.post("/simulator/settings", chosen)).status_code == 303
    await visitor.post("/simulator/messages", {"message": ONE, "text": "/start"})
    begun = await conversation(demo)
    assert (begun.place, begun.state["language_hint"]) == ("wuppertal", "uk")
    await visitor.post("/simulator/settings", {"language": "ro", "place": "weissenfels", "shown": "wuppertal"})
    changed = await conversation(demo)
    assert (changed.place, changed.state["language_hint"]) == ("weissenfels", "ro")


async def test_a_place_told_in_the_chat_is_kept_when_the_form_did_not_touch_it(demo: Hub, visitor: Browser) -> None:
    await visitor.get("/simulator")
    await visitor.post("/simulator/messages", {"message": ONE, "text": "/start"})
    async with demo.db.transaction() as session:
        await session.execute(sa.update(Conversation).values(place="wuppertal"))
    await visitor.post("/simulator/settings", {"language": "bg", "place": "", "shown": ""})
    assert (await conversation(demo)).place == "wuppertal"


@pytest.mark.parametrize(
    "data",
    [
        {"message": ONE, "text": "  "},
        {"message": ONE, "text": "x" * 4097},
        {"message": "short", "text": "hello"},
        {"text": "hello"},
        {"message": ONE, "button": "x" * 65, "label": "x"},
        {"message": ONE, "button": "menu", "label": "x" * 201},
    ],
)
async def test_what_no_phone_sends_is_refused(demo: Hub, visitor: Browser, data: dict[str, str]) -> None:
    await visitor.get("/simulator")
    assert (await visitor.post("/simulator/messages", data)).status_code == 422
    assert await stored(demo) == []


async def test_settings_that_do_not_exist_are_refused(visitor: Browser) -> None:
    assert (await visitor.post("/simulator/settings", {"language": "xx"})).status_code == 422
    assert (await visitor.post("/simulator/settings", {"place": "atlantis"})).status_code == 422


async def test_forms_of_other_sites_are_refused(demo: Hub, visitor: Browser) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    sent = await visitor.post("/simulator/messages", {"message": ONE, "text": "hello"}, headers=headers)
    assert sent.status_code == 403
    assert await stored(demo) == []


async def test_what_has_not_left_yet_is_not_on_the_phone(demo: Hub, visitor: Browser) -> None:
    await visitor.get("/simulator")
    await visitor.post("/simulator/messages", {"message": ONE, "text": "hello"})
    unread = (await visitor.get("/simulator/thread", **HTMX)).text
    assert "arrived" in unread
    assert "typing" in unread
    async with demo.db.transaction() as session:
        reader = await session.scalar(sa.select(Cursor.conversation_id))
    assert reader is not None
    await route(demo, reader)
    queued = (await visitor.get("/simulator/thread", **HTMX)).text
    assert "read by the hub" in queued
    assert 'class="line theirs' not in queued
    await drain(demo, reader)
    assert 'class="line theirs' in (await visitor.get("/simulator/thread", **HTMX)).text


async def test_outside_demo_mode_only_staff_come_in(hub: Hub, browse: NewBrowser) -> None:
    await with_phones(hub)
    async with hub.db.transaction() as session:
        await add_user(session, "Ana Petrova")
    stranger = await browse()
    assert (await stranger.get("/simulator")).headers["location"] == "/sign-in?next=/simulator"
    for path in ("/simulator/messages", "/simulator/settings", "/simulator/person", "/simulator/later"):
        assert (await stranger.post(path, {"message": ONE, "text": "x"}, headers={"accept": "*/*"})).status_code == 401
    assert (await stranger.get("/simulator/events", accept="text/event-stream")).status_code == 401
    ana = await browse("ana@example.org")
    await ana.get("/simulator")
    assert (await ana.post("/simulator/messages", {"message": ONE, "text": "hello"})).status_code == 303
    assert (await ana.post("/simulator/messages", {"csrf": "no", "message": TWO, "text": "x"})).status_code == 403


async def test_without_a_web_chat_channel_it_says_how_to_add_one(demo: Hub, visitor: Browser) -> None:
    async with demo.db.transaction() as session:
        await session.execute(sa.update(Channel).values(active=False))
    await demo.registry.load()
    assert "streetwork channel add webchat" in (await visitor.get("/simulator")).text
    assert (await visitor.post("/simulator/messages", {"message": ONE, "text": "hello"})).status_code == 404


async def test_the_language_of_the_page_follows_its_reader(visitor: Browser) -> None:
    for language, words in (("de", "Was der Hub weiß"), ("en", "What the hub knows")):
        page = await visitor.http.get("/simulator", headers=HTML | {"accept-language": language})
        assert words in page.text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ("see https://a.example/x?y=1&z=2.", 'see <a href="https://a.example/x?y=1&amp;z=2" '),
        ("ask bema.arbeitundleben.org!", '<a href="https://bema.arbeitundleben.org" '),
        ('https://a.example/"><script>', 'rel="noopener noreferrer">https://a.example/</a>'),
        ("call 0800 1014341 now", '<a href="tel:08001014341">0800 1014341</a> now'),
        ("+49 3443 12-34", '<a href="tel:+4934431234">'),
        ("Дзвоніть 112 або 110!", '<a href="tel:112">112</a> або <a href="tel:110">110</a>!'),
        ("116 117", '<a href="tel:116117">116 117</a>'),
        ("a.b@example.org", '<a href="mailto:a.b@example.org">'),
    ],
)
def test_links(text: str, html: str) -> None:
    assert html in linked(text)


@pytest.mark.parametrize(
    "text",
    ["01.01.2027", "13,90 €", "110 €", "112,50", "110%", "2026-2027", "0", "12 345 678", "javascript:alert(1)", "z.B."],
)
def test_what_is_no_link(text: str) -> None:
    assert linked(text) == text
