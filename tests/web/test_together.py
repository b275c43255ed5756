"""Who has a case: begun answers, hand-overs to people and teams, and two who press at once."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import handing, teams
from app.errors import BadInput
from app.hub import Hub
from app.models import Case, CaseClaim, Message, Team, User
from app.rights import seeing, visible_cases
from tests.web.cast import add_user
from tests.web.conftest import NewBrowser
from tests.web.street import Street

ANA, BORIS = "ana@example.org", "boris@example.org"


async def make_team(hub: Hub, street: Street, name: str, places: set[str], *members: User) -> Team:
    async with hub.db.transaction() as session:
        form = teams.Form(name, "", places, {member.id for member in members})
        return await teams.create(session, hub.shelf.library, street.admin, form)


async def add(hub: Hub, name: str) -> User:
    async with hub.db.transaction() as session:
        return await add_user(session, name)


async def fresh(hub: Hub, case: Case) -> Case:
    async with hub.db.transaction() as session:
        return await session.get_one(Case, case.id)


async def test_who_begins_to_write_claims_the_case_for_a_while(hub: Hub, browse: NewBrowser, street: Street) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path = f"/inbox/{street.urgent.id}"
    assert (await ana.post(f"{path}/here", {"writes": "true"})).status_code == 204
    await boris.post(f"{path}/here", {"writes": "true"})  # later: it stays Ana's
    assert "Ana Petrova is answering" in (await boris.get(path)).text
    assert "Ana Petrova is answering" in (await boris.get("/inbox?view=unassigned")).text
    form = {"to": f"{street.urgent.conversation_id}:2", "text": "Sunt aici."}
    refused = await boris.post(f"{path}/reply", form)
    assert refused.status_code == 409
    assert "Ana Petrova has begun to answer this case." in refused.text
    assert "Sunt aici.</textarea>" in refused.text
    assert "Answer all the same" in refused.text
    assert (await boris.post(f"{path}/reply", form | {"despite": "1"})).status_code == 303
    assert (await fresh(hub, street.urgent)).assignee_id == street.boris.id
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(CaseClaim))).all() == []


async def test_a_claim_ends_with_its_time_and_when_its_page_is_left(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    ana, boris = await browse(ANA), await browse(BORIS)
    path = f"/inbox/{street.urgent.id}"
    await ana.post(f"{path}/here", {"writes": "true"})
    await ana.post(f"{path}/gone")
    assert "is answering" not in (await boris.get(path)).text
    await ana.post(f"{path}/here", {"writes": "true"})
    async with hub.db.transaction() as session:
        (await session.scalars(sa.select(CaseClaim))).one().until = hub.now() - timedelta(seconds=1)
    assert "is answering" not in (await boris.get(path)).text
    form = {"to": f"{street.urgent.conversation_id}:2", "text": "Sunt aici."}
    assert (await boris.post(f"{path}/reply", form)).status_code == 303


async def test_nobody_claims_what_somebody_has(hub: Hub, browse: NewBrowser, street: Street) -> None:
    boris = await browse(BORIS)
    await boris.post(f"/inbox/{street.wages.id}/here", {"writes": "true"})
    async with hub.db.transaction() as session:
        assert (await session.scalars(sa.select(CaseClaim))).all() == []


async def test_of_two_replies_at_once_one_is_held_back_and_shows_the_other(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    people = [await browse(ANA), await browse(BORIS)]
    path = f"/inbox/{street.urgent.id}/reply"
    to = f"{street.urgent.conversation_id}:2"
    answers = await asyncio.gather(
        *(each.post(path, {"to": to, "text": f"answer {number}"}) for number, each in enumerate(people))
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    lost = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
    assert f"answer {1 - lost}</span>" in answers[lost].text, "what is new"
    assert f"answer {lost}</textarea>" in answers[lost].text, "and the own words"
    async with hub.db.transaction() as session:
        sent = await session.scalars(sa.select(Message.text).where(Message.text.startswith("answer ")))
        assert list(sent) == [f"answer {1 - lost}"]


async def test_a_team_gets_the_case_and_the_person_waits(hub: Hub, browse: NewBrowser, street: Street) -> None:
    dora = await add(hub, "Dora Klein")
    team = await make_team(hub, street, "Mobile Beratung", {"wuppertal"}, dora)
    empty = await make_team(hub, street, "Nobody there", set())
    ana, other = await browse(ANA), await browse("dora@example.org")
    path = f"/inbox/{street.wages.id}"
    assert (await other.get(path)).status_code == 404
    page = (await ana.get(path)).text
    assert f'value="team-{team.id}"' in page
    assert f'value="team-{empty.id}"' not in page
    form = {"colleague": f"team-{team.id}", "seen": street.ana.id, "note": "you know the landlord"}
    assert (await ana.post(f"{path}/assign", form | {"colleague": f"team-{empty.id}"})).status_code == 422
    assert (await ana.post(f"{path}/assign", form)).headers["location"] == path
    assert (await ana.post(f"{path}/assign", form)).status_code == 409, "it changed hands"
    page = (await other.get(path)).text
    assert "→ Mobile Beratung" in page
    assert "you know the landlord" in page
    assert "Gelbe Lerche 42" in (await other.get(f"/inbox?view=unassigned&team={team.slug}")).text
    case = await fresh(hub, street.wages)
    assert (case.assignee_id, case.team) == (None, "mobile-beratung")


async def test_nobody_is_given_what_they_can_not_see(hub: Hub, browse: NewBrowser, street: Street) -> None:
    dora = await add(hub, "Dora Klein")
    await make_team(hub, street, "Wuppertal", {"wuppertal"}, dora)
    ana = await browse(ANA)
    path = f"/inbox/{street.wages.id}"
    assert "Dora Klein</option>" not in (await ana.get(path)).text.split("menu-assign")[1].split("menu-close")[0]
    refused = await ana.post(f"{path}/assign", {"colleague": dora.id, "seen": street.ana.id})
    assert refused.status_code == 422
    async with hub.db.transaction() as session:
        with pytest.raises(BadInput):
            await handing.assign(
                hub, session, street.ana, street.wages.id, to_id=dora.id, seen_assignee_id=street.ana.id
            )
    assert (await fresh(hub, street.wages)).assignee_id == street.ana.id


async def test_who_gives_a_case_out_of_their_sight_comes_to_the_list(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    dora = await add(hub, "Dora Klein")
    await make_team(hub, street, "Wuppertal", {"wuppertal"}, dora)
    async with hub.db.transaction() as session:
        (await session.get_one(Case, street.wages.id)).assignee_id = dora.id
    other = await browse("dora@example.org")
    await other.get(f"/inbox/{street.wages.id}")
    gone = await other.post(f"/inbox/{street.wages.id}/assign", {"colleague": street.ana.id, "seen": dora.id})
    assert gone.headers["location"] == "/inbox"


async def test_who_sees_a_case_is_asked_both_ways_alike(hub: Hub, street: Street) -> None:
    dora, emil = await add(hub, "Dora Klein"), await add(hub, "Emil Neu")
    team = await make_team(hub, street, "Wuppertal", {"wuppertal"}, dora)
    await make_team(hub, street, "Everywhere", set(), emil)
    async with hub.db.transaction() as session:
        await add_user(session, "Mila Mediator", "mediator")
        (await session.get_one(Case, street.wages.id)).team = "wuppertal"
        (await session.get_one(Case, street.closed.id)).place = ""
        await teams.share(session, street.ana, street.two_ways.id, team.id)
    async with hub.db.transaction() as session:
        users = (await session.scalars(sa.select(User))).all()
        for case in await session.scalars(sa.select(Case)):
            by_case = set(await session.scalars(sa.select(User.id).where(seeing(case))))
            by_user = {
                user.id
                for user in users
                if await session.scalar(sa.select(Case.id).where(Case.id == case.id, visible_cases(user)))
            }
            assert by_case == by_user, case.id
