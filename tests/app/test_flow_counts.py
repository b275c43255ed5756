"""How flows are walked is counted by day, in one order whoever counts, and forgotten after a year."""

import asyncio
from datetime import date, timedelta

import pytest

from app.flow_counts import Counts, count_ways, counts_of, forget_old
from app.hub import Hub

DAY = date(2026, 11, 22)
ASKED = ("arrival", "", "hello")
WAYS = [ASKED, ("arrival", "hello", "where"), ("arrival", "where", "job")]


async def test_two_at_once_lose_nothing_and_do_not_wait_for_each_other_in_a_circle(hub: Hub) -> None:
    async def count(ways: list[tuple[str, str, str]]) -> None:
        async with hub.db.transaction() as session:
            await count_ways(session, ways, DAY)

    await asyncio.gather(*(count(WAYS if n % 2 else WAYS[::-1]) for n in range(20)), count([ASKED] * 3))
    async with hub.db.transaction() as session:
        counts = await counts_of(session, "arrival", DAY)
    assert (counts.ways["hello", "where"], counts.came("hello"), counts.unanswered("hello")) == (20, 23, 3)
    assert counts.share("hello", "where") == 87


async def test_only_the_last_days_are_shown_and_a_year_is_kept(hub: Hub) -> None:
    async with hub.db.transaction() as session:
        for age in (0, 29, 30, 365, 366):
            await count_ways(session, [ASKED], DAY - timedelta(days=age))
        assert (await counts_of(session, "arrival", DAY)).came("hello") == 2
        await forget_old(session, DAY)
        assert (await counts_of(session, "arrival", DAY - timedelta(days=400))).came("hello") == 4


@pytest.mark.parametrize(("came", "went", "share"), [(0, 0, 0), (1, 3, 100), (8, 1, 12)])
def test_who_came_before_the_first_day_makes_no_share_above_all(came: int, went: int, share: int) -> None:
    counts = Counts({("", "hello"): came, ("hello", "where"): went})
    assert (counts.share("hello", "where"), counts.unanswered("hello")) == (share, max(came - went, 0))
