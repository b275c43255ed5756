"""Asking a mediator from the composer: emptied once the words are in the queue, and only then; and what is remembered."""

import html
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import memory
from app.hub import Hub
from app.models import Draft, Mediation, Message
from tests.web.conftest import HTMX, Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_translating import GERMAN, ROMANIAN, all_of, form, seen, to_of

CHECK = 'name="check"'


@pytest.fixture
def toys(hub: Hub, toy_packages: Path) -> Path:
    shutil.copytree(toy_packages, hub.settings.packages_dir)
    return hub.settings.packages_dir


@pytest.fixture
async def ana(browse: NewBrowser, street: Street) -> Browser:
    return await browse("ana@example.org")


async def asked(hub: Hub) -> list[Mediation]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(Mediation).order_by(Mediation.id)))


async def test_in_the_queue_and_out_of_the_composer(ana: Browser, hub: Hub, street: Street, toys: Path) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    assert CHECK in (await ana.get(path)).text
    await ana.post(f"{path}/draft", {"kind": "reply", "text": GERMAN})
    changed = seen(to) | {"translation": ROMANIAN + "!", "check": "1"}
    done = await ana.post(f"{path}/reply", changed, headers=HTMX)
    assert done.status_code == 200
    assert ROMANIAN not in html.unescape(done.text)
    (row,) = await asked(hub)
    assert (row.original, row.draft, row.language, row.kind) == (GERMAN, ROMANIAN + "!", "ro", "reply")
    assert await all_of(hub) == []
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(Draft))).all() == []
    page = html.unescape((await ana.get(path)).text)
    assert "a mediator checks this before it is sent" in page
    assert "Next in the queue for Romanian" in page


async def test_without_packages_the_mediator_translates(ana: Browser, hub: Hub, street: Street) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    assert CHECK in (await ana.get(path)).text
    refused = await ana.post(f"{path}/reply", form(to), headers=HTMX)
    assert refused.status_code == 409
    assert CHECK in refused.text
    assert (await ana.post(f"{path}/reply", form(to, check="1"))).status_code == 303
    (row,) = await asked(hub)
    assert (row.original, row.draft) == (GERMAN, "")


async def test_what_can_not_be_checked_stays_in_the_composer(
    ana: Browser, hub: Hub, street: Street, toys: Path
) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    old = f"{to.partition(':')[0]}:0"
    for values, status, words in (
        (seen(to, send_at="2030-01-01T10:00"), 422, "A mediator checks words only"),
        (seen(to, text="Termin: {date}"), 422, "Something still stands empty"),
        (seen(old), 409, "went on while you wrote"),
        (form(to, text=" "), 422, "Write something first"),
    ):
        refused = await ana.post(f"{path}/reply", values | {"check": "1"}, headers=HTMX)
        assert (refused.status_code, words in refused.text) == (status, True), words
        if values["text"].strip():
            assert f">{values['text']}</textarea>" in html.unescape(refused.text)
    assert await asked(hub) == []


async def test_the_preview_says_that_it_remembers(ana: Browser, hub: Hub, street: Street, toys: Path) -> None:
    path, to = f"/inbox/{street.urgent.id}", await to_of(hub, street.urgent)
    await ana.get(path)
    async with hub.db.transaction() as session:
        newest = await session.scalar(sa.select(sa.func.max(Message.id)))
        await memory.learn(
            session, source="de", target="ro", original=GERMAN, draft=ROMANIAN, final="Primiți 450 € mâine.",
            origin="mediation", user=street.boris, message_id=newest,
        )  # fmt: skip
    text = GERMAN.replace("450", "500")
    made = html.unescape((await ana.post(f"{path}/translate", {"text": text}, headers=HTMX)).text)
    assert "Primiți 500 € mâine." in made
    assert "from memory" in made
    assert "over English" not in made
    shutil.rmtree(toys)  # what is remembered needs no package
    assert (await ana.post(f"{path}/reply", form(to, text))).status_code == 303
    (message,) = await all_of(hub)
    assert message.text == "Primiți 500 € mâine."
