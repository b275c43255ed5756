"""The ABC of everyday life, as a browser without scripts gets it."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from app.channels_admin import add_channel
from app.hub import Hub
from app.publishing import publish_version
from flows.library import NO_BREAK_SPACE
from flows.model import ANSWER_LANGUAGES
from tests.web.conftest import Browser, NewBrowser
from translations.phrases import page_phrase, phrase

RAW_BYTES, WIRE_BYTES = 33_000, 9_000  # what a phone unpacks and what is sent; most pages are far smaller
PAGES = ["", "/areas", "/services", "/services?place=wuppertal", "/emergency", "/work.wage_unpaid?place=weissenfels"]
VOID = {"meta", "link", "img", "input", "br", "path", "use", "circle", "rect", "line", "polyline", "polygon", "ellipse"}


class Checked(HTMLParser):
    """Fails on what the pages promise not to have, and collects addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(html)
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "style", "iframe")
        found = dict(attrs)
        assert not [name for name in found if name.startswith("on") or name == "style"]
        if tag == "a":
            self.links.append(found["href"] or "")
        if found.get("id"):
            self.ids.append(str(found["id"]))


@pytest.fixture
async def abc(browse: NewBrowser) -> Browser:
    return await browse()


async def change_entry(hub: Hub, topic: str, **changes: Any) -> None:
    entry = hub.shelf.library.entries[topic][1].model_copy(update=changes)
    async with hub.db.transaction() as session:
        await publish_version(session, "entry", topic, entry.model_dump(mode="json"), origin="hub")
    await hub.shelf.load()


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_small_plain_and_in_their_language(abc: Browser, language: str, path: str) -> None:
    answer = await abc.get(f"/abc/{language}{path}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["content-language"] == language
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in answer.headers
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert len(answer.text.encode()) <= RAW_BYTES
    assert int(answer.headers["content-length"]) <= WIRE_BYTES
    Checked(answer.text)


async def test_the_reader_lands_in_their_language(abc: Browser) -> None:
    for accept, language in (("ro-RO,ro;q=0.9,de;q=0.8", "ro"), ("fr", "de"), ("ru,uk;q=0.5", "uk")):
        answer = await abc.get("/abc", **{"accept-language": accept})
        assert (answer.status_code, answer.headers["location"]) == (302, f"/abc/{language}")
        assert answer.headers["vary"] == "Accept-Language"


async def test_every_answer_in_every_language_is_a_page_and_every_link_leads_somewhere(hub: Hub, abc: Browser) -> None:
    inside: set[str] = set()
    for language in ANSWER_LANGUAGES:
        for topic in hub.shelf.library.entries:
            answer = await abc.get(f"/abc/{language}/{topic}")
            assert answer.status_code == 200, (topic, language)
            inside |= {link for link in Checked(answer.text).links if link.startswith("/")}
        home = Checked((await abc.get(f"/abc/{language}")).text)
        inside |= {f"/abc/{link}" for link in home.links if link.startswith(f"{language}/")}
        assert {f"/abc/{language}/{topic}" for topic in hub.shelf.library.entries} <= inside
    for link in sorted(link.partition("#")[0] for link in inside if "card.png" not in link):
        assert (await abc.get(link)).status_code == 200, link


async def test_an_answer_shows_todays_figures(hub: Hub, browse: NewBrowser) -> None:
    for now, wage in (
        (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), "13,90"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "14,60"),
    ):
        object.__setattr__(hub, "now", lambda now=now: now)
        page = await (await browse()).get("/abc/bg/work.minimum_wage")
        assert f"{wage}{NO_BREAK_SPACE}€" in page.text


async def test_an_answer_says_where_it_comes_from_and_that_it_is_a_draft(abc: Browser) -> None:
    page = (await abc.get("/abc/de/work.wage_unpaid")).text
    assert page_phrase("draft", "de") in page
    assert '<meta name="robots" content="noindex">' in page
    assert "29. April 2026" in page
    assert "§§ 611a, 612, 614 BGB" in page
    assert "Februar 2026" in page


