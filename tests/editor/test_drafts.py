"""Drafts: shared, saved step by step, refused when stale, undone, thrown away; nothing of it is live."""

import asyncio
from typing import Any

import pytest

from app.editor.drafts import Piece, Stale, can_step, create, discard, open_piece, redo, save, undo
from app.errors import Conflict, NotAllowed
from app.hub import Hub
from tests.editor.conftest import Desk

KEY = "work.minimum_wage"


async def opened(hub: Hub, kind: str = "entry", key: str = KEY) -> Piece:
    async with hub.db.transaction() as session:
        return await open_piece(session, kind, key)


def with_label(data: dict[str, Any], label: str, language: str = "bg") -> dict[str, Any]:
    answers = data["answers"]
    return {**data, "answers": {**answers, language: {**answers[language], "label": label}}}


async def saved(hub: Hub, desk: Desk, label: str, seen: int, language: str = "bg") -> Piece:
    live = await opened(hub)
    async with hub.db.transaction() as session:
        return await save(hub, session, desk.ana, "entry", KEY, with_label(live.data, label, language), seen=seen)


async def test_a_save_makes_a_draft_and_leaves_what_is_live(hub: Hub, desk: Desk) -> None:
    piece = await saved(hub, desk, "Заплата!", 0)
    assert (piece.revision, piece.changed, piece.changed_by) == (1, {"bg"}, "Ana")
    await hub.shelf.load()
    assert hub.shelf.library.label(KEY, "bg") != "Заплата!"


async def test_a_save_on_an_older_revision_is_refused_with_what_stands_there_now(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Едно", 0)
    with pytest.raises(Stale) as refused:
        await saved(hub, desk, "Друго", 0)
    assert (refused.value.name, refused.value.revision) == ("Ana", 1)
    assert refused.value.data["answers"]["bg"]["label"] == "Едно"
    assert (await opened(hub)).data["answers"]["bg"]["label"] == "Едно"


async def test_of_two_who_begin_at_once_one_is_refused(hub: Hub, desk: Desk) -> None:
    done = await asyncio.gather(saved(hub, desk, "А", 0), saved(hub, desk, "Б", 0), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Piece", "Stale"]


async def test_undo_goes_back_to_what_is_live_and_redo_forward_again(hub: Hub, desk: Desk) -> None:
    live = (await opened(hub)).data["answers"]["bg"]["label"]
    await saved(hub, desk, "Едно", 0)
    await saved(hub, desk, "Две", 1)
    labels = []
    for step, seen in ((undo, 2), (undo, 3), (redo, 4), (redo, 5)):
        async with hub.db.transaction() as session:
            piece = await step(hub, session, desk.ana, "entry", KEY, seen=seen)
        labels.append(piece.data["answers"]["bg"]["label"])
    assert labels == ["Едно", live, "Едно", "Две"]
    async with hub.db.transaction() as session:
        assert await can_step(session, piece.draft) == (True, False)
        with pytest.raises(Conflict):
            await redo(hub, session, desk.ana, "entry", KEY, seen=6)


async def test_a_page_of_a_draft_that_was_thrown_away_never_fits_the_next_one(hub: Hub, desk: Desk) -> None:
    await saved(hub, desk, "Едно", 0)
    async with hub.db.transaction() as session:
        await discard(session, desk.ana, "entry", KEY, seen=1)
    again = await saved(hub, desk, "Ново", 0)
    assert again.revision == 3
    with pytest.raises(Stale):
        await saved(hub, desk, "Старо", 1)


async def test_saving_what_is_live_makes_no_draft(hub: Hub, desk: Desk) -> None:
    live = await opened(hub)
    async with hub.db.transaction() as session:
        assert (await save(hub, session, desk.ana, "entry", KEY, live.data, seen=0)).draft is None


async def test_a_new_piece_needs_a_free_name_and_a_coordinator(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        piece = await create(hub, session, desk.ana, "entry", "work.tips", {"topic": "work.tips"})
        assert (piece.revision, piece.live) == (1, None)
        with pytest.raises(Conflict):
            await create(hub, session, desk.ana, "entry", KEY, {"topic": KEY})
        with pytest.raises(NotAllowed):
            await create(hub, session, desk.mila, "entry", "work.other", {"topic": "work.other"})
