"""From a draft to what is said: approval by a second person, checks, a time, the version before."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.editor.approving import approve, aspects_of
from app.editor.dialogues import failure_of, look_at
from app.editor.drafts import Piece, Stale, open_piece, save
from app.editor.overview import look
from app.editor.policy import EDITOR
from app.editor.releasing import Blocked, NotApproved, publish, publish_due, rollback, versions
from app.editor.trial import issues_again
from app.errors import Conflict, NotAllowed
from app.hub import Hub
from app.models import Setting, User
from app.publishing import publish_version
from tests.editor.conftest import Desk
from tests.editor.test_drafts import KEY, opened, saved, with_label


async def approved(hub: Hub, user: User, aspect: str, seen: int) -> Piece:
    async with hub.db.transaction() as session:
        return await approve(hub, session, user, "entry", KEY, aspect, seen=seen)


async def published(hub: Hub, user: User, seen: int, **how: Any) -> Piece:
    async with hub.db.transaction() as session:
        return await publish(hub, session, user, "entry", KEY, seen=seen, **how)


async def label(hub: Hub) -> str | None:
    await hub.shelf.load()
    return hub.shelf.library.label(KEY, "bg")


async def test_a_second_person_approves_and_the_words_go_live_in_their_name(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Заплата!", 0)
    with pytest.raises(NotApproved) as refused:
        await published(hub, desk.ana, 1)
    assert refused.value.aspects == ["bg"]
    with pytest.raises(NotAllowed):
        await approved(hub, desk.ana, "bg", 1)
    with pytest.raises(NotAllowed):  # she speaks another language
        await approved(hub, desk.mila, "bg", 1)
    await approved(hub, desk.boris, "bg", 1)
    piece = await published(hub, desk.ana, 1, note="clearer")
    assert (piece.draft, piece.live and piece.live.note) == (None, "clearer")
    assert piece.data["answers"]["bg"]["approved_by"] == "Boris"
    assert piece.data["answers"]["ro"]["approved_by"] is None
    assert await label(hub) == "Заплата!"
    assert hub.shelf.library.say(KEY, "bg", "", hub.today).draft is False


async def test_a_change_after_the_approval_takes_it_away(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Едно", 0)
    await approved(hub, desk.boris, "bg", 1)
    await saved(hub, desk, "Две", 1)
    with pytest.raises(NotApproved):
        await published(hub, desk.ana, 2)


async def test_one_person_is_enough_where_an_admin_says_so(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=EDITOR, value={"four_eyes": False}))
    await saved(hub, desk, "Сам", 0)
    piece = await published(hub, desk.ana, 1)
    assert piece.data["answers"]["bg"]["approved_by"] == "Ana"


async def test_what_breaks_something_is_refused_and_says_why(hub: Hub, desk: Desk) -> None:
    live = await opened(hub)
    async with hub.db.transaction() as session:
        await save(hub, session, desk.ana, "entry", KEY, {**live.data, "next": ["work.nowhere"]}, seen=0)
    await approved(hub, desk.boris, "structure", 1)
    with pytest.raises(Blocked) as refused:
        await published(hub, desk.ana, 1)
    assert "work.nowhere" in refused.value.issues[0].text


async def test_it_goes_live_at_its_time_and_not_before(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Утре", 0)
    await approved(hub, desk.boris, "bg", 1)
    at = hub.now() + timedelta(hours=2)
    await published(hub, desk.ana, 1, at=at)
    await publish_due(hub)
    assert await label(hub) != "Утре"
    await publish_due(replace(hub, now=lambda: at + timedelta(minutes=1)))
    assert await label(hub) == "Утре"


async def test_what_can_not_go_live_at_its_time_waits_and_says_why(hub: Hub, desk: Desk) -> None:
    first = (await opened(hub)).live
    assert first is not None
    await saved(hub, desk, "Утре", 0)
    await approved(hub, desk.boris, "bg", 1)
    at = hub.now() + timedelta(hours=2)
    await published(hub, desk.ana, 1, at=at)
    async with hub.db.transaction() as session:
        data = with_label(first.data, "Междувременно")
        await publish_version(session, "entry", KEY, data, origin="file")
    await publish_due(replace(hub, now=lambda: at + timedelta(minutes=1)))
    piece = await opened(hub)
    assert piece.draft is not None
    assert piece.draft.publish_at is None
    assert piece.draft.trouble
    assert await label(hub) == "Междувременно"
    with pytest.raises(Conflict):
        await published(hub, desk.ana, 1)


async def test_what_somebody_planned_who_has_no_account_any_more_waits_for_a_colleague(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Утре", 0)
    await approved(hub, desk.boris, "bg", 1)
    at = hub.now() + timedelta(hours=2)
    await published(hub, desk.ana, 1, at=at)
    async with hub.db.transaction() as session:
        await session.execute(sa.update(User).where(User.id == desk.ana.id).values(disabled_at=hub.now()))
    later = replace(hub, now=lambda: at + timedelta(minutes=1))
    await publish_due(later)
    assert await label(hub) != "Утре"
    async with hub.db.transaction() as session:
        (group,) = [each for each in await look(hub, session, desk.boris) if each.name == "trouble"]
    assert [(item.key, item.why) for item in group.items] == [
        (KEY, "Whoever planned it may not publish any more. Look at it, and publish it yourself.")
    ]
    await published(later, desk.boris, 1)
    assert await label(hub) == "Утре"


async def test_what_the_page_of_a_draft_found_out_is_not_looked_for_again(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Един", 0)
    await approved(hub, desk.boris, "bg", 1)
    piece = await opened(hub)
    issues_again(hub.shelf.library, "entry", KEY, piece.data, hub.today)
    async with hub.db.transaction() as session:
        await look_at(session, hub.shelf.library, piece)
    played = failure_of.cache_info().misses
    await published(hub, desk.ana, 1)
    assert failure_of.cache_info().misses == played


async def test_a_page_of_an_older_live_version_never_overwrites_what_went_live_since(hub: Hub, desk: Desk) -> None:
    page = (await opened(hub)).revision
    await saved(hub, desk, "Колега", page)
    await approved(hub, desk.boris, "bg", 1)
    await published(hub, desk.ana, 1)
    with pytest.raises(Stale) as refused:  # no draft is open, and the page knows nothing of what went live
        await saved(hub, desk, "Моето", page, "ro")
    assert refused.value.data["answers"]["bg"]["label"] == "Колега"
    with pytest.raises(Stale):  # nor does anybody approve what they have not read
        await approved(hub, desk.boris, "bg", page)
    assert (await saved(hub, desk, "Моето", refused.value.revision, "ro")).changed_by == "Ana"


async def test_two_who_read_the_same_words_approve_their_languages_beside_each_other(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        first = (await open_piece(session, "entry", KEY)).live
        assert first is not None
        await publish_version(session, "entry", KEY, with_label(first.data, "Ново"), origin="file")
    page = (await opened(hub)).revision
    await approved(hub, desk.boris, "bg", page)
    piece = await approved(hub, desk.mila, "ro", page)
    assert piece.draft is not None
    assert sorted(piece.draft.approvals) == ["bg", "ro"]


async def test_a_draft_that_breaks_the_checks_themselves_holds_up_no_other(hub: Hub, desk: Desk) -> None:
    at = hub.now() + timedelta(hours=2)
    await saved(hub, desk, "Утре", 0)
    await approved(hub, desk.boris, "bg", 1)
    await published(hub, desk.ana, 1, at=at)
    async with hub.db.transaction() as session:
        word = {"de": "Amt", "bg": "служба"}
        await save(hub, session, desk.ana, "term", "Amt", word, seen=0)
        await publish(hub, session, desk.ana, "term", "Amt", seen=1, at=at + timedelta(seconds=1))
        await publish_version(session, "transcript", "odd", {"name": "odd"}, origin="file")  # no model reads this
    await publish_due(replace(hub, now=lambda: at + timedelta(minutes=1)))
    async with hub.db.transaction() as session:
        assert (await open_piece(session, "term", "Amt")).draft is None
    waiting = (await opened(hub)).draft
    assert waiting is not None
    assert waiting.publish_at is None
    assert waiting.trouble


async def test_one_step_leads_back_to_an_older_version(hub: Hub, desk: Desk) -> None:
    before = await label(hub)
    await saved(hub, desk, "Грешно", 0)
    await approved(hub, desk.boris, "bg", 1)
    await published(hub, desk.ana, 1)
    async with hub.db.transaction() as session:
        await rollback(hub, session, desk.boris, "entry", KEY, 1, note="wrong")
    assert await label(hub) == before
    async with hub.db.transaction() as session:
        found = [(version.version, version.current, name) for version, name in await versions(session, "entry", KEY)]
    assert found == [(3, True, "Boris"), (2, False, "Ana"), (1, False, None)]


async def test_a_translation_is_older_than_its_base_until_it_is_changed_or_confirmed(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Lohn!", 0, "de")
    await approved(hub, desk.boris, "de", 1)
    live = (await published(hub, desk.ana, 1)).live
    assert live is not None
    assert (live.words_of["de"], live.words_of["bg"]) == (2, 1)
    page = (await opened(hub)).revision
    await approved(hub, desk.boris, "bg", page)  # it still fits: nothing changed but that somebody looked
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "entry", KEY)
        states = {each.name: each.state for each in await aspects_of(session, desk.ana, piece)}
    assert (states["bg"], states["ro"]) == ("approved", "draft")
    again = (await published(hub, desk.ana, piece.revision)).live
    assert again is not None
    assert again.words_of["bg"] == 3
