"""The directory's pages: found, confirmed by phone one after the other, changed, closed, never overwritten unseen."""

import html
import re
from datetime import date
from typing import Any

import httpx
import pytest

from app.editor import services
from app.editor.drafts import Piece
from app.editor.trial import content_of
from app.hub import Hub
from app.web.editor.service_texts import ISSUES, issue_words
from flows.check import check_service
from flows.model import Hours, Service, Source
from tests.web.conftest import HTML, Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_texts import known

SLUG = "telefonseelsorge"
PAGE = f"/directory/{SLUG}"
FIELD = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:([^<]*)</textarea>)?", re.DOTALL)


@pytest.fixture
async def boris(browse: NewBrowser, street: Street) -> Browser:
    return await browse("boris@example.org")


async def piece(hub: Hub, slug: str = SLUG) -> Piece:
    async with hub.db.transaction() as session:
        return await services.find(session, slug)


async def form_of(browser: Browser, path: str = PAGE) -> dict[str, Any]:
    """What a browser would send of the page's big form if nobody touched it."""
    page = (await browser.get(path)).text
    part = page[page.index('<input type="hidden" name="seen"') : page.index('class="save-bar"')]
    found: dict[str, list[str]] = {}
    for kind, attributes, words in FIELD.findall(part):
        name = re.search(r'name="([^"]*)"', attributes)
        value = re.search(r'value="([^"]*)"', attributes)
        if (
            name is None
            or kind == "select"
            or ('type="checkbox"' in attributes and not re.search(r"\schecked", attributes))
        ):
            continue
        found.setdefault(name[1], []).append(html.unescape(words if kind == "textarea" else value[1] if value else ""))
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', part, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"\s+selected', options)
        found[name] = [chosen[1] if chosen else ""]
    return found


async def test_saving_what_nobody_touched_changes_nothing(hub: Hub, boris: Browser) -> None:
    async with hub.db.transaction() as session:
        slugs = sorted(await services.taken_slugs(session))
    for slug in slugs:
        answer = await boris.post(f"/directory/{slug}", await form_of(boris, f"/directory/{slug}"))
        assert answer.headers["location"] == f"/directory/{slug}?done=nothing", slug


async def test_the_list_is_found_by_words_place_need_and_what_is_missing(boris: Browser) -> None:
    page = html.unescape((await boris.get("/directory")).text)
    assert "Telefonseelsorge" in page
    assert "never confirmed" in page
    assert "Telefonseelsorge" not in (await boris.get("/directory?place=wuppertal")).text
    assert "Telefonseelsorge" in (await boris.get("/directory?place=-&topic=safety.&state=untested")).text
    assert "Telefonseelsorge" in (await boris.post("/directory", {"q": "0800 111 0"})).text
    assert "Telefonseelsorge" in (await boris.post("/directory", {"q": "telefonseel"})).text
    filtered = await boris.post("/directory", {"q": "", "place": "wuppertal"})
    assert filtered.headers["location"] == "/directory?place=wuppertal"


async def test_services_are_confirmed_one_after_the_other_and_one_is_taken_back(hub: Hub, boris: Browser) -> None:
    names = []
    address = "/directory/confirm?place=wuppertal"
    for _ in range(3):
        page = (await boris.get(address)).text
        action = re.search(r'action="/directory/([\w-]+)/confirm"', page)
        assert action is not None
        names.append(action[1])
        version = str(await live_version(hub, action[1]))
        pressed = {"version": version, "at": "row", "place": "wuppertal"}
        address = (await boris.post(f"/directory/{action[1]}/confirm", pressed)).headers["location"]
    assert len(set(names)) == 3
    for slug in names:
        assert (await piece(hub, slug)).data["checked_on"]
    back = await boris.post(f"/directory/{names[2]}/back", {"version": "2", "at": "row", "place": "wuppertal"})
    assert f'action="/directory/{names[2]}/confirm"' in (await boris.get(back.headers["location"])).text
    assert (await piece(hub, names[2])).data["checked_on"] is None


