"""Who is on duty when: zones, nights, holidays, absences, teams; who is called for a case; what a week lacks."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app import duty, teams
from app.duty import Roster
from app.hub import Hub
from app.models import Case, Shift, User
from app.publishing import publish_version
from tests.web.cast import add_channel, meet, open_case

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 30, 10, 0, tzinfo=BERLIN)  # Easter is on 5 April: Friday and the next Monday are holidays
WEISSENFELS = "weissenfels"


async def add_shift(hub: Hub, user: User, days: str, begins: str, ends: str, **values: Any) -> None:
    """`days` as digits, 0 is Monday."""
    async with hub.db.transaction() as session:
        for day in days:
            hours = {"begins": time.fromisoformat(begins), "ends": time.fromisoformat(ends)}
            session.add(Shift(user_id=user.id, weekday=int(day), **hours, **values))


async def somebody(hub: Hub, name: str, *speaks: str, role: str = "streetworker", **values: Any) -> User:
    async with hub.db.transaction() as session:
        email = f"{name.lower()}@example.org"
        user = User(email=email, name=name, role=role, password_hash="!", speaks=list(speaks), **values)
        session.add(user)
    return user


async def known(hub: Hub) -> Roster:
    async with hub.db.transaction() as session:
        return await duty.roster(session, hub.shelf.library)


async def names(hub: Hub, now: datetime, place: str = WEISSENFELS) -> list[str]:
    return [slot.user.name for slot in (await known(hub)).on_duty(place, now)]


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


async def publish(hub: Hub, **changes: Any) -> None:
    async with hub.db.transaction() as session:
        data = hub.shelf.library.places[WEISSENFELS].model_dump(mode="json") | changes
        await publish_version(session, "place", WEISSENFELS, data, origin="hub")
    await hub.shelf.load()


async def test_hours_are_those_of_the_place_and_nights_go_over_midnight(hub: Hub) -> None:
    ana, nora = await somebody(hub, "Ana"), await somebody(hub, "Nora")
    await add_shift(hub, ana, "0", "09:00", "12:00")
    await add_shift(hub, nora, "0", "22:00", "06:00")
    assert await names(hub, at(30, 9)) == ["Ana"]
    assert await names(hub, at(30, 12)) == []
    assert await names(hub, at(31, 5, 59)) == ["Nora"]
    assert await names(hub, at(31, 6)) == []
    opening = (await known(hub)).opening(WEISSENFELS, at(31, 6))
    assert opening is not None
    assert opening.opens == at(13, 9, month=4), "the next Monday is Easter Monday"


async def test_nobody_is_there_on_a_holiday_unless_the_place_says_so(hub: Hub) -> None:
    await add_shift(hub, await somebody(hub, "Ana"), "0123456", "09:00", "17:00")
    assert await names(hub, at(3, 10, month=4)) == [], "Good Friday"
    opening = (await known(hub)).opening(WEISSENFELS, at(2, 18, month=4))
    assert opening is not None
    assert opening.opens == at(4, 9, month=4)
    await publish(hub, duty={"days": {"2026-04-03": [{"start": "08:00", "end": "11:00"}]}})
    assert await names(hub, at(3, 10, month=4)) == ["Ana"]
    assert await names(hub, at(3, 11, month=4)) == [], "a special day has hours of its own"
    await publish(hub, duty={}, on_holidays=True)
    assert await names(hub, at(3, 16, month=4)) == ["Ana"]


async def test_holidays_hold_for_the_hours_of_a_place_too(hub: Hub) -> None:
    week = {day: [{"start": "09:00", "end": "12:00"}] for day in ("mon", "thu", "fri")}
    await publish(hub, duty={"week": week})
    async with hub.db.transaction() as session:
        opening = await duty.opening_of(session, hub.shelf.library, WEISSENFELS, at(2, 13, month=4))
        elsewhere = await duty.opening_of(session, hub.shelf.library, "wuppertal", MONDAY)
    assert opening.opens == at(9, 9, month=4), "after Good Friday and Easter Monday"
    assert not elsewhere.known
    await add_shift(hub, await somebody(hub, "Ana"), "5", "10:00", "11:00")
    async with hub.db.transaction() as session:
        opening = await duty.opening_of(session, hub.shelf.library, WEISSENFELS, at(2, 13, month=4))
    assert opening.opens == at(4, 10, month=4), "where there is a roster, it says who is there"


async def test_who_is_away_is_not_on_duty_until_they_are_back(hub: Hub) -> None:
    ana = await somebody(hub, "Ana", away_until=at(31, 10))
    await add_shift(hub, ana, "01", "09:00", "12:00")
    assert await names(hub, MONDAY) == []
    opening = (await known(hub)).opening(WEISSENFELS, MONDAY)
    assert opening is not None
    assert opening.opens == at(31, 10)
    assert (await known(hub)).off_since(ana, WEISSENFELS, MONDAY) == duty.LONG_AGO
    assert await names(hub, at(31, 10)) == ["Ana"]
    assert (await known(hub)).off_since(ana, WEISSENFELS, at(31, 13)) == at(31, 12)
    boris = await somebody(hub, "Boris")
    assert (await known(hub)).off_since(boris, WEISSENFELS, MONDAY) is None, "without shifts nobody knows"


async def test_shifts_and_teams_are_for_places(hub: Hub) -> None:
    ana, dora = await somebody(hub, "Ana"), await somebody(hub, "Dora")
    await add_shift(hub, ana, "0", "09:00", "12:00", places=["burgenlandkreis"])
    await add_shift(hub, dora, "0", "09:00", "12:00")
    async with hub.db.transaction() as session:
        await teams.create(session, hub.shelf.library, ana, teams.Form("W", "", {"wuppertal"}, {dora.id}))
    assert await names(hub, MONDAY) == ["Ana"], "a shift for the district is one for its town"
    assert await names(hub, MONDAY, "wuppertal") == ["Dora"]
    assert await names(hub, MONDAY, "") == ["Ana", "Dora"]


async def make_case(hub: Hub, language: str | None, *needs: str, place: str = WEISSENFELS) -> Case:
    async with hub.db.transaction() as session:
        channel = await add_channel(hub, session, f"bot-{language}-{len(needs)}", "telegram", place)
        talk = await meet(hub, session, channel, "Gelbe Lerche", "1", at=MONDAY, language=language)
        return await open_case(talk, "asked", needs=list(needs))


async def test_who_is_called_for_a_case(hub: Hub) -> None:
    ana = await somebody(hub, "Ana", "bg")
    boris = await somebody(hub, "Boris", "bg", "ro")
    off = await somebody(hub, "Olga", "uk", "bg")
    dora = await somebody(hub, "Dora", "bg")
    await add_shift(hub, ana, "0", "09:00", "12:00")
    await add_shift(hub, boris, "0", "09:00", "12:00", needs=["housing"])
    await add_shift(hub, off, "1", "09:00", "12:00")
    await add_shift(hub, dora, "0", "09:00", "12:00")
    async with hub.db.transaction() as session:
        await teams.create(session, hub.shelf.library, ana, teams.Form("W", "", {"wuppertal"}, {dora.id}))

    async def called(case: Case, now: datetime = MONDAY) -> list[str]:
        async with hub.db.transaction() as session:
            return [user.name for user in await duty.who_to_call(session, hub.shelf.library, case, now)]

    assert await called(await make_case(hub, "bg", "work.wage_unpaid")) == ["Ana"]
    assert await called(await make_case(hub, "ro", "work.wage_unpaid")) == ["Boris"], "the language before the need"
    assert await called(await make_case(hub, "uk")) == ["Ana", "Boris"], "nobody speaks it: all of the place"
    assert await called(await make_case(hub, None, "housing.eviction")) == ["Ana", "Boris"]
    assert await called(await make_case(hub, "tr"), at(30, 13)) == [], "off duty people are never called"


async def test_what_a_week_lacks(hub: Hub) -> None:
    await add_shift(hub, await somebody(hub, "Ana", "bg", "uk"), "01234", "09:00", "12:00")
    await add_shift(hub, await somebody(hub, "Ioana", "ro"), "1", "09:00", "12:00")
    gaps = (await known(hub)).gaps(WEISSENFELS)
    assert gaps.days == (5, 6)
    assert gaps.languages == {"ro": (1,)}


@pytest.mark.parametrize("now", [at(29, 1, 30), at(29, 3, 30)])
async def test_the_night_in_which_the_clocks_change(hub: Hub, now: datetime) -> None:
    await add_shift(hub, await somebody(hub, "Nora"), "5", "22:00", "06:00")
    assert await names(hub, now) == ["Nora"]
