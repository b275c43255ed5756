"""What the palette asks, and what it and the account keep: cases by name, colours and shortcuts."""

import pytest
import sqlalchemy as sa

from app import teams
from app.hub import Hub
from app.models import User
from tests.web.cast import add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("amsel", ["Ruhige Amsel 17"]),
        ("MOWE 88", ["Silberne Möwe 88"]),
        ("möwe", ["Silberne Möwe 88"]),
        ("weisse", []),
        ("weise taube", ["Weiße Taube 31"]),
        ("ente", ["Kleine Ente 61"]),
        ("a", []),
        ("%%", []),
        ("x" * 200, []),
    ],
)
async def test_cases_are_found_by_name(browse: NewBrowser, street: Street, words: str, found: list[str]) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.post("/inbox/find", {"words": words})).text
    assert page.count('role="option"') == len(found)
    assert all(f"<span>{name}</span>" in page for name in found)


async def test_only_cases_that_one_may_see_are_found(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        otto = await add_user(session, "Otto Outsider")
        await add_user(session, "Mila Mediator", "mediator")
        form = teams.Form("Elsewhere", "", {"wuppertal"}, {otto.id})
        await teams.create(session, hub.shelf.library, street.admin, form)
    browser = await browse("otto@example.org")
    assert "Amsel" not in (await browser.post("/inbox/find", {"words": "amsel"})).text
    assert "Muntere Eule" in (await browser.post("/inbox/find", {"words": "eule"})).text
    assert (await (await browse("mila@example.org")).post("/inbox/find", {"words": "amsel"})).status_code == 403


async def test_coordinators_find_texts_by_name(street: Street, browse: NewBrowser) -> None:
    browser = await browse("boris@example.org")
    page = (await browser.post("/inbox/find", {"words": "mindestlo"})).text
    assert 'data-href="/editor/entries/work.minimum_wage"' in page
    assert 'data-href="/editor/flows/dismissal"' in (await browser.post("/inbox/find", {"words": "gekundigt"})).text
    assert 'href="/editor/gaps"' in (await browser.get("/inbox")).text
    colleague = await browse("ana@example.org")
    assert "option" not in (await colleague.post("/inbox/find", {"words": "mindestlo"})).text
    assert "/editor/" not in (await colleague.get("/inbox")).text


async def test_the_desk_behaves_as_chosen(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    page = (await browser.get("/inbox")).text
    assert 'media="(prefers-color-scheme: dark)"' in page
    assert 'content="light dark"' in page
    assert "data-works" in page
    chosen = {"theme": "dark"}  # the box for shortcuts is not ticked
    assert (await browser.post("/account/desk", chosen)).headers["location"] == "/account?done=saved"
    page = (await browser.get("/inbox")).text
    assert 'media="all"' in page
    assert 'content="dark"' in page
    assert "data-works" not in page
    assert (await browser.post("/account/theme", {"theme": "light"})).status_code == 204
    assert 'media="not all"' in (await browser.get("/account")).text
    for path in ("/account/desk", "/account/theme"):
        refused = await browser.post(path, {"theme": "pink"})
        assert refused.status_code == 422
        assert "There are no such colours." in refused.text
    async with hub.db.transaction() as session:
        options = await session.scalar(sa.select(User.options).where(User.id == street.ana.id))
    assert options == {"theme": "light", "shortcuts": False, "sound": False}


async def test_the_sheet_of_shortcuts_names_only_what_its_reader_may_do(street: Street, browse: NewBrowser) -> None:
    for who, approves in (("ana", False), ("boris", True)):
        page = (await (await browse(f"{who}@example.org")).get("/inbox")).text
        assert ("#read-approve" in page) == approves
