"""A missing language of an entry by machine: never live before a person approved it; figures stay where they were."""

import importlib
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.editor import drafting
from app.editor.approving import approve, aspects_of
from app.editor.drafts import open_piece, save
from app.editor.releasing import publish
from app.errors import BadInput, Conflict, NotAllowed
from app.hub import Hub
from app.models import ContentVersion
from app.publishing import publish_version
from flows.library import NotSayable
from tests.editor.conftest import Desk
from tests.translations import toy_argos
from translations.machine import install

TOPIC = "work.wage_unpaid"
TODAY = date(2026, 6, 1)


@pytest.fixture
async def gap(hub: Hub, tmp_path: Path) -> None:
    """The entry without Romanian, and packages from German to Romanian."""
    async with hub.db.transaction() as session:
        row = await session.scalar(
            sa.select(ContentVersion).where(
                ContentVersion.kind == "entry", ContentVersion.key == TOPIC, ContentVersion.current
            )
        )
        assert row is not None
        answers = {code: words for code, words in row.data["answers"].items() if code != "ro"}
        answers["de"] = {**answers["de"], "label": "Lohn", "sms": "Chef zahlt nicht.",
                         "messages": ["Chef zahlt nicht {minimum_wage} Lohn.", "Hilfe {year}!"]}  # fmt: skip
        await publish_version(session, "entry", TOPIC, {**row.data, "answers": answers}, origin="hub")
    for source, target in (("de", "en"), ("en", "ro")):
        install(toy_argos.build(source, target, tmp_path), hub.settings.packages_dir, lambda _: None)
    await hub.shelf.load()


def live(hub: Hub) -> tuple[str, ...]:
    try:
        return hub.shelf.library.say(TOPIC, "ro", "", TODAY).messages
    except NotSayable:
        return ()


@pytest.mark.usefixtures("gap")
async def test_drafted_marked_and_live_only_once_approved_and_published(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        made = await drafting.draft(hub, session, desk.ana, TOPIC, "ro")
        with pytest.raises(Conflict):
            await drafting.draft(hub, session, desk.ana, TOPIC, "ro")
    assert made.route == ("de", "en", "ro")
    assert made.answer["messages"] == ["șeful plătește nu {minimum_wage} salariu.", "ajutor {year}!"]
    await hub.shelf.load()
    assert live(hub) == ()
    async with hub.db.transaction() as session:
        assert [(each.topic, each.language) for each in await drafting.drafts(session)] == [(TOPIC, "ro")]
        piece = await open_piece(session, "entry", TOPIC)
        aspects = {aspect.name: aspect for aspect in await aspects_of(session, desk.mila, piece)}
        assert aspects["ro"].machine
        mended = {**made.answer, "messages": ["Șeful trebuie să plătească {minimum_wage}."]}
        data = {**piece.data, "answers": {**piece.data["answers"], "ro": mended}}
        piece = await save(hub, session, desk.ana, "entry", TOPIC, data, seen=piece.revision)
        await approve(hub, session, desk.mila, "entry", TOPIC, "ro", seen=piece.revision)
        assert await drafting.drafts(session) == []
        await publish(hub, session, desk.boris, "entry", TOPIC, seen=piece.revision)
    await hub.shelf.load()
    assert live(hub)[0].startswith("Șeful trebuie să plătească 13")


@pytest.mark.usefixtures("gap")
async def test_without_packages_or_right_it_says_so(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        with pytest.raises(Conflict):
            await drafting.draft(hub, session, desk.ana, TOPIC, "bg")
        with pytest.raises(BadInput, match="Answers exist in"):
            await drafting.draft(hub, session, desk.ana, TOPIC, "tr")
        with pytest.raises(NotAllowed):
            await drafting.draft(hub, session, desk.mila, TOPIC, "ro")


async def test_a_command_drafts_in_the_name_of_somebody_who_may(hub: Hub, desk: Desk) -> None:
    async with hub.db.transaction() as session:
        assert (await drafting.who_drafts(session, "")).name == "Ana"
        assert (await drafting.who_drafts(session, "boris@town.example")).name == "Boris"
        with pytest.raises(BadInput):
            await drafting.who_drafts(session, "mila@town.example")


async def test_what_an_older_version_kept_apart_moves_into_the_draft_of_its_entry(hub: Hub, desk: Desk) -> None:
    migration = importlib.import_module("migrations.versions.0021_machine_drafts")
    answer = {"label": "Salariu", "question": "?", "words": [], "messages": ["Cereți banii."], "sms": "Cereți banii."}
    async with hub.db.transaction() as session:
        row = await session.scalar(
            sa.select(ContentVersion).where(
                ContentVersion.kind == "entry", ContentVersion.key == TOPIC, ContentVersion.current
            )
        )
        assert row is not None
        answers = {code: words for code, words in row.data["answers"].items() if code not in ("ro", "bg")}
        await publish_version(session, "entry", TOPIC, {**row.data, "answers": answers}, origin="hub")
        for code in ("ro", "bg"):
            data = {"topic": TOPIC, "language": code, "answer": answer}
            await publish_version(session, "draft", f"{TOPIC}:{code}", data, origin="hub")
        connection = await session.connection()
        await connection.run_sync(
            lambda sync: [migration.take_over(sync, TOPIC, code, answer) for code in ("ro", "bg")]
        )
        assert [each.language for each in await drafting.drafts(session)] == ["bg", "ro"]
        piece = await open_piece(session, "entry", TOPIC)
        assert (piece.revision, piece.changed) == (2, {"ro", "bg"})
        await save(hub, session, desk.ana, "entry", TOPIC, {**piece.data, "gaps": []}, seen=2)
