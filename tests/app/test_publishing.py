"""Content goes live as versions; files never overwrite what was edited in the hub."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app import places
from app.content import CONTENT_DIR
from app.errors import Conflict
from app.hub import Hub
from app.models import ContentVersion, User
from app.publishing import content_hash, export, hold_content, load, publish_version
from flows.load import Content, read_content


async def current(hub: Hub, key: str) -> ContentVersion:
    async with hub.db.transaction() as session:
        same = (ContentVersion.kind == "entry", ContentVersion.key == key, ContentVersion.current)
        rows = await session.scalars(sa.select(ContentVersion).where(*same))
        return rows.one()


def with_label(content: Content, label: str) -> Content:
    first = content.entries[0]
    answer = first.answers["bg"].model_copy(update={"label": label})
    changed = first.model_copy(update={"answers": {**first.answers, "bg": answer}})
    return replace(content, entries=(changed, *content.entries[1:]))


async def test_loading_twice_changes_nothing_and_a_changed_file_is_a_new_version(hub: Hub) -> None:
    content = read_content(CONTENT_DIR)
    key = content.entries[0].topic
    async with hub.db.transaction() as session:
        again = await load(session, content)
    assert (again.published, again.kept) == ([], [])
    async with hub.db.transaction() as session:
        changed = await load(session, with_label(content, "Ново"))
    assert changed.published == [f"entry {key}"]
    assert (await current(hub, key)).version == 2
    await hub.shelf.load()
    assert hub.shelf.library.label(key, "bg") == "Ново"


async def test_an_edit_in_the_hub_survives_a_load_and_is_named(hub: Hub) -> None:
    content = read_content(CONTENT_DIR)
    key = content.entries[0].topic
    edited = with_label(content, "От града").entries[0].model_dump(mode="json")
    async with hub.db.transaction() as session:
        await publish_version(session, "entry", key, edited, origin="hub")
    async with hub.db.transaction() as session:
        result = await load(session, with_label(content, "От файла"))
    assert result.kept == [f"entry {key}"]
    assert (await current(hub, key)).data["answers"]["bg"]["label"] == "От града"


async def test_two_processes_load_at_once(hub: Hub) -> None:
    content = with_label(read_content(CONTENT_DIR), "Заедно")

    async def one() -> Any:
        async with hub.db.transaction() as session:
            return await load(session, content)

    results = await asyncio.gather(one(), one())
    assert sorted(len(result.published) for result in results) == [0, 1]


async def test_versions_never_change_and_one_is_live(hub: Hub) -> None:
    content = read_content(CONTENT_DIR)
    key = content.entries[0].topic
    for number in range(3):
        async with hub.db.transaction() as session:
            await load(session, with_label(content, f"Версия {number}"))
    async with hub.db.transaction() as session:
        rows = (
            await session.scalars(
                sa.select(ContentVersion)
                .where(ContentVersion.kind == "entry", ContentVersion.key == key)
                .order_by(ContentVersion.version)
            )
        ).all()
    assert [row.version for row in rows] == [1, 2, 3, 4]
    assert [row.current for row in rows] == [False, False, False, True]


async def test_what_is_exported_is_what_was_loaded(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        pieces = {(kind, key): data for kind, key, data in await export(session)}
    for entry in read_content(CONTENT_DIR).entries:
        assert pieces["entry", entry.topic] == entry.model_dump(mode="json")


async def test_running_processes_see_a_published_version_at_once(hub: Hub) -> None:
    listening = asyncio.create_task(hub.feed.run())
    try:
        await asyncio.wait_for(hub.feed.connected.wait(), 10)
        content = read_content(CONTENT_DIR)
        key = content.entries[0].topic
        data = with_label(content, "Веднага").entries[0].model_dump(mode="json")
        async with hub.db.transaction() as session:
            await publish_version(session, "entry", key, data, origin="hub")
        async with asyncio.timeout(10):
            while hub.shelf.library.label(key, "bg") != "Веднага":
                await asyncio.sleep(0.02)
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening


def test_a_field_that_nobody_filled_in_makes_no_other_version_but_a_closed_day_does() -> None:
    assert content_hash({"slug": "a", "email": None, "hours": {"days": {}}}) == content_hash({"slug": "a"})
    assert content_hash({"hours": {"days": {"2026-12-24": []}}}) != content_hash({})


async def test_a_place_saved_while_content_is_loaded_waits_and_locks_nobody_out(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        user = User(email="ana@town.example", name="Ana", role="coordinator", password_hash="-", speaks=["de"])
        session.add(user)
        await session.flush()
        version = await places.place_version(session, "weissenfels")
    form = places.Form({}, (), always=False, on_holidays=False, alerts="a@town.example", returns="", seen=1)

    async def save() -> None:
        async with hub.db.transaction() as session:
            await places.change(session, user, "weissenfels", form)

    async with hub.db.transaction() as session:
        await hold_content(session)
        saving = asyncio.create_task(save())
        await asyncio.sleep(0.3)  # it holds now whatever it takes before it publishes
        data = version.data | {"alerts": ["b@town.example"]}
        await publish_version(session, "place", "weissenfels", data, origin="file")
    with pytest.raises(Conflict):  # and is told that the place was changed
        await saving
