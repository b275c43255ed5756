"""The roster and the places as those who lead keep them, and what others see of it."""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from app.hub import Hub
from app.models import Alert, AuditEntry, Case, ContentVersion, Shift, User
from app.publishing import export, load
from flows.load import read_content
from flows.understand import CONTENT_DIR
from tests.web.cast import add_user
from tests.web.conftest import Browser, NewBrowser
from tests.web.street import Street

ANA, BORIS, CHRIS = "ana@example.org", "boris@example.org", "chris@example.org"


def shift(user: User, *days: int, **values: object) -> dict[str, object]:
    weekdays = [str(day) for day in days]
    return {"user_id": str(user.id), "weekdays": weekdays, "begins": "09:00", "ends": "16:00"} | values


async def shifts(hub: Hub) -> list[Shift]:
    async with hub.db.transaction() as session:
        return list(await session.scalars(sa.select(Shift).order_by(Shift.id)))


async def test_a_coordinator_keeps_the_roster(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        (await session.merge(street.ana)).speaks = ["bg", "ro"]
        ioana = await add_user(session, "Ioana Pop")
        ioana.speaks = ["uk"]
    browser = await browse(BORIS)
    empty = (await browser.get("/admin/roster")).text
    assert "There are no shifts yet" in empty
    for _ in range(2):  # a double click adds nothing twice
        assert (await browser.post("/admin/roster", shift(street.ana, 0, 1))).status_code == 303
    night = shift(ioana, 4, begins="22:00", ends="06:00", places=["weissenfels"], needs=["housing", "nonsense"])
    await browser.post("/admin/roster", night)
    found = await shifts(hub)
    assert [(each.user_id, each.weekday) for each in found] == [(street.ana.id, 0), (street.ana.id, 1), (ioana.id, 4)]
    assert (found[2].places, found[2].needs) == (["weissenfels"], ["housing"])
    page = " ".join((await browser.get("/admin/roster")).text.split())
    for words in ("22:00–06:00", "Ioana Pop", "Wednesday, Thursday, Saturday, Sunday: nobody", "Housing"):
        assert words in page, words
    assert "Ukrainian: only Friday" in page
    assert "Without shifts:" in page
    gone = await browser.post(f"/admin/roster/shifts/{found[2].id}/remove")
    assert gone.headers["location"] == "/admin/roster?done=removed"
    assert len(await shifts(hub)) == 2
    async with hub.db.transaction() as session:
        kinds = (await session.scalars(sa.select(AuditEntry.kind).order_by(AuditEntry.id.desc()))).all()
    assert kinds[0] == "roster_changed"


@pytest.mark.parametrize(
    "wrong", [{"weekdays": []}, {"begins": "soon"}, {"user_id": "999999"}, {"user_id": "x"}, {"weekdays": ["9"]}]
)
async def test_a_wrong_shift_is_refused_in_words(
    hub: Hub, browse: NewBrowser, street: Street, wrong: dict[str, object]
) -> None:
    browser = await browse(BORIS)
    assert (await browser.post("/admin/roster", shift(street.ana, 0) | wrong)).status_code == 422
    assert await shifts(hub) == []


async def test_the_rules_are_kept_and_checked(browse: NewBrowser, street: Street) -> None:
    browser = await browse(CHRIS)
    done = await browser.post("/admin/roster/rules", {"returns": "45", "alarms": ["3", "10", "20"]})
    assert done.status_code == 303
    page = (await browser.get("/admin/roster")).text
    assert all(f'value="{minutes}"' in page for minutes in ("45", "3", "10", "20"))
    for wrong in (["3", "3", "20"], ["3", "10"], ["0", "10", "20"], ["x", "10", "20"]):
        answer = await browser.post("/admin/roster/rules", {"returns": "45", "alarms": wrong})
        assert answer.status_code == 422


async def test_one_s_own_duty_and_absence(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        hours = time(9), time(16)
        session.add(Shift(user_id=street.ana.id, weekday=2, begins=hours[0], ends=hours[1]))
    ana = await browse(ANA)
    assert "Wednesday" in (await ana.get("/account")).text
    until = datetime.now(UTC) + timedelta(days=3)
    await ana.post("/account/away", {"until": f"{until:%Y-%m-%dT%H:%M}"})
    assert "I am back" in (await ana.get("/account")).text
    assert "away until" in (await (await browse(BORIS)).get("/admin/roster")).text
    assert (await ana.post("/account/away", {"until": "2020-01-01T10:00"})).status_code == 422
    assert (await ana.post("/account/away", {"until": "soon"})).status_code == 422
    await ana.post("/account/away")
    assert "I am back" not in (await ana.get("/account")).text


async def version(hub: Hub) -> ContentVersion:
    async with hub.db.transaction() as session:
        query = sa.select(ContentVersion).where(ContentVersion.key == "weissenfels", ContentVersion.current)
        return (await session.scalars(query)).one()


async def form_of(browser: Browser, hub: Hub, **changes: object) -> dict[str, object]:
    await browser.get("/admin/places/weissenfels")
    form: dict[str, object] = {"version": str((await version(hub)).version), "hours_mon": "9-12, 14:00–17.30"}
    days = {"day": ["2026-12-24", "2026-12-31", ""], "day_hours": ["", "9-12", ""]}
    return form | days | {"alerts": "amt@example.org\nhilfe@example.org"} | changes


async def test_a_place_is_a_version_of_the_content_and_no_load_overwrites_it(
    hub: Hub, browse: NewBrowser, street: Street
) -> None:
    browser = await browse(BORIS)
    form = await form_of(browser, hub)
    assert (await browser.post("/admin/places/weissenfels", form)).status_code == 303
    changed = await version(hub)
    assert (changed.origin, changed.user_id) == ("hub", street.boris.id)
    assert (await browser.post("/admin/places/weissenfels", form)).status_code == 409, "made from an older page"
    async with hub.db.transaction() as session:
        assert "place weissenfels" in (await load(session, read_content(CONTENT_DIR), origin="file")).kept
        data = next(data for kind, key, data in await export(session) if (kind, key) == ("place", "weissenfels"))
    await hub.shelf.load()
    assert data["duty"]["week"]["mon"] == [
        {"start": "09:00:00", "end": "12:00:00"},
        {"start": "14:00:00", "end": "17:30:00"},
    ]
    assert data["duty"]["days"]["2026-12-24"] == []
    assert data["alerts"] == ["amt@example.org", "hilfe@example.org"]
    assert data["returns"] is None
    page = (await browser.get("/admin/places")).text
    assert "09:00–12:00, 14:00–17:30" in page
    again = await form_of(browser, hub, hours_mon="09:00–12:00, 14:00–17:30")
    await browser.post("/admin/places/weissenfels", again)
    assert (await version(hub)).version == changed.version, "nothing changed, no new version"
    assert "Empty: 30 minutes, as around this place." in (await browser.get("/admin/places/weissenfels")).text
    again = await form_of(browser, hub, returns="45")
    await browser.post("/admin/places/weissenfels", again)
    assert (await version(hub)).data["returns"] == 45
    assert 'value="45"' in (await browser.get("/admin/places/weissenfels")).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours_tue": "12-9"},
        {"hours_tue": "9-12, 11-13"},
        {"hours_tue": "in the morning"},
        {"hours_tue": "25-26"},
        {"day": ["", "", ""]},
        {"day": ["yesterday", "", ""], "day_hours": ["", "", ""]},
        {"alerts": "nobody"},
        {"returns": "soon"},
        {"returns": "0"},
    ],
)
async def test_wrong_hours_are_refused_in_words(
    hub: Hub, browse: NewBrowser, street: Street, wrong: dict[str, object]
) -> None:
    browser = await browse(BORIS)
    before = (await version(hub)).version
    answer = await browser.post("/admin/places/weissenfels", await form_of(browser, hub, **wrong))
    assert answer.status_code == 422
    assert (await version(hub)).version == before
    assert (await browser.get("/admin/places/nowhere")).status_code == 404