async def test_approved_words_carry_no_mark(hub: Hub, abc: Browser) -> None:
    answers = hub.shelf.library.entries["work.wage_unpaid"][1].answers
    approved = answers["de"].model_copy(update={"approved_by": "A. Person", "approved_on": date(2026, 11, 1)})
    await change_entry(hub, "work.wage_unpaid", answers={**answers, "de": approved})
    page = (await abc.get("/abc/de/work.wage_unpaid")).text
    assert page_phrase("draft", "de") not in page
    assert "noindex" not in page


async def test_the_place_brings_local_words_and_helpers(abc: Browser) -> None:
    anywhere = (await abc.get("/abc/ro/work.wage_unpaid")).text
    here = (await abc.get("/abc/ro/work.wage_unpaid?place=wuppertal")).text
    assert "Dortmund" not in anywhere
    assert "Dortmund" in here
    assert 'href="/abc/ro/areas?place=wuppertal"' in here
    assert "0800 0005602" in here
    nowhere = (await abc.get("/abc/ro/work.wage_unpaid?place=atlantis")).text
    assert "atlantis" not in nowhere


async def test_the_page_says_how_it_is_shared_and_in_which_languages_it_exists(hub: Hub, abc: Browser) -> None:
    base = hub.settings.base_url
    page = (await abc.get("/abc/uk/work.dismissal?place=wuppertal")).text
    squeezed = re.sub(r"\s+", " ", page)
    assert f'<link rel="canonical" href="{base}/abc/uk/work.dismissal">' in squeezed
    for code in ANSWER_LANGUAGES:
        assert f'hreflang="{code}" href="{base}/abc/{code}/work.dismissal">' in squeezed
    assert f'property="og:image" content="{base}/abc/uk/work.dismissal/card.png"' in squeezed