async def live_version(hub: Hub, slug: str) -> int:
    live = (await piece(hub, slug)).live
    assert live is not None
    return live.version


async def test_who_confirms_what_a_colleague_changed_is_shown_it_first(hub: Hub, boris: Browser) -> None:
    await boris.post(PAGE, await form_of(boris) | {"web": ["new.example"]})
    late = await boris.post(f"{PAGE}/confirm", {"version": "1", "at": "row"})
    assert late.status_code == 409
    assert "has changed this service meanwhile" in late.text
    assert (await piece(hub)).data["checked_on"] is None


async def test_hours_numbers_and_words_are_changed_and_undone(hub: Hub, boris: Browser) -> None:
    wanted = await form_of(boris) | {
        "hours_mon": ["9-12, 14-17:30"], "day_first": ["2027-05-01"], "day_last": ["2027-05-03"], "day_hours": [""],
        "phone_today": ["1"], "about_bg": ["Нови думи"],
    }  # fmt: skip
    wanted.pop("always")
    saved = await boris.post(PAGE, wanted)
    page = html.unescape((await boris.get(saved.headers["location"])).text)
    assert "Changed words are kept as a draft" in page
    assert "09:00–12:00, 14:00–17:30" in page
    live = (await piece(hub)).live
    assert live is not None
    assert live.data["hours"]["days"] == {f"2027-05-0{day}": [] for day in (1, 2, 3)}
    assert live.data["phones"][1]["tested_on"] == hub.today.isoformat()
    assert live.data["about"]["bg"] != "Нови думи"
    await boris.post(f"{PAGE}/back", {"version": str(live.version), "at": "service"})
    found = await piece(hub)
    assert (found.data["hours"]["always"], found.data["about"]["bg"]) == (True, "Нови думи")


async def test_what_is_wrong_is_said_beside_what_was_written(boris: Browser) -> None:
    answer = await boris.post(
        PAGE, await form_of(boris) | {"hours_mon": ["noon"], "phone_number": ["call me"], "topics": [], "web": ["x y"]}
    )
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    for words in ("Write opening times such as", "This is no phone number: call me", "This is no web address."):
        assert words in page
    assert 'value="noon"' in page
    contradiction = html.unescape((await boris.post(PAGE, await form_of(boris) | {"ask_first": ["1"]})).text)
    assert "It has hours, and yet its source is called old." in contradiction


async def test_two_at_once_lose_nothing(hub: Hub, boris: Browser, browse: NewBrowser) -> None:
    chris = await browse("chris@example.org")
    mine = await form_of(boris) | {"web": ["boris.example"]}
    await chris.post(PAGE, await form_of(chris) | {"web": ["chris.example"]})
    late = await boris.post(PAGE, mine)
    page = html.unescape(late.text)
    assert late.status_code == 409
    assert "Chris Admin has changed this meanwhile." in page
    assert 'value="boris.example"' in page
    assert (await boris.post(PAGE, mine)).status_code == 409  # pressed again, unread: still refused
    over = re.search(r'name="seen"\s+value="([^"]+)">Take mine', page)
    assert over is not None
    assert (await boris.post(PAGE, mine | {"seen": [mine["seen"][0], over[1]]})).status_code == 303
    assert (await piece(hub)).data["web"] == "boris.example"


async def test_a_new_service_waits_for_its_words(hub: Hub, boris: Browser) -> None:
    empty = await form_of(boris, "/directory/new")
    wanted = empty | {
        "name": ["Müller & Söhne"],
        "topics": ["work.wage_unpaid"],
        "about_de": ["Rat."],
        "level": ["verein"],
    }
    made = await boris.post("/directory/new", wanted)
    assert made.headers["location"] == "/editor/pieces/service/mueller-soehne"
    found = await piece(hub, "mueller-soehne")
    assert (found.live, found.data["about"]) == (None, {"de": "Rat."})
    assert "mueller-soehne" in (await boris.get("/directory")).text
    again = await boris.post("/directory/new", wanted)
    assert again.headers["location"].endswith("/mueller-soehne-2")