async def test_admins_see_who_is_there_and_where_people_wait(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        for day in range(7):
            session.add(Shift(user_id=street.ana.id, weekday=day, begins=time.min, ends=time.min))
        place = next(data for kind, key, data in await export(session) if (kind, key) == ("place", "weissenfels"))
        (await session.scalars(sa.select(ContentVersion).where(ContentVersion.key == "weissenfels"))).one().data = (
            place | {"on_holidays": True}
        )
        query = sa.select(sa.func.count()).where(
            Case.place == "weissenfels", Case.status == "open", Case.waiting_since.is_not(None)
        )
        waiting = await session.scalar(query)
    await hub.shelf.load()
    page = " ".join((await (await browse(CHRIS)).get("/admin")).text.split())
    assert "On duty now" in page
    assert f"waiting: {waiting}, of them" in page


async def test_the_case_says_how_often_help_was_called(hub: Hub, browse: NewBrowser, street: Street) -> None:
    async with hub.db.transaction() as session:
        case = await session.get_one(Case, street.urgent.id)
        case.alarm_step, case.alarmed_at = 1, hub.now()
        for step in (0, 1):
            session.add(Alert(case_id=case.id, way="email", step=step, reason="danger", status="sent"))
            session.add(Alert(case_id=case.id, way="staff_chat", step=step, reason="danger", status="sent"))
    browser = await browse(ANA)
    assert "called for help 2 times, nobody yet" in (await browser.get(f"/inbox/{street.urgent.id}")).text
    await browser.post(f"/inbox/{street.urgent.id}/take")
    assert "called for help" not in (await browser.get(f"/inbox/{street.urgent.id}")).text
