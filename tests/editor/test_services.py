"""The directory: facts at once, words by a second person, neither undoes the other; confirmed by phone and taken back."""

from typing import Any

import pytest

from app.editor import services
from app.editor.approving import approve
from app.editor.drafts import Piece, Stale, undo
from app.editor.policy import EDITOR
from app.editor.releasing import Blocked, publish
from app.editor.services import Saved, Seen
from app.errors import BadInput, Conflict
from app.hub import Hub
from app.models import Setting, User
from app.publishing import load
from flows.load import read_content
from flows.services import find_services
from tests.editor.conftest import Desk

SLUG = "telefonseelsorge"
NUMBER = "0800 111 0 111"


async def piece(hub: Hub) -> Piece:
    async with hub.db.transaction() as session:
        return await services.find(session, SLUG)


async def save(hub: Hub, user: User, seen: Seen, **changes: Any) -> Saved:
    data = (await piece(hub)).data | changes
    async with hub.db.transaction() as session:
        return await services.save(hub, session, user, SLUG, data, seen=seen)


async def now(hub: Hub) -> Seen:
    return Seen.of(await piece(hub))


def about(found: Piece, **words: str) -> dict[str, Any]:
    return {"about": found.data["about"] | words}


async def test_facts_are_live_at_once_and_words_wait(hub: Hub, desk: Desk) -> None:
    saved = await save(hub, desk.ana, await now(hub), web="example.org", **about(await piece(hub), bg="Ново"))
    found = await piece(hub)
    assert found.live is not None
    assert (saved.words_wait, saved.version, found.live.version) == (True, 2, 2)
    assert found.live.data["web"] == "example.org"
    assert found.live.data["about"]["bg"] != "Ново"
    assert (found.data["about"]["bg"], found.changed, found.outdated) == ("Ново", {"bg"}, False)


async def test_a_fact_published_meanwhile_is_taken_along_by_the_draft_and_no_undo_loses_it(
    hub: Hub, desk: Desk
) -> None:
    await save(hub, desk.ana, await now(hub), **about(await piece(hub), bg="Ново"))
    await save(hub, desk.ana, await now(hub), **about(await piece(hub), ro="Nou"))
    async with hub.db.transaction() as session:
        await approve(hub, session, desk.boris, "service", SLUG, "bg", seen=2)
        await services.confirm(hub, session, desk.boris, SLUG, version=1, called=[NUMBER])
    found = await piece(hub)
    assert (found.revision, found.outdated) == (2, False)
    assert found.draft is not None
    assert "bg" in found.draft.approvals
    async with hub.db.transaction() as session:
        await undo(hub, session, desk.ana, "service", SLUG, seen=2)
        await publish(hub, session, desk.ana, "service", SLUG, seen=3)
    live = await piece(hub)
    assert (live.data["about"]["bg"], live.data["phones"][0]["tested_on"]) == ("Ново", hub.today.isoformat())


async def test_words_put_back_leave_no_draft(hub: Hub, desk: Desk) -> None:
    before = (await piece(hub)).data["about"]
    await save(hub, desk.ana, await now(hub), about=before | {"bg": "Ново"})
    saved = await save(hub, desk.ana, await now(hub), about=before)
    assert (saved, (await piece(hub)).draft) == (Saved(None, words_wait=False), None)


async def test_who_saves_over_what_they_have_not_seen_is_refused(hub: Hub, desk: Desk) -> None:
    seen = await now(hub)
    await save(hub, desk.boris, seen, web="boris.example")
    with pytest.raises(Stale):
        await save(hub, desk.ana, seen, web="ana.example")
    with pytest.raises(Conflict):
        async with hub.db.transaction() as session:
            await services.confirm(hub, session, desk.ana, SLUG, version=seen.version)
    assert (await piece(hub)).data["web"] == "boris.example"


async def test_confirming_is_one_version_and_can_be_taken_back(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        version = await services.confirm(hub, session, desk.ana, SLUG, version=1, called=[NUMBER])
        assert version == 2
        assert await services.confirm(hub, session, desk.boris, SLUG, version=2, called=[NUMBER]) is None
    phones = (await piece(hub)).data["phones"]
    assert [phone["tested_on"] for phone in phones] == [hub.today.isoformat(), None]
    async with hub.db.transaction() as session:
        await services.take_back(hub, session, desk.ana, SLUG, version=2)
    found = (await piece(hub)).data
    assert (found["checked_on"], found["phones"][0]["tested_on"]) == (None, None)


async def test_what_contradicts_itself_does_not_go_live(hub: Hub, desk: Desk) -> None:
    with pytest.raises(Blocked):
        await save(hub, desk.ana, await now(hub), ask_first=True)  # it is there day and night
    with pytest.raises(BadInput):
        await save(hub, desk.ana, await now(hub), topics=[])


async def test_one_person_is_enough_where_an_admin_says_so(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=EDITOR, value={"four_eyes": False}))
    saved = await save(hub, desk.ana, await now(hub), **about(await piece(hub), bg="Ново"))
    found = await piece(hub)
    assert (saved.words_wait, found.draft, found.data["about"]["bg"]) == (False, None, "Ново")
    assert found.live is not None
    assert found.live.approvals["bg"]["name"] == "Ana"


async def test_what_is_closed_is_no_longer_named_and_no_start_brings_it_back(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        await services.set_closed(hub, session, desk.ana, SLUG, version=1, closed=True)
    async with hub.db.transaction() as session:
        loaded = await load(session, read_content(hub.shelf._content_dir), origin="starter")
    assert f"service {SLUG}" in loaded.kept
    assert SLUG not in await named(hub)
    async with hub.db.transaction() as session:
        await services.set_closed(hub, session, desk.ana, SLUG, version=2, closed=False)
    assert SLUG in await named(hub)


async def named(hub: Hub) -> set[str]:
    await hub.shelf.load()
    return {found.service.slug for found in find_services(hub.shelf.library, hub.now())}
