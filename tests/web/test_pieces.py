"""Pages on which a draft is looked at, approved, published, put together with another, and gone back from."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app.editor.drafts import Piece, open_drafts, open_piece, save
from app.hub import Hub
from app.models import User
from app.publishing import publish_version
from flows.services import TIMEZONE
from tests.editor.test_drafts import KEY, with_label
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

PATH = f"/editor/pieces/entry/{KEY}"


async def opened(hub: Hub) -> Piece:
    async with hub.db.transaction() as session:
        return await open_piece(session, "entry", KEY)


async def saved(hub: Hub, user: User, label: str, language: str = "bg") -> Piece:
    piece = await opened(hub)
    async with hub.db.transaction() as session:
        data = with_label(piece.data, label, language)
        return await save(hub, session, user, "entry", KEY, data, seen=piece.revision)


async def goes_live(hub: Hub, label: str, language: str = "bg") -> None:
    live = (await opened(hub)).live
    assert live is not None
    async with hub.db.transaction() as session:
        await publish_version(session, "entry", KEY, with_label(live.data, label, language), origin="file")


@pytest.fixture
async def boris(browse: NewBrowser, street: Street) -> Browser:
    return await browse("boris@example.org")


@pytest.fixture
async def chris(browse: NewBrowser, street: Street) -> Browser:
    return await browse("chris@example.org")


async def test_from_draft_to_live_by_two_people_and_back(
    hub: Hub, street: Street, boris: Browser, chris: Browser
) -> None:
    await saved(hub, street.boris, "Заплата сега")
    page = (await boris.get(PATH)).text
    assert 'lang="en">put in: </span>Заплата сега</ins>' in page, re.findall(r'(?s)<p class="words.*?</p>', page)
    assert "You wrote this yourself" in page
    refused = await boris.post(f"{PATH}/approve", {"aspect": "bg", "seen": 1})
    assert (refused.status_code, "You wrote this yourself." in refused.text) == (403, True)
    refused = await boris.post(f"{PATH}/publish", {"seen": 1, "note": "shorter"})
    assert refused.status_code == 422
    assert "Still to be approved: Bulgarian" in refused.text
    assert 'value="shorter"' in refused.text
    done = await chris.post(f"{PATH}/approve", {"aspect": "bg", "seen": 1})
    assert done.headers["location"] == f"{PATH}?done=approved"
    done = await boris.post(f"{PATH}/publish", {"seen": 1, "note": "shorter"})
    assert done.headers["location"] == f"{PATH}?done=published"
    page = (await boris.get(done.headers["location"])).text
    assert "Version 2 is live now." in page
    assert f"/abc/en/{KEY}" in page
    page = (await boris.get(f"{PATH}/versions")).text
    assert "shorter" in page
    assert "Bulgarian (Chris Admin)" in page
    page = (await boris.get(f"{PATH}/versions/1")).text
    assert "Back to version 1?" in page
    await boris.post(f"{PATH}/versions/1", {"note": "too short"})
    live = (await opened(hub)).live
    assert live is not None
    assert (live.version, live.note, live.data["answers"]["bg"]["label"] != "Заплата сега") == (3, "too short", True)
    again = await boris.post(f"{PATH}/versions/3")
    assert again.status_code == 409


async def test_a_page_that_is_older_than_the_draft_approves_nothing(hub: Hub, street: Street, chris: Browser) -> None:
    await saved(hub, street.boris, "Едно")
    await saved(hub, street.boris, "Две")
    refused = await chris.post(f"{PATH}/approve", {"aspect": "bg", "seen": 1})
    assert refused.status_code == 409
    assert "Boris Lange has changed this meanwhile." in refused.text
    assert "Две" in refused.text


async def test_it_is_planned_for_a_time_and_taken_back(
    hub: Hub, street: Street, boris: Browser, chris: Browser
) -> None:
    await saved(hub, street.boris, "Утре")
    await chris.post(f"{PATH}/approve", {"aspect": "bg", "seen": 1})
    past = (hub.now() - timedelta(days=1)).astimezone(TIMEZONE).strftime("%Y-%m-%dT%H:%M")
    refused = await boris.post(f"{PATH}/publish", {"seen": 1, "when": "later", "at": past})
    assert "This time has passed" in refused.text
    at = (hub.now() + timedelta(days=2)).astimezone(TIMEZONE).replace(second=0, microsecond=0)
    await boris.post(f"{PATH}/publish", {"seen": 1, "when": "later", "at": at.strftime("%Y-%m-%dT%H:%M")})
    draft = (await opened(hub)).draft
    assert draft is not None
    assert draft.publish_at == at
    assert "It goes live by itself" in (await boris.get(PATH)).text
    await boris.post(f"{PATH}/unschedule", {"seen": 1})
    draft = (await opened(hub)).draft
    assert draft is not None
    assert draft.publish_at is None


async def test_a_draft_is_thrown_away_and_had_back(hub: Hub, street: Street, boris: Browser) -> None:
    await saved(hub, street.boris, "Пак")
    await boris.get(PATH)
    await boris.post(f"{PATH}/discard", {"seen": 1})
    assert (await opened(hub)).draft is None
    page = (await boris.get(PATH)).text
    draft = re.search(r'name="draft"\s+value="(\d+)"', page)
    assert draft is not None
    await boris.post(f"{PATH}/restore", {"draft": draft[1]})
    piece = await opened(hub)
    assert piece.changed == {"bg"}
    assert piece.draft is not None
    assert piece.draft.authors == {"bg": [street.boris.id]}
    assert (await boris.post(f"{PATH}/restore", {"draft": draft[1]})).status_code == 404


async def test_an_outdated_draft_and_what_went_live_are_put_together(hub: Hub, street: Street, boris: Browser) -> None:
    await saved(hub, street.boris, "Мое")
    await goes_live(hub, "Salariul meu", "ro")
    page = (await boris.get(PATH)).text
    assert "Put both together" in page
    page = (await boris.get(f"{PATH}/together")).text
    assert "touch the same places" in page
    await boris.post(f"{PATH}/together", {"seen": 1})
    piece = await opened(hub)
    assert (piece.outdated, piece.changed) == (False, {"bg"})
    assert piece.data["answers"]["ro"]["label"] == "Salariul meu"


async def test_what_both_changed_is_chosen(hub: Hub, street: Street, boris: Browser) -> None:
    await saved(hub, street.boris, "Мое")
    await goes_live(hub, "Тяхно")
    page = (await boris.get(f"{PATH}/together")).text
    field = "choose answers/bg/label"
    assert page.count(f'name="{field}"') == 2
    refused = await boris.post(f"{PATH}/together", {"seen": 1})
    assert refused.status_code == 422
    refused = await boris.post(f"{PATH}/together", {"seen": 0, field: "theirs"})
    assert refused.status_code == 409
    await boris.post(f"{PATH}/together", {"seen": 1, field: "theirs"})
    piece = await opened(hub)
    assert (piece.outdated, piece.data["answers"]["bg"]["label"]) == (False, "Тяхно")


async def test_what_blocks_it_leads_to_where_it_is_mended(hub: Hub, street: Street, boris: Browser) -> None:
    piece = await opened(hub)
    data: dict[str, Any] = {**piece.data, "next": ["work.nowhere"]}
    async with hub.db.transaction() as session:
        await save(hub, session, street.boris, "entry", KEY, data, seen=0)
    page = (await boris.get(PATH)).text
    assert "work.nowhere" in page
    assert f'href="/editor/entries/{KEY}"' in page


async def test_a_figure_and_what_the_checks_find_are_said_in_words(hub: Hub, street: Street, boris: Browser) -> None:
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "figure", "minimum_wage")
        values = [
            value | {"value": "14.75"} if value["since"] == "2027-01-01" else value for value in piece.data["values"]
        ]
        assert values != piece.data["values"]
        await save(hub, session, street.boris, "figure", "minimum_wage", {**piece.data, "values": values}, seen=0)
    page = (await boris.get("/editor/pieces/figure/minimum_wage")).text
    assert page.count('class="difference"') == 1
    assert "Value from Jan 1, 2027" in page
    assert "14.75</ins>" in page
    assert "2027-01-01" not in page


async def test_a_broken_flow_is_said_as_in_its_editor(hub: Hub, street: Street, boris: Browser) -> None:
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "flow", "arrival")
        job = piece.data["nodes"]["job"] | {"if_yes": None, "field": None}
        data = {**piece.data, "nodes": piece.data["nodes"] | {"job": job}}
        await save(hub, session, street.boris, "flow", "arrival", data, seen=0)
    page = (await boris.get("/editor/pieces/flow/arrival")).text
    assert "give &#39;next&#39;" not in page
    assert "leads nowhere yet" in page
    assert "choose what the answer is remembered as" in page
    assert "/editor/flows/arrival?node=job#" in page


async def test_all_dialogues_that_a_flow_changes_are_taken_together(hub: Hub, street: Street, boris: Browser) -> None:
    path = "/editor/pieces/flow/arrival"
    async with hub.db.transaction() as session:
        piece = await open_piece(session, "flow", "arrival")
        where = piece.data["nodes"]["job"]
        text = {code: f"{words} 👷" for code, words in where["text"].items()}
        data = {**piece.data, "nodes": piece.data["nodes"] | {"job": where | {"text": text}}}
        saved = await save(hub, session, street.boris, "flow", "arrival", data, seen=0)
    page = (await boris.get(path)).text
    assert page.count("/editor/transcripts/arrival_") >= 4
    assert "👷</ins>" in page
    assert (await boris.post(f"{path}/dialogues", {"seen": saved.revision + 1})).status_code == 409
    assert (await boris.post(f"{path}/dialogues", {"seen": saved.revision})).status_code == 303
    page = (await boris.get(path)).text
    assert "would say something else" not in page
    async with hub.db.transaction() as session:
        drafts = {each.key for each in await open_drafts(session) if each.kind == "transcript"}
    assert "arrival_bg_whatsapp_eu_family" in drafts
