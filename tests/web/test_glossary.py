"""The glossary: kept by mediators, used by the machine at once, exported as content; and how good the machine is."""

import html
from pathlib import Path

import pytest

from app import memory, quality
from app.hub import Hub
from app.models import Message, User
from app.publishing import export, load
from flows.load import read_content, write_content
from tests.translations import toy_argos
from tests.web.cast import add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street
from translations.glossary import glossary
from translations.machine import install


@pytest.fixture
async def mila(hub: Hub, street: Street) -> User:
    async with hub.db.transaction() as session:
        return await add_user(session, "Mila Mediator", "mediator")


async def learned(hub: Hub, street: Street, original: str, draft: str, final: str) -> None:
    async with hub.db.transaction() as session:
        said = Message(
            conversation_id=street.wages.conversation_id, channel_id=1, seq=900, direction="out", author="staff",
            status="sent", kind="text", text=final,
        )  # fmt: skip
        session.add(said)
        await session.flush()
        await memory.learn(
            session, source="de", target="bg", original=original, draft=draft, final=final, origin="mediation",
            user=street.boris, message_id=said.id,
        )  # fmt: skip


async def test_a_changed_term_is_the_machines_at_once_and_its_uses_are_told(
    hub: Hub, browse: NewBrowser, street: Street, mila: User, tmp_path: Path
) -> None:
    for pair in (("de", "en"), ("en", "bg")):
        install(toy_argos.build(*pair, tmp_path), hub.settings.packages_dir, lambda _: None)
    await learned(hub, street, "Der Aufhebungsvertrag kommt.", "x", "Идва споразумение за прекратяване.")
    browser = await browse(mila.email)
    page = html.unescape((await browser.get("/mediation/glossary")).text)
    assert "Aufhebungsvertrag" in page
    form = {"de": "Aufhebungsvertrag", "bg": "договор за край", "ro": "x", "version": "1"}
    saved = await browser.post("/mediation/glossary", form)
    assert saved.status_code == 303
    report = html.unescape((await browser.get(saved.headers["location"])).text)
    assert "Where “Aufhebungsvertrag” stands" in report
    assert "1 remembered sentence<" in report
    assert (await browser.post("/mediation/glossary", form | {"bg": "друго"})).status_code == 409, "stale"
    await hub.shelf.load()
    said = await hub.machine.translate("Chef zahlt nicht Aufhebungsvertrag", "de", "bg")
    assert "договор за край (Aufhebungsvertrag)" in said.text
    async with hub.db.transaction() as session:
        write_content(tmp_path / "out", await export(session))
    again = read_content(tmp_path / "out")
    assert next(term.bg for term in again.terms if term.de == "Aufhebungsvertrag") == "договор за край"
    async with hub.db.transaction() as session:
        assert (await load(session, again)).published == []


async def test_new_deleted_and_wrong_terms(hub: Hub, browse: NewBrowser, mila: User) -> None:
    browser = await browse(mila.email)
    await browser.get("/mediation/glossary")
    for form in ({"de": ""}, {"de": "Wort"}, {"de": "{Wort}", "bg": "x"}, {"de": "Wort", "bg": "x" * 121}):
        assert (await browser.post("/mediation/glossary", form)).status_code == 422, form
    assert (await browser.post("/mediation/glossary", {"de": "Räumpflicht", "uk": "прибирати сніг"})).status_code == 303
    await hub.shelf.load()
    assert any(term.de == "Räumpflicht" for term in glossary())
    gone = {"de": "Räumpflicht", "version": "1", "delete": "1"}
    assert (await browser.post("/mediation/glossary", gone)).status_code == 303
    await hub.shelf.load()
    assert not any(term.de == "Räumpflicht" for term in glossary())
    assert "Räumpflicht</strong>" not in html.unescape((await browser.get("/mediation/glossary")).text)


async def test_the_quality_seen_and_scored(hub: Hub, browse: NewBrowser, street: Street, tmp_path: Path) -> None:
    await learned(hub, street, "Chef zahlt 450 €. Geld.", "шефът плаща 450 €. пари.", "Шефът плаща 450 €. Пари.")
    async with hub.db.transaction() as session:
        (pair,) = await quality.pairs(session)
    assert (pair.source, pair.target, pair.texts, pair.corrected) == ("de", "bg", 1, 1)
    page = (await (await browse("boris@example.org")).get("/mediation/quality")).text
    assert "1 (100 %)" in page
    (score,) = await quality.evaluate(hub)
    assert (score.pair, score.sentences, score.chrf, score.problem) == ("de_bg", 2, None, "no_route")
    for codes in (("de", "en"), ("en", "bg")):
        install(toy_argos.build(*codes, tmp_path), hub.settings.packages_dir, lambda _: None)
    (score,) = await quality.evaluate(hub, "de_bg")
    assert score.chrf is not None
    assert 30 < score.chrf < 100
    assert score.route == "de > en > bg"
    assert len(score.worst) == 2
    assert await quality.evaluate(hub, "ro_de") == []
