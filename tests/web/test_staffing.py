"""Admins keep the staff: invitations, roles, accounts that are switched off; and sessions, one's own and others'."""

import asyncio
import re
from typing import Any

import pytest
import sqlalchemy as sa

from app import staffing
from app.errors import Conflict, NotFound
from app.hub import Hub
from app.models import Case, CaseEvent, Conversation, Invitation, PushSubscription, User
from app.web.devices import device_of
from tests.web.cast import add_user
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street
from tests.web.test_two_factor import after

CHRIS, ANA = "chris@example.org", "ana@example.org"
LINK = re.compile(r'id="link">http://[^/]+(/welcome/[\w-]+)<')
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
NEW = {"email": "Dora@Example.org", "name": "Dora Neu", "role": "streetworker", "speaks": ["ro", "xx"]}
PASSWORD = "a long and secret sentence"


async def link_for(browser: Browser, path: str, form: dict[str, Any]) -> str:
    page = await browser.post(path, form)
    found = LINK.search(page.text)
    assert found, page.text[-800:]
    return found[1]


async def test_a_colleague_is_invited_and_chooses_a_password(hub: Hub, browse: NewBrowser, street: Street) -> None:
    link = await link_for(await browse(CHRIS), "/admin/staff", NEW)
    dora = await browse()
    assert "Dora Neu" in (await dora.get(link)).text
    form = {"new": PASSWORD, "again": PASSWORD}
    for wrong in (form | {"again": "x"}, {"new": "short", "again": "short"}):
        assert (await dora.post(link, wrong)).status_code == 422
    assert "Your password is set." in (await dora.post(link, form)).text
    assert (await dora.post(link, form)).status_code == 404, "the link works once"
    assert (await dora.sign_in("dora@example.org", PASSWORD)).status_code == 303
    async with hub.db.transaction() as session:
        user = (await session.scalars(sa.select(User).where(User.email == "dora@example.org"))).one()
        assert (user.name, user.role, user.speaks) == ("Dora Neu", "streetworker", ["ro"])


