"""Saved lists: kept from a list's filters, seen by others when shared, changed by their maker only; snoozed cases."""

import pytest

from app import saved_views, snooze
from app.errors import BadInput, NotAllowed, NotFound
from app.filters import Filters
from app.hub import Hub
from app.lists import list_cases
from app.models import User
from tests.web.cast import add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street


async def names(hub: Hub, user: User) -> list[str]:
    async with hub.db.transaction() as session:
        return [chip.view.name for chip in await saved_views.views(session, user)]


async def test_own_and_shared_lists(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        mine = await saved_views.save(session, street.ana, " Rumänisch  heute ", {"language": "ro"})
        await saved_views.save(session, street.boris, "Everybody's", {"view": "all"}, shared=True)
        await saved_views.save(session, street.boris, "His own", {"view": "all"})
        again = await saved_views.save(session, street.ana, "rumänisch heute", {"language": "bg"}, shared=True)
        assert again.id == mine.id
    assert await names(hub, street.ana) == ["rumänisch heute", "Everybody's"]
    assert await names(hub, street.boris) == ["Everybody's", "His own", "rumänisch heute"]
    async with hub.db.transaction() as session:
        for act in (
            saved_views.change(session, street.boris, mine.id, name="x", shared=True),
            saved_views.delete(session, street.admin, mine.id),
        ):
            with pytest.raises(NotFound):
                await act
        for name in (" ", "x" * 41):
            with pytest.raises(BadInput):
                await saved_views.save(session, street.ana, name, {})
        assert await saved_views.count(hub, session, street.ana, "all", Filters(language="ro")) == 2
        await saved_views.delete(session, street.ana, mine.id)
        for number in range(saved_views.MOST):
            await saved_views.save(session, street.ana, f"list {number}", {})
        with pytest.raises(BadInput):
            await saved_views.save(session, street.ana, "one too many", {})
        mila = await add_user(session, "Mila Mediator", "mediator")
        with pytest.raises(NotAllowed):
            await saved_views.views(session, mila)


async def test_saved_from_the_list_and_changed_on_their_page(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse("ana@example.org"), await browse("boris@example.org")
    assert "Save this list" in (await ana.get("/inbox?view=all&language=ro")).text
    form = {"view": "all", "language": "ro", "name": "Romanian", "shared": "1"}
    saved = await ana.post("/inbox/views", form)
    assert saved.headers["location"] == "/inbox?view=all&language=ro"
    chip = 'href="/inbox?view=all&amp;language=ro"'
    assert chip in (await ana.get("/inbox?view=mine")).text
    assert "Shared by Ana Petrova" in (await boris.get("/inbox")).text
    async with hub.db.transaction() as session:
        (made,) = await saved_views.views(session, street.ana)
    path = f"/inbox/views/{made.view.id}"
    assert (await boris.post(path, {"name": "stolen"})).status_code == 404
    assert (await boris.post(f"{path}/delete")).status_code == 404
    assert (await ana.post(path, {"name": "Rumänisch"})).status_code == 303
    assert "Rumänisch" in (await ana.get("/inbox/views")).text
    assert "Rumänisch" not in (await boris.get("/inbox/views")).text
    assert (await ana.post(f"{path}/delete")).status_code == 303
    assert "No list has been saved yet" in (await ana.get("/inbox/views")).text
    assert (await ana.post("/inbox/views", {"name": "x", "view": "nonsense"})).status_code == 422
    assert (await ana.post(f"/inbox/views/{2**70}")).status_code == 422


async def test_snoozed_cases_are_out_of_the_way_but_found(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        await snooze.snooze(hub, session, street.ana, street.wages.id, until=None)
    async with hub.db.transaction() as session:
        mine = await list_cases(hub, session, street.ana, view="mine")
        snoozed = await list_cases(hub, session, street.ana, view="snoozed")
    assert mine.items == ()
    assert (mine.counts["mine"], mine.counts["snoozed"]) == (0, 1)
    assert [card.name for card in snoozed.items] == ["Gelbe Lerche 42"]
    browser = await browse("ana@example.org")
    assert 'href="/inbox?view=snoozed"' in (await browser.get("/inbox?view=all")).text
    assert "Gelbe Lerche 42" not in (await browser.get("/inbox?view=all")).text
    assert "Gelbe Lerche 42" in (await browser.get("/inbox?view=snoozed")).text
