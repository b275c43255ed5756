"""Search: every spelling is found, by everybody who may see it and by nobody else, and leads to its place."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import handing, privacy, teams
from app.errors import BadInput, NotAllowed, NotFound
from app.filters import Filters
from app.hub import Hub
from app.models import Case, User
from app.needle import read_needle
from app.search import Found, search, search_thread
from tests.web.cast import add_channel, add_user, meet, open_case
from tests.web.conftest import NewBrowser
from tests.web.street import Street


async def found(hub: Hub, user: User, words: str, **wish: object) -> Found:
    async with hub.db.transaction() as session:
        return await search(hub, session, user, words, **wish)  # type: ignore[arg-type]


def people(found: Found) -> list[str]:
    return [group.card.name for group in found.groups]


@pytest.mark.parametrize(
    ("words", "text", "marked"),
    [
        ("zaplata", "Не ми дават заплатата!", ["заплатата"]),
        ("заплата", "zaplatata, zaplata", ["zaplatata", "zaplata"]),
        ("salariu neplatit", "Salariul neplătit de 2 luni", ["Salariul", "neplătit"]),
        ("famili", "Familia mea, familie", ["Familia", "familie"]),
        ("2 mesec", "вече 2 месеца, 20 години", ["2", "месеца"]),
        ("kündig", "Die Kundigung", ["Kundigung"]),
    ],
)
def test_every_spelling_is_marked(words: str, text: str, marked: list[str]) -> None:
    pieces = read_needle(words).marked(text)
    assert [piece.text for piece in pieces if piece.found] == marked
    assert "".join(piece.text for piece in pieces) == text


def test_a_long_text_is_shown_around_its_first_hit() -> None:
    text = "".join(piece.text for piece in read_needle("nadel").marked("Heu " * 300 + "Nadel " + "Heu " * 300))
    assert text.startswith("… Heu")
    assert "Nadel" in text
    assert len(text) < 250


@pytest.mark.parametrize("words", ["", "  ", "a", "!?", "x" * 201, "ab bc cd de ef fg gh hi ij"])
def test_what_cannot_be_searched_for_is_said(words: str) -> None:
    with pytest.raises(BadInput):
        read_needle(words)


async def test_both_scripts_notes_names_and_tags(hub: Hub, street: Street) -> None:
    for words in ("zaplata", "заплат", "zaplatata shefat"):
        assert people(await found(hub, street.ana, words)) == ["Gelbe Lerche 42"], words
    assert people(await found(hub, street.ana, "sotul ma bate")) == ["Ruhige Amsel 17"]
    (note,) = (await found(hub, street.ana, "signature")).groups[0].hits
    assert (note.kind, note.author_name) == ("note", "Ana Petrova")
    async with hub.db.transaction() as session:
        await handing.tag(hub, session, street.ana, street.two_ways.id, "Школа №5")
    assert [card.name for card in (await found(hub, street.ana, "shkola")).named] == ["Silberne Möwe 88"]
    assert [card.name for card in (await found(hub, street.ana, "mowe 88")).named] == ["Silberne Möwe 88"]
    async with hub.db.transaction() as session:
        await handing.untag(hub, session, street.ana, street.two_ways.id, "Школа №5")
    assert not (await found(hub, street.ana, "shkola nr")).named


async def test_filters_and_closed_cases(hub: Hub, street: Street) -> None:
    assert people(await found(hub, street.ana, "gradinita")) == ["Kleine Ente 61"]
    assert people(await found(hub, street.ana, "zaplata", filters=Filters(language="ro"))) == []
    assert people(await found(hub, street.ana, "zaplata", filters=Filters(files="1", channel="telegram"))) != []
    assert people(await found(hub, street.ana, "signature", filters=Filters(place="wuppertal"))) == []


async def test_only_what_one_may_see(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        mila = await add_user(session, "Mila Mediator", "mediator")
        otto = await add_user(session, "Otto Outsider")
        form = teams.Form("Elsewhere", "", {"wuppertal"}, {otto.id})
        await teams.create(session, hub.shelf.library, street.admin, form)
    assert people(await found(hub, otto, "zaplata")) == []
    assert people(await found(hub, otto, "signature")) == []
    assert not (await found(hub, otto, "lerche")).named
    with pytest.raises(NotAllowed):
        await found(hub, mila, "zaplata")
    async with hub.db.transaction() as session:
        with pytest.raises(NotFound):
            await search_thread(session, otto, street.wages.id, "zaplata")


async def test_what_was_erased_or_edited_away_is_not_found(hub: Hub, street: Street) -> None:
    assert people(await found(hub, street.ana, "договор"))[0] == "Gelbe Lerche 42"
    assert "Gelbe Lerche 42" not in people(await found(hub, street.ana, "дговор"))  # put right by an edit
    await privacy.erase(hub, street.wages.contact_id, "bg")
    assert people(await found(hub, street.ana, "zaplata")) == []
    assert not (await found(hub, street.ana, "lerche")).named


async def test_pages_show_everybody_once_the_newest_first(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        channel = await add_channel(hub, session, "many", "webchat", "weissenfels")
        for number in range(45):
            talk = await meet(hub, session, channel, f"Amsel {number}", f"m-{number}", at=hub.now())
            for _ in range(1 + 250 * (number == 44)):  # one talks more than all others together
                await talk.says("иглата в сеното")
            await open_case(talk, "asked", ("note", street.ana, "igla"))
        await session.execute(sa.update(Case).values(place="weissenfels"))
    walked, mark = list[str](), ""
    for _ in range(4):
        page = await found(hub, street.ana, "iglata", before=mark)
        walked += people(page)
        if page.next is None:
            break
        mark = page.next
    assert len(walked) == len(set(walked)) == 45
    assert walked[0] == "Amsel 44"
    first = (await found(hub, street.ana, "igla")).groups[0]
    assert (len(first.hits), first.more) == (3, True)
    for mark in ("x", "[]", "[1]", "[-1, 2]", "[1e400, 2]", '["a", 2]'):
        with pytest.raises(BadInput):
            await found(hub, street.ana, "igla", before=mark)


async def test_a_hit_leads_to_its_place_however_old(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        channel = await add_channel(hub, session, "long", "webchat", "weissenfels")
        talk = await meet(hub, session, channel, "Lila Eule 5", "l-1", at=hub.now() - timedelta(days=9))
        old = await talk.says("игла")
        for _ in range(300):
            await talk.says("сено")
        case = await open_case(talk, "asked")
    browser = await browse("ana@example.org")
    await browser.get("/inbox/search")
    page = (await browser.post("/inbox/search", {"words": "igla"})).text
    assert "<mark>игла</mark>" in page
    link = re.search(r'href="(/inbox/\d+\?at=message-\d+)#message-\d+"', page)
    assert link is not None
    assert f'id="message-{old.id}"' not in (await browser.get(f"/inbox/{case.id}")).text
    thread = (await browser.get(link[1])).text
    assert f'id="message-{old.id}"' in thread
    assert f'hx-get="/inbox/{case.id}?at=message-{old.id}' in thread
    for anchor in ("message-999999", "event-1", "x", f"message-{'9' * 30}", "message-²"):
        assert (await browser.get(f"/inbox/{case.id}?at={anchor}")).status_code == 200


async def test_the_pages(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    empty = (await browser.get("/inbox/search")).text
    assert 'action="/inbox/search"' in empty
    page = await browser.post("/inbox/search", {"words": "zaplata", "language": "bg"})
    assert "Gelbe Lerche 42" in page.text
    assert "<mark>zaplatata</mark>" in page.text
    assert "Nothing found" in (await browser.post("/inbox/search", {"words": "xyzxyz"})).text
    short = await browser.post("/inbox/search", {"words": "a"})
    assert (short.status_code, "Please write at least two letters" in short.text) == (422, True)
    within = await browser.post("/inbox/search", {"words": "dogovor", "case": str(street.wages.id)})
    assert "Search with Gelbe Lerche 42" in within.text
    assert "<mark>договор</mark>" in within.text
    assert f'href="/inbox/search?case={street.wages.id}"' in (await browser.get(f"/inbox/{street.wages.id}")).text
    for wrong in ({"words": "ab", "case": "999999"}, {"words": "ab", "case": str(2**70)}):
        assert (await browser.post("/inbox/search", wrong)).status_code in (404, 422)
