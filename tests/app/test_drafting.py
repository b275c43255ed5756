"""A missing language of an entry by machine: never live before a person approved it; figures stay where they were."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import drafting
from app.errors import BadInput, Conflict, NotAllowed
from app.hub import Hub
from app.models import ContentVersion
from app.publishing import export, publish_version
from flows.library import NotSayable
from tests.translations import toy_argos
from tests.web.cast import add_user
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
async def test_drafted_and_live_only_once_approved(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        made = await drafting.draft(hub, session, TOPIC, "ro")
    assert made.route == ("de", "en", "ro")
    assert made.answer["messages"] == ["șeful plătește nu {minimum_wage} salariu.", "ajutor {year}!"]
    await hub.shelf.load()
    assert live(hub) == ()
    async with hub.db.transaction() as session:
        assert "draft" not in {kind for kind, _, _ in await export(session)}
        assert [(each.topic, each.language) for each in await drafting.drafts(session)] == [(TOPIC, "ro")]
        ana, boris = await add_user(session, "Ana"), await add_user(session, "Boris", "coordinator")
        with pytest.raises(NotAllowed):
            await drafting.approve(hub, session, ana, TOPIC, "ro", made.answer)
        with pytest.raises(BadInput):
            await drafting.approve(hub, session, boris, TOPIC, "ro", {**made.answer, "label": "x" * 21})
        mended = {**made.answer, "messages": ["Șeful trebuie să plătească {minimum_wage}."]}
        entry = await drafting.approve(hub, session, boris, TOPIC, "ro", mended)
        assert entry.answers["ro"].approved_by == "Boris"
        assert await drafting.drafts(session) == []
        with pytest.raises(Conflict):
            await drafting.draft(hub, session, TOPIC, "ro")
    await hub.shelf.load()
    assert live(hub)[0].startswith("Șeful trebuie să plătească 13")


@pytest.mark.usefixtures("gap")
async def test_without_packages_it_says_so(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        with pytest.raises(Conflict):
            await drafting.draft(hub, session, TOPIC, "bg")
        with pytest.raises(BadInput, match="Answers exist in"):
            await drafting.draft(hub, session, TOPIC, "tr")
