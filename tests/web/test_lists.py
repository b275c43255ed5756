"""The list of cases: filters, sorts, pages, what is unread, who is there."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app import presence
from app.errors import BadInput, NotAllowed
from app.filters import Filters, Sort
from app.hub import Hub
from app.lists import CasePage, list_cases, mark_read
from app.models import Case, User
from tests.web.cast import add_channel, add_user, meet, open_case
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street

FIRST: dict[Sort, str] = {
    "urgency": "Ruhige Amsel 17",
    "waiting": "Weiße Taube 31",
    "activity": "Ruhige Amsel 17",
    "window": "Weiße Taube 31",  # nobody here has a window
}


async def listed(hub: Hub, user: User, **wish: object) -> CasePage:
    async with hub.db.transaction() as session:
        return await list_cases(hub, session, user, **({"view": "all"} | wish))  # type: ignore[arg-type]


def names(page: CasePage) -> list[str]:
    return [card.name for card in page.items]


@pytest.mark.parametrize("sort", FIRST)
async def test_every_order_pages_through_all_cases_once(hub: Hub, street: Street, sort: Sort) -> None:
    whole = names(await listed(hub, street.ana, sort=sort))
    assert whole[0] == FIRST[sort]
    walked, mark = list[str](), ""
    while True:
        page = await listed(hub, street.ana, sort=sort, before=mark, limit=2)
        walked += names(page)
        if page.next is None:
            break
        mark = page.next
    assert walked == whole
    assert len(set(walked)) == 7


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(channel="webchat"), {"Muntere Eule 23"}),
        (Filters(language="uk"), {"Silberne Möwe 88", "Helle Wachtel 75"}),
        (Filters(place="burgenlandkreis", language="bg"), {"Gelbe Lerche 42"}),
        (Filters(need="work.no_contract"), {"Gelbe Lerche 42"}),
        (Filters(urgency="urgent"), {"Ruhige Amsel 17"}),
        (Filters(waits="24"), {"Weiße Taube 31"}),
        (Filters(assignee="nobody", language="ro"), {"Ruhige Amsel 17", "Blaue Drossel 54"}),
        (Filters(files="1"), {"Gelbe Lerche 42"}),
        (Filters(team="nobody-is-in-it"), set()),
        (Filters(tag="nothing"), set()),
    ],
)
async def test_filters_and_the_counters_beside_them(
    hub: Hub, street: Street, filters: Filters, found: set[str]
) -> None:
    page = await listed(hub, street.ana, filters=filters)
    assert set(names(page)) == found
    assert page.counts["all"] == len(found)


async def test_filters_stand_in_the_address_and_can_be_reset(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.get("/inbox?view=all&language=ro&sort=waiting&waits=4")).text
    assert "Filters on:" in page
    assert "Language: Romanian" in page
    assert "Blaue Drossel 54" in page
    assert "Ruhige Amsel 17" not in page
    assert '<a href="/inbox?view=all&amp;sort=waiting">reset</a>' in page
    assert (
        f'href="/inbox/{street.urgent.id}?view=all&amp;language=ro"'
        in (await browser.get("/inbox?view=all&language=ro")).text
    )
    beside = await browser.get(f"/inbox/{street.urgent.id}?view=all&language=ro")
    assert re.search(r'class="back"\s+href="/inbox\?view=all&amp;language=ro"', beside.text)


async def test_nonsense_in_the_address_is_refused_in_words(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    for query in ("sort=x", "waits=x", "waits=99999999", "assignee=x", f"tag={'x' * 300}", "before=W10="):
        assert (await browser.get(f"/inbox?view=all&{query}")).status_code == 422, query
    for mark in ("WyJ4IiwgIngiLCAieCJd", "bnVsbA==", "ä"):
        with pytest.raises(BadInput):
            await listed(hub, street.ana, before=mark)


async def test_mediators_read_no_cases(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        mila = await add_user(session, "Mila Mediator", "mediator")
    with pytest.raises(NotAllowed):
        await listed(hub, mila)


async def test_reading_a_thread_marks_it_and_news_unmark_it(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async def unread() -> bool:
        return next(card.unread for card in (await listed(hub, street.ana)).items if card.case.id == street.urgent.id)

    assert await unread()
    browser = await browse("ana@example.org")
    await browser.get(f"/inbox/{street.urgent.id}")
    assert not await unread()
    await browser.post(f"/inbox/{street.urgent.id}/note", {"text": "my own note"})
    assert not await unread()
    boris = await browse("boris@example.org")
    await boris.post(f"/inbox/{street.urgent.id}/note", {"text": "a colleague's note"})
    assert await unread()
    seen = {"seen": hub.now().isoformat()}
    assert (await browser.post(f"/inbox/{street.urgent.id}/here", seen)).status_code == 200
    assert not await unread()
    async with hub.db.transaction() as session:  # never back
        assert not await mark_read(session, street.ana, street.urgent.id, hub.now() - timedelta(days=1))


async def test_the_window_and_snoozed_cases_are_marked(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        phone = await add_channel(hub, session, "like-whatsapp", "webchat")
        phone.options = {"look": "whatsapp"}
        for name, hours in (("Lila Gans 12", 3), ("Lila Gans 13", 21), ("Lila Gans 14", 30)):
            talk = await meet(hub, session, phone, name, name, at=hub.now(), language="ro")
            talk.conversation.heard_at = hub.now() - timedelta(hours=hours, minutes=1)
            await open_case(talk, "asked")
        case = await session.get_one(Case, street.urgent.id)
        case.status, case.snoozed_until = "snoozed", None
    await hub.registry.load()
    assert names(await listed(hub, street.ana, sort="window"))[:2] == ["Lila Gans 13", "Lila Gans 12"]
    browser = await browse("ana@example.org")
    assert "Snoozed until an answer comes" in (await browser.get("/inbox?view=snoozed")).text
    page = (await browser.get("/inbox?view=all")).text
    assert "Window closes in 21 hr" in page
    assert "Window closed" in page


async def test_colleagues_see_who_looks_and_who_writes(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    path = f"/inbox/{street.urgent.id}"
    assert (await boris.post(f"{path}/here")).status_code == 204
    assert "Boris Lange is looking" in (await ana.get("/inbox?view=all")).text
    assert "Boris Lange is looking" not in (await boris.get("/inbox?view=all")).text
    await boris.post(f"{path}/here", {"writes": "true"})
    assert "Boris Lange is answering" in (await ana.get(path)).text  # nobody has the case
    assert "Boris Lange is answering" in (await ana.http.get(f"{path}/presence", headers=HTMX)).text
    taken = f"/inbox/{street.wages.id}"
    await boris.post(f"{taken}/here", {"writes": "true"})
    assert "Boris Lange is writing" in (await ana.get(taken)).text
    later = replace(hub, now=lambda: hub.now() + timedelta(minutes=6))
    async with hub.db.transaction() as session:
        assert await presence.colleagues(later, session, street.ana, [street.urgent.id]) == {}
    assert (await boris.post(f"{path}/gone")).status_code == 204
    assert "Boris Lange is" not in (await ana.get(path)).text
    assert (await ana.post("/inbox/999999/here")).status_code == 404
    assert (await ana.post(f"{path}/here", {"seen": "yesterday"})).status_code == 422
