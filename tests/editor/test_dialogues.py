"""Stored dialogues: what changes them is held back until somebody takes the new words, and goes live with them at once."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.editor.dialogues import TRANSCRIPT, look_at
from app.editor.drafts import Piece, open_piece, save
from app.editor.policy import EDITOR
from app.editor.releasing import Blocked, publish, rollback
from app.hub import Hub
from app.models import ContentVersion, Setting
from tests.editor.conftest import Desk

NAME = "dismissal_de_sms_too_late"
OLD, NEW = "Wie wurde Ihnen gekündigt?", "Wie hat man Ihnen gekündigt?"


async def opened(hub: Hub, kind: str, key: str) -> Piece:
    async with hub.db.transaction() as session:
        return await open_piece(session, kind, key)


async def change(hub: Hub, desk: Desk, kind: str, key: str, old: str, new: str) -> Piece:
    piece = await opened(hub, kind, key)
    async with hub.db.transaction() as session:
        data = replaced(piece.data, old, new)
        assert data != piece.data
        return await save(hub, session, desk.ana, kind, key, data, seen=piece.revision)


def replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: replaced(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, old, new) for inner in value]
    return value.replace(old, new) if isinstance(value, str) else value


async def go_live(hub: Hub, desk: Desk, kind: str, key: str) -> Piece:
    seen = (await opened(hub, kind, key)).revision
    async with hub.db.transaction() as session:
        piece = await publish(hub, session, desk.ana, kind, key, seen=seen)
    await hub.shelf.load()
    return piece


@pytest.fixture(autouse=True)
async def two_eyes(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        session.add(Setting(key=EDITOR, value={"four_eyes": False}))


async def versions(hub: Hub, kind: str, key: str) -> int | None:
    async with hub.db.transaction() as session:
        query = sa.select(ContentVersion.version).where(ContentVersion.kind == kind, ContentVersion.key == key)
        return await session.scalar(query.where(ContentVersion.current))


async def test_a_change_of_what_is_said_is_held_back_taken_published_at_once_and_rolled_back(
    hub: Hub, desk: Desk
) -> None:
    await change(hub, desk, "flow", "dismissal", OLD, NEW)
    with pytest.raises(Blocked) as refused:
        await go_live(hub, desk, "flow", "dismissal")
    issue = next(issue for issue in refused.value.issues if issue.where == f"dialogue {NAME}")
    assert issue.text == f"line 7 should be '< {OLD}', but is '< {NEW}'"

    async with hub.db.transaction() as session:
        found = await look_at(session, hub.shelf.library, await open_piece(session, "flow", "dismissal"))
        for failure in found.failures:
            assert failure.played is not None
            data = {"name": failure.name, "text": failure.played}
            await save(hub, session, desk.ana, TRANSCRIPT, failure.name, data, seen=0)
    with pytest.raises(Blocked):  # without its flow it says what is not so yet
        await go_live(hub, desk, TRANSCRIPT, NAME)
    await go_live(hub, desk, "flow", "dismissal")
    dialogue = await opened(hub, TRANSCRIPT, NAME)
    assert (dialogue.draft, NEW in dialogue.data["text"], await versions(hub, TRANSCRIPT, NAME)) == (None, True, 2)

    async with hub.db.transaction() as session:
        await rollback(hub, session, desk.boris, "flow", "dismissal", 1)
    assert OLD in (await opened(hub, TRANSCRIPT, NAME)).data["text"]
    assert await versions(hub, TRANSCRIPT, NAME) == 3


async def test_what_no_dialogue_says_goes_live_and_what_one_says_is_held_back(hub: Hub, desk: Desk) -> None:
    await change(hub, desk, "entry", "work.minimum_wage", "минимал", "миниимал")
    await go_live(hub, desk, "entry", "work.minimum_wage")
    await change(hub, desk, "flow", "menu", "👷", "🧰")
    with pytest.raises(Blocked) as refused:
        await go_live(hub, desk, "flow", "menu")
    assert {issue.where.split()[0] for issue in refused.value.issues} == {"dialogue"}


async def test_a_dialogue_alone_must_say_what_is_so(hub: Hub, desk: Desk) -> None:
    await change(hub, desk, TRANSCRIPT, NAME, OLD, NEW)
    with pytest.raises(Blocked) as refused:
        await go_live(hub, desk, TRANSCRIPT, NAME)
    assert [issue.where for issue in refused.value.issues] == [f"dialogue {NAME}"]
    await change(hub, desk, TRANSCRIPT, NAME, "flow: dismissal", "flow: dismissal\nretired: true")
    await go_live(hub, desk, TRANSCRIPT, NAME)
    await change(hub, desk, TRANSCRIPT, NAME, "channel: sms", "channel: pigeon")
    with pytest.raises(Blocked):
        await go_live(hub, desk, TRANSCRIPT, NAME)
