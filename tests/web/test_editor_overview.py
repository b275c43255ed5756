"""The editor's first page and its search, with the starter content."""

import pytest

from app.editor.approving import approve
from app.editor.drafts import open_piece, save
from app.editor.overview import look, look_longer
from app.hub import Hub
from app.models import Gap
from app.publishing import publish_version
from tests.editor.test_drafts import KEY, with_label
from tests.web.conftest import HTMX, NewBrowser
from tests.web.street import Street


async def changed(hub: Hub, street: Street, label: str = "Заплата!") -> None:
    """Boris changes a Bulgarian label."""
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "entry", KEY)
        await save(hub, session, street.boris, "entry", KEY, with_label(piece.data, label), seen=piece.revision)


async def test_who_wrote_it_sees_it_in_progress_and_others_are_asked_to_approve(hub: Hub, street: Street) -> None:
    await changed(hub, street)
    async with hub.db.transaction() as session:
        mine = {group.name: group for group in await look(hub, session, street.boris)}
        theirs = {group.name: group for group in await look(hub, session, street.admin)}
    assert [(item.key, item.own, item.why) for item in mine["drafts"].items] == [(KEY, True, "waits")]
    assert [(item.key, item.languages, item.detail) for item in theirs["approve"].items] == [
        (KEY, ("bg",), "Boris Lange")
    ]
    assert mine["approve"].count == theirs["drafts"].count == 0


async def test_what_is_approved_is_ready(hub: Hub, street: Street) -> None:
    await changed(hub, street)
    async with hub.db.transaction() as session:
        await approve(hub, session, street.admin, "entry", KEY, "bg", seen=1)
        (item,) = next(g.items for g in await look(hub, session, street.boris) if g.name == "drafts")
    assert item.why == "ready"


async def test_a_changed_german_text_makes_the_others_old(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "entry", KEY)
        await publish_version(session, "entry", KEY, with_label(piece.data, "Lohn!", "de"), origin="hub")
        (item,) = next(g.items for g in await look(hub, session, street.boris) if g.name == "older")
    assert (item.key, item.languages) == (KEY, ("bg", "ro", "uk", "en"))


async def test_unanswered_questions_stand_in_groups(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        groups = {group.name: group for group in await look_longer(hub, session)}
        assert groups["dialogues"].items == ()
        assert groups["questions"].count == len((await session.scalars(Gap.__table__.select())).all())


async def test_the_page_names_what_needs_somebody_and_where(hub: Hub, street: Street, browse: NewBrowser) -> None:
    await changed(hub, street)
    browser = await browse(street.admin.email)
    page = (await browser.get("/editor")).text
    assert f'href="/editor/pieces/entry/{KEY}"' in page
    assert 'href="/editor/approvals#in-bg"' in page
    assert "Waiting for your approval" in page
    async with hub.db.transaction() as session:
        figure = await open_piece(session, "figure", "minimum_wage")
        data = {**figure.data, "source": {**figure.data["source"], "law": "MiLoV6"}}
        await save(hub, session, street.boris, "figure", "minimum_wage", data, seen=figure.revision)
    assert "Structure and facts" in (await browser.get("/editor")).text, "as the figure's own page calls it"
    part = await browser.get("/editor/longer", **HTMX)
    assert "Nothing to do:" in part.text
    assert (await browser.get("/editor/longer")).headers["location"] == "/editor"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zaplata", "/editor/entries/work.wage_unpaid#language-bg"),
        ("minimum wage", "/editor/figures/minimum_wage"),
        ("Mindestlohn", "/editor/entries/work.minimum_wage#language-de"),
        ("salariul minim", "/editor/entries/work.minimum_wage#language-ro"),
        ("kundigung", "/editor/flows/dismissal?node="),
    ],
)
async def test_any_spelling_finds_the_place(street: Street, browse: NewBrowser, words: str, found: str) -> None:
    browser = await browse("boris@example.org")
    answer = await browser.post("/editor/search", {"words": words})
    assert answer.status_code == 200
    assert found in answer.text
    assert "<mark>" in answer.text


async def test_words_of_a_draft_are_found_and_said_to_be_one(hub: Hub, street: Street, browse: NewBrowser) -> None:
    browser = await browse("boris@example.org")
    assert "Nothing found" in (await browser.post("/editor/search", {"words": "крокодил"})).text
    await changed(hub, street, "Крокодил")
    page = (await browser.post("/editor/search", {"words": "krokodil"})).text
    assert "<mark>Крокодил</mark>" in page
    assert "in the draft" in page


async def test_a_search_that_can_not_be_says_why(street: Street, browse: NewBrowser) -> None:
    browser = await browse("boris@example.org")
    answer = await browser.post("/editor/search", {"words": "a"})
    assert answer.status_code == 422
    assert "at least two letters" in answer.text
    more = (await browser.post("/editor/search", {"words": "arbeit", "only": "entry"})).text
    assert 'id="kind-entry"' in more
    assert 'id="kind-flow"' not in more
