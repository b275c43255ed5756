"""Whose cases somebody sees: teams by places, what is shared, what is logged."""

import pytest
import sqlalchemy as sa

from app import cases, lists, teams
from app.errors import NotFound
from app.hub import Hub
from app.models import AuditEntry, Case, Team, User
from app.rights import visible_cases
from tests.web.cast import add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street

CHRIS, DORA = "chris@example.org", "dora@example.org"


async def make_team(hub: Hub, street: Street, name: str, places: set[str], *members: User) -> Team:
    async with hub.db.transaction() as session:
        form = teams.Form(name, "Stadt", places, {member.id for member in members})
        return await teams.create(session, hub.shelf.library, street.admin, form)


@pytest.fixture
async def dora(hub: Hub, street: Street) -> User:
    """Works in Wuppertal only. The street's wages and urgent cases are in Weißenfels."""
    async with hub.db.transaction() as session:
        made = await add_user(session, "Dora Klein")
    await make_team(hub, street, "Wuppertal", {"wuppertal"}, made)
    return made


async def seen(hub: Hub, user: User) -> set[int]:
    async with hub.db.transaction() as session:
        return set(await session.scalars(sa.select(Case.id).where(visible_cases(user))))


async def everything(hub: Hub) -> set[int]:
    async with hub.db.transaction() as session:
        return set(await session.scalars(sa.select(Case.id)))


async def test_a_team_sees_its_places_and_nobody_elses_business_changes(hub: Hub, street: Street, dora: User) -> None:
    everywhere = await everything(hub)
    for user in (street.ana, street.boris, street.admin):
        assert await seen(hub, user) == everywhere, "without a team, coordinator, admin"
    theirs = await seen(hub, dora)
    assert street.closed.id in theirs
    assert not {street.wages.id, street.urgent.id} & theirs


async def test_what_else_opens_a_case(hub: Hub, street: Street, dora: User) -> None:
    for change in ({"place": ""}, {"assignee_id": dora.id}, {"team": "wuppertal"}, {"place": "wuppertal"}):
        async with hub.db.transaction() as session:
            case = await session.get_one(Case, street.urgent.id)
            before = {key: getattr(case, key) for key in change}
            for key, value in change.items():
                setattr(case, key, value)
        assert street.urgent.id in await seen(hub, dora), change
        async with hub.db.transaction() as session:
            case = await session.get_one(Case, street.urgent.id)
            for key, value in before.items():
                setattr(case, key, value)
    assert street.urgent.id not in await seen(hub, dora)


async def test_a_team_without_places_and_a_district(hub: Hub, street: Street, dora: User) -> None:
    district = await make_team(hub, street, "Kreis", {"burgenlandkreis"}, dora)
    assert "weissenfels" in district.places
    assert street.urgent.id in await seen(hub, dora)
    async with hub.db.transaction() as session:
        form = teams.Form("Kreis", "", set(), {dora.id})
        await teams.change(session, hub.shelf.library, street.admin, district.id, form)
    assert await seen(hub, dora) == await everything(hub)


async def test_mediators_see_none(hub: Hub, street: Street) -> None:
    async with hub.db.transaction() as session:
        mediator = await add_user(session, "Mila", "mediator")
    assert await seen(hub, mediator) == set()


async def test_a_foreign_case_does_not_exist_for_pages_and_services(
    hub: Hub, browse: NewBrowser, street: Street, dora: User
) -> None:
    browser = await browse(DORA)
    page = (await browser.get("/inbox?view=all")).text
    assert "Ruhige Amsel 17" not in page
    assert "Muntere Eule 23" in page
    path = f"/inbox/{street.urgent.id}"
    assert (await browser.get(path)).status_code == 404
    for step in ("take", "close", "note", "reply", "share/1"):
        data = {"text": "x", "to": f"{street.urgent.conversation_id}:2"}
        assert (await browser.post(f"{path}/{step}", data)).status_code == 404, step
    async with hub.db.transaction() as session:
        listed = await lists.list_cases(hub, session, dora, view="all")
        assert listed.counts["all"] == len(listed.items)
        with pytest.raises(NotFound):
            await cases.access_case(session, dora, street.wages.id, lock=True)