async def test_what_the_bot_says_is_shown_at_any_time_and_closing_ends_it(hub: Hub, boris: Browser) -> None:
    page = html.unescape((await boris.get(f"{PAGE}?at=2027-01-01T10:00")).text)
    assert "2027-01-01T10:00" in page
    assert "☎ 0800 111 0 111" in page
    closed = await boris.post(f"{PAGE}/close", {"version": "1", "closed": "1"})
    assert "Closed since" in (await boris.get(closed.headers["location"])).text
    assert "Telefonseelsorge" not in (await boris.get("/directory")).text
    assert "Telefonseelsorge" in (await boris.get("/directory?state=closed")).text


async def test_a_table_goes_out_and_comes_back_after_a_look(hub: Hub, boris: Browser) -> None:
    table = (await boris.get("/directory/table/services.csv")).content
    same = html.unescape((await send(boris, table)).text)
    assert "0 would change something." in same
    hours = html.unescape((await send(boris, b"slug;hours\ntelefonseelsorge;Mo-Fr 9-12, Do 14-18\n")).text)
    assert "Mo-Mi 09:00–12:00; Do 09:00–12:00, 14:00–18:00; Fr 09:00–12:00</ins>" in hours
    changed = table.replace(b"Telefonseelsorge;", b"Telefonseelsorge Wuppertal;")
    page = (await send(boris, changed)).text
    assert "1 would change something." in page
    assert "Wuppertal</ins>" in page
    assert (await piece(hub)).data["name"] == "Telefonseelsorge"
    hidden = {name: value(page, name) for name in ("table", "mark")}
    await boris.post(f"{PAGE}/confirm", {"version": "1"})
    late = await boris.post("/directory/table/apply", hidden)
    assert late.status_code == 409
    again = {name: value(late.text, name) for name in ("table", "mark")}
    assert (await boris.post("/directory/table/apply", again)).headers["location"] == "/directory/table?done=1"
    assert (await piece(hub)).data["name"] == "Telefonseelsorge Wuppertal"


async def test_a_table_that_can_not_be_read_says_why(boris: Browser) -> None:
    page = html.unescape((await send(boris, b"slug;hours\npolizei-110;whenever\n")).text)
    assert "Line 2" in page
    assert "These hours can't be read from here on: whenever" in page
    assert "Take over" not in page
    assert "save the file as CSV in UTF-8" in (await send(boris, "slug;name\nx;Bürö".encode("cp1252"))).text
    assert (await boris.post("/directory/table")).status_code == 422
    assert (await boris.post("/directory/table/apply", {"table": "?"})).status_code == 422


async def test_the_checks_of_a_service_are_said_in_words_that_people_understand(hub: Hub) -> None:
    content = content_of(hub.shelf.library)
    services_of = content.services
    broken = [issue for each in services_of for issue in check_service(spoilt(each), content, date(2026, 11, 1))]
    gaps = {gap for each in services_of for gap in each.gaps}
    plain = [issue for issue in broken if issue.text not in gaps]
    assert len({pattern for pattern, _ in ISSUES for issue in plain if pattern.fullmatch(issue.text)}) == len(ISSUES)
    assert [issue.text for issue in plain if issue_words(issue, "en") == issue.text] == []
    assert {words for _, words in ISSUES} - known("de") == set()


def spoilt(service: Service) -> Service:
    """With everything wrong that a check can find; every second one in another way, as some things exclude each other."""
    odd = len(service.slug) % 2 == 1
    return service.model_copy(
        update={
            "topics": ("work.nowhere",), "places": ("atlantis",), "about": {}, "how": {"de": "x"}, "ask_first": odd,
            "hours": Hours(always=odd), "checked_on": None, "source": Source(code="x"),
            **({} if odd else {"phones": (), "address": None, "web": None, "email": None}),
        }
    )  # fmt: skip


async def send(browser: Browser, table: bytes) -> httpx.Response:
    files = {"file": ("services.csv", table, "text/csv")}
    return await browser.http.post("/directory/table", data={"csrf": browser.csrf}, files=files, headers=HTML)


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found is not None
    return found[1]
