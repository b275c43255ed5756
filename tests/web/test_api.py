"""The API, as a program meets it: scopes, the colleague's rights, replies that a retry never doubles."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app import auth, teams, tokens
from app.hub import Hub
from app.models import ApiToken, AuditEntry, Case, Message, User
from tests.web.cast import add_user
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

EVERYTHING = tokens.SCOPES


async def token_for(hub: Hub, user: User, *scopes: str, days: int = 30) -> str:
    async with hub.db.transaction() as session:
        return await tokens.make_token(session, user, "test", scopes or EVERYTHING, days, hub.now(), by=user)


async def ask(browser: Browser, token: str, method: str, path: str, **values: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} | values.pop("headers", {})
    return await browser.http.request(method, f"/api/v1{path}", headers=headers, **values)


@pytest.fixture
async def anas(hub: Hub, street: Street) -> str:
    return await token_for(hub, street.ana)


async def test_reads_cases_messages_and_people_without_addresses(browse: NewBrowser, street: Street, anas: str) -> None:
    browser = await browse()
    listed = (await ask(browser, anas, "GET", "/cases?limit=2")).json()
    assert listed["items"][0]["id"] == street.urgent.id
    more = (await ask(browser, anas, "GET", f"/cases?limit=2&before={listed['next']}")).json()
    assert not {case["id"] for case in listed["items"]} & {case["id"] for case in more["items"]}
    one = (await ask(browser, anas, "GET", f"/cases/{street.urgent.id}")).json()
    assert (one["contact"], one["urgency"], one["language"]) == ("Ruhige Amsel 17", "urgent", "ro")
    page = (await ask(browser, anas, "GET", f"/cases/{street.wages.id}/messages?limit=3")).json()
    older = (await ask(browser, anas, "GET", f"/cases/{street.wages.id}/messages?before={page['next']}")).json()
    assert page["items"][-1]["id"] > older["items"][0]["id"]
    people = (await ask(browser, anas, "GET", "/contacts")).json()["items"]
    person = (await ask(browser, anas, "GET", f"/contacts/{one['contact_id']}")).json()
    assert person in people
    assert set(person) == {"id", "name", "language", "place", "facts"}


async def test_a_retry_never_sends_twice(hub: Hub, browse: NewBrowser, street: Street, anas: str) -> None:
    browser = await browse()
    path = f"/cases/{street.urgent.id}/replies"
    body = {"conversation_id": street.urgent.conversation_id, "text": "Sunt aici.", "seen_seq": 2}
    key = {"idempotency-key": "abc"}
    tries = await asyncio.gather(*(ask(browser, anas, "POST", path, json=body, headers=key) for _ in range(4)))
    assert sorted(answer.status_code for answer in tries) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in tries}) == 1
    other = await ask(browser, anas, "POST", path, json=body | {"text": "Altceva"}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
    stale = await ask(browser, anas, "POST", path, json=body, headers={"idempotency-key": "new"})
    assert (stale.status_code, stale.json()["error"]["last_seq"]) == (409, 3)
    missing = await ask(browser, anas, "POST", path, json=body)
    assert (missing.status_code, missing.json()["error"]["code"]) == (422, "bad_input")
    async with hub.db.transaction() as session:
        sent = await session.scalar(sa.select(sa.func.count()).where(Message.text == "Sunt aici."))
        logged = (await session.scalars(sa.select(AuditEntry).where(AuditEntry.kind == "replied"))).all()
    assert sent == 1
    assert all(entry.token_id for entry in logged)
    assert not any("Sunt" in str(entry.data) for entry in logged)


async def test_notes_and_closing(browse: NewBrowser, street: Street, anas: str) -> None:
    browser = await browse()
    path = f"/cases/{street.urgent.id}"
    assert (await ask(browser, anas, "POST", f"{path}/notes", json={"text": "called"})).status_code == 201
    assert (await ask(browser, anas, "POST", f"{path}/notes", json={"text": " "})).status_code == 422
    for _ in range(2):
        assert (await ask(browser, anas, "POST", f"{path}/close")).json()["status"] == "closed"


async def test_cases_are_taken_released_handed_over_and_tagged(
    hub: Hub, browse: NewBrowser, street: Street, anas: str
) -> None:
    browser, boris = await browse(), await token_for(hub, street.boris)
    path = f"/cases/{street.urgent.id}"
    assert (await ask(browser, anas, "POST", f"{path}/take")).json()["assignee_id"] == street.ana.id
    assert (await ask(browser, boris, "POST", f"{path}/take")).status_code == 409
    assert (await ask(browser, anas, "POST", f"{path}/release")).json()["assignee_id"] is None
    to_boris = {"colleague_id": street.boris.id, "seen_assignee_id": None, "note": "please"}
    assert (await ask(browser, anas, "POST", f"{path}/hand-over", json=to_boris)).json()[
        "assignee_id"
    ] == street.boris.id
    assert (await ask(browser, anas, "POST", f"{path}/hand-over", json=to_boris)).status_code == 409, "seen nobody"
    seen = {"seen_assignee_id": street.boris.id}
    for bad in (seen, seen | {"team_id": 1, "colleague_id": 1}, seen | {"colleague_id": 10**18}, {"colleague_id": 1}):
        assert (await ask(browser, anas, "POST", f"{path}/hand-over", json=bad)).status_code == 422
    assert (await ask(browser, anas, "POST", f"{path}/tags", json={"name": "tour"})).json()["tags"] == ["tour"]
    assert (await ask(browser, anas, "POST", f"{path}/tags/remove", json={"name": "tour"})).json()["tags"] == []


async def test_what_was_handed_out_of_sight_is_gone_for_its_giver(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        dora = await add_user(session, "Dora Klein")
        form = teams.Form("Wuppertal", "", {"wuppertal"}, {dora.id})
        await teams.create(session, hub.shelf.library, street.admin, form)
        form = teams.Form("Weissenfels", "", {"weissenfels"}, {street.ana.id})
        there = await teams.create(session, hub.shelf.library, street.admin, form)
        (await session.get_one(Case, street.wages.id)).assignee_id = dora.id
    browser, token = await browse(), await token_for(hub, dora)
    path = f"/cases/{street.wages.id}"
    choice = (await ask(browser, token, "GET", f"{path}/assignable")).json()
    assert [one["name"] for one in choice["colleagues"]] == ["Ana Petrova", "Boris Lange", "Chris Admin", "Dora Klein"]
    given = {"team_id": there.id, "seen_assignee_id": dora.id}
    assert (await ask(browser, token, "POST", f"{path}/hand-over", json=given)).status_code == 204
    assert (await ask(browser, token, "GET", path)).status_code == 404


async def test_notes_are_read_by_page(browse: NewBrowser, street: Street, anas: str) -> None:
    browser = await browse()
    path = f"/cases/{street.urgent.id}/notes"
    for words in ("one", "two", "three"):
        await ask(browser, anas, "POST", path, json={"text": words})
    first = (await ask(browser, anas, "GET", f"{path}?limit=2")).json()
    rest = (await ask(browser, anas, "GET", f"{path}?limit=2&before={first['next']}")).json()
    assert [note["text"] for note in first["items"] + rest["items"]] == ["three", "two", "one"]
    assert rest["next"] is None


async def test_a_token_does_what_it_says_and_no_more(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    only_reads = await token_for(hub, street.ana, "cases:read")
    refused = await ask(browser, only_reads, "GET", "/contacts")
    assert refused.status_code == 403
    assert refused.json() == {"error": {"code": "not_allowed", "message": "Das darf dieses Token nicht."}}
    assert (await ask(browser, only_reads, "POST", f"/cases/{street.urgent.id}/close")).status_code == 403
    assert (await ask(browser, "swh_nonsense", "GET", "/cases")).status_code == 401
    assert (await browser.http.get("/api/v1/cases")).status_code == 401, "a signed-in browser's cookie opens nothing"


async def test_tokens_end_with_their_time_their_colleague_and_when_revoked(
    hub: Hub, browse: NewBrowser, street: Street, anas: str
) -> None:
    browser = await browse()
    async with hub.db.transaction() as session:
        token = await session.scalar(sa.select(ApiToken))
        assert token is not None
        token.expires_at = hub.now() - timedelta(seconds=1)
    assert (await ask(browser, anas, "GET", "/cases")).status_code == 401
    second = await token_for(hub, street.ana)
    assert (await ask(browser, second, "GET", "/cases")).status_code == 200
    async with hub.db.transaction() as session:
        await auth.disable_user(session, "ana@example.org", hub.now())
    assert (await ask(browser, second, "GET", "/cases")).status_code == 401


async def test_programs_that_hurry_are_slowed_down(
    browse: NewBrowser, street: Street, anas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "BURST", 3)
    browser = await browse()
    answers = [(await ask(browser, anas, "GET", "/cases")).status_code for _ in range(6)]
    assert answers[:3] == [200, 200, 200]
    assert 429 in answers


async def test_tokens_are_made_and_revoked_on_pages_and_shown_once(browse: NewBrowser, street: Street) -> None:
    ana, chris = await browse("ana@example.org"), await browse("chris@example.org")
    form = {"name": "Statistics", "scopes": ["cases:read"], "days": "30"}
    page = (await ana.post("/account/tokens", form)).text
    made = page.split('id="new-token">')[1].split("<")[0]
    assert (await ask(ana, made, "GET", "/cases")).status_code == 200
    assert made not in (await ana.get("/account")).text
    for wrong in (form | {"scopes": ["root"]}, form | {"name": ""}, form | {"days": "9999"}):
        assert (await ana.post("/account/tokens", wrong)).status_code == 422
    assert (await chris.post("/account/tokens/1/revoke")).status_code == 303, "an admin revokes anybody's"
    assert (await ask(ana, made, "GET", "/cases")).status_code == 401
    for_ana = (await chris.post("/admin/tokens", form | {"user_id": str(street.ana.id)})).text
    made = for_ana.split('id="new-token">')[1].split("<")[0]
    assert (await ask(ana, made, "GET", "/cases")).status_code == 200
    boris = await browse("boris@example.org")
    assert (await boris.post("/account/tokens/2/revoke")).status_code == 404
    assert "Statistics" in (await chris.get("/admin/tokens")).text
    assert (await chris.post("/admin/tokens/2/revoke")).status_code == 303
    assert (await ask(ana, made, "GET", "/cases")).status_code == 401


async def test_the_description_names_every_route_of_the_api_and_no_page(browse: NewBrowser) -> None:
    described = (await (await browse()).http.get("/api/v1/openapi.json")).json()
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    for step in ("replies", "take", "release", "hand-over", "close", "notes", "tags"):
        assert f"/api/v1/cases/{{case_id}}/{step}" in described["paths"]
    assert "HTTPBearer" in described["components"]["securitySchemes"]