async def test_sharing_is_one_step_logged_and_can_be_ended(
    hub: Hub, browse: NewBrowser, street: Street, dora: User
) -> None:
    ana, other = await browse("ana@example.org"), await browse(DORA)
    async with hub.db.transaction() as session:
        (team,) = (await session.scalars(sa.select(Team))).all()
    path = f"/inbox/{street.urgent.id}"
    assert "Wuppertal" in (await ana.get(f"{path}/share")).text
    for _ in range(2):
        assert (await ana.post(f"{path}/share/{team.id}")).headers["location"] == path
    page = (await other.get(path)).text
    assert page.count("Shared with a team → Wuppertal") + page.count("Shared with a team: Ana Petrova → Wuppertal") == 1
    ended = await other.post(f"{path}/share/{team.id}/end")
    assert ended.headers["location"] == "/inbox"
    assert (await other.get(path)).status_code == 404
    async with hub.db.transaction() as session:
        query = sa.select(AuditEntry).where(AuditEntry.case_id == street.urgent.id).order_by(AuditEntry.id)
        logged = [(entry.kind, entry.data.get("event")) for entry in await session.scalars(query)]
    assert logged == [("changed", "shared"), ("read", None), ("changed", "unshared")]


async def test_admins_keep_teams(hub: Hub, browse: NewBrowser, street: Street) -> None:
    browser = await browse(CHRIS)
    form = {"name": "Mobile Beratung", "organisation": "Caritas", "places": ["wuppertal", "nowhere"]}
    assert (await browser.post("/admin/teams", form | {"members": [str(street.ana.id), "99999"]})).status_code == 303
    assert (await browser.post("/admin/teams", form)).status_code == 409
    assert (await browser.post("/admin/teams", form | {"name": " "})).status_code == 422
    page = (await browser.get("/admin/teams")).text
    for words in ("Mobile Beratung", "Caritas", "Wuppertal", "Ana Petrova"):
        assert words in page
    async with hub.db.transaction() as session:
        (team,) = (await session.scalars(sa.select(Team))).all()
        assert (team.slug, team.places) == ("mobile-beratung", ["wuppertal"])
    assert (await browser.get(f"/admin/teams/{team.id}")).text.count("checked") == 2
    await browser.post(f"/admin/teams/{team.id}", {"name": "Neu", "members": []})
    assert "nobody yet" in (await browser.get("/admin/teams")).text
    assert (await browser.get("/admin/teams/999")).status_code == 404


async def test_the_log_is_filtered_and_paged(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, chris = await browse("ana@example.org"), await browse(CHRIS)
    for _ in range(3):
        await ana.get(f"/inbox/{street.wages.id}")
    await ana.post(f"/inbox/{street.urgent.id}/take")
    await ana.post(f"/inbox/{street.urgent.id}/note", {"text": "a secret of the person"})
    page = (await chris.get("/admin/audit")).text
    assert page.count("<td>Read a case") == 1, "an open page that fetches again is one reading"
    assert "Changed a case: Taken" in page
    assert "secret" not in page
    only = (await chris.get(f"/admin/audit?kind=changed&colleague={street.ana.id}&case={street.urgent.id}")).text
    assert "<td>Read a case" not in only
    assert only.count("<td>Changed a case") == 2
    assert (await chris.get("/admin/audit?case=x")).status_code == 422
    async with hub.db.transaction() as session:
        session.add_all([AuditEntry(kind="exported", user_id=street.ana.id) for _ in range(120)])
    first = (await chris.get("/admin/audit?kind=exported")).text
    assert first.count("<td>Exported") == 100
    before = first.split("before=")[1].split('"')[0]
    assert (await chris.get(f"/admin/audit?kind=exported&before={before}")).text.count("<td>Exported") == 20