async def test_pictures_and_codes(abc: Browser) -> None:
    card = await abc.get("/abc/uk/work.dismissal/card.png")
    assert card.headers["content-type"] == "image/png"
    assert card.content[:4] == b"\x89PNG"
    code = await abc.get("/abc/uk/work.dismissal/qr.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    for missing in ("/abc/uk/no.such/card.png", "/abc/uk/no.such/qr.svg"):
        assert (await abc.get(missing)).status_code == 404


async def test_links_open_the_bot_on_this_topic(hub: Hub, abc: Browser) -> None:
    options = {"link": "https://t.me/some_bot"}
    async with hub.db.transaction() as session:
        await add_channel(session, hub.vault, "telegram", "hilfe", secret_values={"token": "1:a"}, options=options)
    await hub.registry.load()
    page = (await abc.get("/abc/bg/work.wage_unpaid")).text
    assert "https://t.me/some_bot?start=work-wage_unpaid--bg" in page
    assert "qr.svg?to=hilfe" in page
    plain, chat = [(await abc.get(f"/abc/bg/work.wage_unpaid/qr.svg{query}")).text for query in ("", "?to=hilfe")]
    assert plain != chat
    assert 'href="https://t.me/some_bot"' in (await abc.get("/abc/bg/services")).text


async def test_a_browser_that_has_the_page_gets_nothing_anew(abc: Browser) -> None:
    first = await abc.get("/abc/bg/work.wage_unpaid")
    again = await abc.get("/abc/bg/work.wage_unpaid", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "public, max-age=300"


async def test_what_has_expired_is_not_said(hub: Hub, abc: Browser) -> None:
    await change_entry(hub, "work.dismissal", valid_until=date(2026, 1, 1))
    page = await abc.get("/abc/en/work.dismissal")
    assert page.status_code == 404
    assert page_phrase("renewed.title", "en") in page.text
    assert page.headers["cache-control"] == "no-store"
    for path in ("", "/areas"):
        assert "work.dismissal" not in (await abc.get(f"/abc/en{path}")).text
    assert (await abc.get("/abc/en/work.dismissal/card.png")).status_code == 404


async def test_an_answer_that_is_missing_in_one_language_is_offered_in_others(hub: Hub, abc: Browser) -> None:
    answers = dict(hub.shelf.library.entries["work.dismissal"][1].answers)
    answers.pop("uk")
    await change_entry(hub, "work.dismissal", answers=answers)
    page = await abc.get("/abc/uk/work.dismissal")
    assert page.status_code == 404
    assert "/abc/ro/work.dismissal" in page.text
    other = (await abc.get("/abc/ro/work.dismissal")).text
    assert "/abc/uk/work.dismissal" not in other


@pytest.mark.parametrize("path", ["/abc/bg/no.such", "/abc/bg/a/b/c", "/abc/bg/..%2f..%2fetc", "/abc/bg/<script>"])
async def test_what_is_not_there_is_said_in_the_readers_language(abc: Browser, path: str) -> None:
    page = await abc.get(path)
    assert page.status_code == 404
    assert page_phrase("missing.title", "bg") in page.text
    assert 'name="q"' in page.text


async def test_an_unknown_language_is_answered_in_the_browsers(abc: Browser) -> None:
    page = await abc.get("/abc/fr/work.dismissal", **{"accept-language": "ro"})
    assert page.status_code == 404
    assert '<html lang="ro"' in page.text


async def search(abc: Browser, language: str, words: str) -> str:
    answer = await abc.post(f"/abc/{language}/search", {"q": words})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    return answer.text


@pytest.mark.parametrize(
    ("language", "words", "topic"),
    [
        ("bg", "не ми плащат заплатата", "work.wage_unpaid"),
        ("bg", "ne mi plashtat zaplatata", "work.wage_unpaid"),
        ("uk", "пліснява в квартирі", "housing.defects_mould"),
        ("ro", "mucegai", "housing.defects_mould"),
        ("de", "Kindergeld", "benefits.child_benefit"),
        ("en", "deposit", "housing.deposit_extra_costs"),
    ],
)
async def test_search_understands(abc: Browser, language: str, words: str, topic: str) -> None:
    assert f'href="/abc/{language}/{topic}"' in await search(abc, language, words)


async def test_danger_comes_before_everything_else(abc: Browser) -> None:
    page = await search(abc, "bg", "мъжът ми ме бие")
    assert 'href="tel:110"' in page
    assert page.index('href="tel:110"') < page.index("safety.violence")
    assert 'href="tel:116016"' in page


async def test_a_line_in_a_foreign_language_is_not_offered_in_danger(abc: Browser) -> None:
    page = await search(abc, "uk", "у мене забрали паспорт і не відпускають")
    assert 'href="tel:110"' in page
    assert "0800 1014341" not in page


async def test_search_finds_services_by_name(abc: Browser) -> None:
    assert "Telefonseelsorge" in await search(abc, "bg", "telefonseelsorge")


async def test_search_shows_nothing_for_nothing_and_repeats_words_safely(abc: Browser) -> None:
    assert page_phrase("search.none", "bg") in await search(abc, "bg", "")
    page = await search(abc, "en", '"><script>alert(1)</script>' + "x" * 5000)
    assert "<script>" not in page
    Checked(page)


async def test_a_search_is_never_an_address(abc: Browser) -> None:
    answer = await abc.get("/abc/bg/search?q=secret")
    assert (answer.status_code, answer.headers["location"]) == (303, "/abc/bg")


async def test_open_now_is_said_where_hours_are_known(hub: Hub, browse: NewBrowser) -> None:
    library = hub.shelf.library
    known = library.services["faire-mobilitaet-berlin"]
    week = {"mon": [{"start": "09:00", "end": "16:00"}]}
    hours = known.hours.model_validate({"week": week})
    changed = {**library.services, known.slug: known.model_copy(update={"hours": hours})}
    hub.shelf.library = replace(library, services=changed)
    object.__setattr__(hub, "now", lambda: datetime(2026, 11, 23, 9, tzinfo=UTC))
    page = (await (await browse()).get("/abc/en/services")).text
    assert phrase("service.open_until", "en", when="16:00") in page