async def test_a_link_holds_three_days_and_a_newer_one_replaces_it(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    admin = await browse(CHRIS)
    first = await link_for(admin, f"/admin/staff/{street.ana.id}/link", {})
    second = await link_for(admin, f"/admin/staff/{street.ana.id}/link", {})
    somebody = await browse()
    assert (await somebody.get(first)).status_code == 404
    assert (await somebody.get(second)).status_code == 200
    assert await browse(ANA), "the old password holds until the link was used"
    late = after(hub, 3 * 24 * 60 + 1)
    async with hub.db.transaction() as session:
        with pytest.raises(NotFound):
            await staffing.invited(session, second.rpartition("/")[2], late.now())
        assert second.rpartition("/")[2].encode() not in (await session.scalars(sa.select(Invitation.token_hash))).all()


async def test_what_is_wrong_with_an_invitation_is_said(browse: NewBrowser, street: Street) -> None:
    admin = await browse(CHRIS)
    for wrong in ({"email": ANA}, {"email": "nobody"}, {"role": "boss"}, {"name": " "}):
        answer = await admin.post("/admin/staff", NEW | wrong)
        assert answer.status_code in (409, 422), wrong
        assert 'class="problem"' in answer.text
    assert "Dora Neu" not in (await admin.get("/admin/staff")).text


async def test_who_is_switched_off_is_out_and_their_cases_are_everybodys(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    admin, ana = await browse(CHRIS), await browse(ANA)
    async with hub.db.transaction() as session:
        keys = {"p256dh": "x", "auth": "x"}
        session.add(PushSubscription(user_id=street.ana.id, endpoint="https://push.example.org/1", keys=keys))
    done = await admin.post(f"/admin/staff/{street.ana.id}/disable")
    assert done.headers["location"].endswith("?done=disabled")
    assert (await ana.get("/account")).status_code == 303
    assert (await ana.sign_in(ANA)).status_code == 401
    async with hub.db.transaction() as session:
        case = await session.get_one(Case, street.wages.id)
        talk = await session.get_one(Conversation, case.conversation_id)
        newest = sa.select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id.desc())
        assert (case.assignee_id, talk.mode, await session.scalar(newest.limit(1))) == (None, "waiting", "released")
        assert not (await session.scalars(sa.select(PushSubscription))).all()
    await admin.post(f"/admin/staff/{street.ana.id}/enable")
    assert (await ana.sign_in(ANA)).status_code == 303


async def test_a_new_role_and_teams(hub: Hub, browse: NewBrowser, street: Street) -> None:
    admin = await browse(CHRIS)
    await admin.post("/admin/teams", {"name": "Mitte", "places": ["weissenfels"]})
    form = {"name": "Ana P.", "role": "mediator", "speaks": ["bg"], "teams": ["1", "77", "x"]}
    assert (await admin.post(f"/admin/staff/{street.ana.id}", form)).status_code == 303
    page = (await admin.get(f"/admin/staff/{street.ana.id}")).text
    assert re.search(r'name="teams"\s+value="1"\s+checked', page)
    async with hub.db.transaction() as session:
        ana = await session.get_one(User, street.ana.id)
        assert (ana.name, ana.role, ana.speaks) == ("Ana P.", "mediator", ["bg"])
        assert (await session.get_one(Case, street.wages.id)).assignee_id is None, "mediators have no cases"


async def test_the_last_admin_stays_also_when_two_go_at_once(hub: Hub, browse: NewBrowser, street: Street) -> None:
    admin = await browse(CHRIS)
    path = f"/admin/staff/{street.admin.id}"
    assert (await admin.post(f"{path}/disable")).status_code == 409
    assert (await admin.post(path, {"name": "Chris", "role": "coordinator"})).status_code == 409
    async with hub.db.transaction() as session:
        other = await add_user(session, "Olga Admin", "admin")

    async def switch_off(by: User, user_id: int) -> None:
        async with hub.db.transaction() as session:
            await staffing.disable(hub, session, by, user_id)

    both = (switch_off(other, street.admin.id), switch_off(street.admin, other.id))
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(end, Conflict) for end in ends) == [False, True]


async def test_sessions_have_a_device_and_end_one_by_one(browse: NewBrowser, street: Street) -> None:
    here, there, third = await browse(ANA), await browse(), await browse(ANA)
    there.http.headers["user-agent"] = FIREFOX
    await there.sign_in(ANA)
    page = (await here.get("/account")).text
    assert "Firefox on Android" in page
    other = re.findall(r"/account/sessions/(\d+)/end\"", page)
    assert len(other) == 2
    await here.post(f"/account/sessions/{max(map(int, other))}/end")
    assert (await there.get("/account")).status_code == 303
    assert (await third.get("/account")).status_code == 200
    boris = await browse("boris@example.org")
    assert (await boris.post(f"/account/sessions/{min(map(int, other))}/end")).status_code == 404


async def test_an_admin_ends_all_sessions_and_the_second_step(hub: Hub, browse: NewBrowser, street: Street) -> None:
    admin, one, two = await browse(CHRIS), await browse(ANA), await browse(ANA)
    await admin.post(f"/admin/staff/{street.ana.id}/sign-out")
    for browser in (one, two):
        assert (await browser.get("/account")).status_code == 303
    async with hub.db.transaction() as session:
        ana = await session.get_one(User, street.ana.id)
        ana.totp_secret, ana.recovery_codes = hub.vault.encrypt("ABC 1"), ["x"]
    await admin.post(f"/admin/staff/{street.ana.id}/two-factor-off")
    assert await browse(ANA), "the password alone counts"
    page = (await admin.get("/admin/audit?kind=staff_changed")).text
    assert page.count("Changed an account") >= 2


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox/Android"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge/Linux",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari/iPhone"),
        ("curl/8.1", ""),
    ],
)
def test_devices_are_told_apart_coarsely(agent: str, device: str) -> None:
    assert device_of(agent) == device
