"""`make bench`: the inbox at 100,000 conversations and a million messages, beside the same questions in plain SQL.

Absolute times are this machine's; what counts is the ratio. `python -m tests.bench.inbox --cases 10000` is quicker.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.filters import Filters, Sort, View
from app.hub import Hub
from app.inbox import thread
from app.lists import list_cases
from app.models import Case, Channel, Conversation, Team, TeamMember, User
from app.rights import visible_cases
from app.search import search, search_thread
from tests.bench import plain
from tests.bench.seed import NEEDLE, seed
from tests.live import make_template, open_test_hub
from tests.postgres import TestCluster
from translations.script import skeleton

ROUNDS = 4  # the first warms up
Ask = Callable[[AsyncSession], Awaitable[Any]]


@dataclass
class Bench:
    hub: Hub
    user: User
    lines: list[tuple[str, float, float]] = field(default_factory=list)

    async def compare(self, name: str, app: Ask, by_hand: str, **values: object) -> None:
        statement = sa.text(by_hand)

        async def hand(session: AsyncSession) -> object:
            return (await session.execute(statement, values)).all()

        ours, theirs = [], []
        for _ in range(ROUNDS):  # by turns, so that a busy machine slows both
            ours.append(await self._time(app))
            theirs.append(await self._time(hand))
        print(".", end="", flush=True)
        self.lines.append((name, statistics.median(ours[1:]), statistics.median(theirs[1:])))

    async def _time(self, ask: Ask) -> float:
        async with self.hub.db.transaction() as session:
            await session.connection()
            begin = time.perf_counter()
            await ask(session)
            return (time.perf_counter() - begin) * 1000

    def table(self) -> str:
        head = f"{'':38}{'app ms':>9}{'SQL ms':>9}{'ratio':>7}"
        rows = [f"{name:38}{ours:9.1f}{hand:9.1f}{ours / hand:7.1f}" for name, ours, hand in self.lines]
        return "\n".join(
            [head, *rows, f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"]
        )


async def lists(bench: Bench) -> None:
    hub, user = bench.hub, bench.user
    sorts: tuple[Sort, ...] = ("urgency", "waiting", "activity", "window")
    views: tuple[tuple[View, Sort], ...] = (*(("all", sort) for sort in sorts), ("closed", "urgency"))
    for view, sort in views:
        name = sort if view == "all" else view
        mark = await walk(bench, view, sort, 49)
        await bench.compare(
            f"list by {name}, page 1",
            lambda session, view=view, sort=sort: list_cases(hub, session, user, view=view, sort=sort),  # type: ignore[misc]
            plain.listed(name),
        )
        await bench.compare(
            f"list by {name}, page 50",
            lambda session, view=view, sort=sort, mark=mark: list_cases(  # type: ignore[misc]
                hub, session, user, view=view, sort=sort, before=mark
            ),
            plain.listed(name, offset=49 * 50),
        )
    for wish, filters, where in plain.FILTERS:
        await bench.compare(
            f"list, {wish}",
            lambda session, filters=filters: list_cases(  # type: ignore[misc]
                hub, session, user, view="all", filters=Filters(**filters)
            ),
            plain.listed("urgency", where),
        )


async def walk(bench: Bench, view: View, sort: Sort, pages: int) -> str:
    mark = ""
    for _ in range(pages):
        async with bench.hub.db.transaction() as session:
            page = await list_cases(bench.hub, session, bench.user, view=view, sort=sort, before=mark)
        if page.next is None:
            return mark
        mark = page.next
    return mark


async def searches(bench: Bench) -> None:
    hub, user = bench.hub, bench.user
    words = {
        "rare": NEEDLE,
        "common": "zaplata",
        "very common": "здравейте",
        "two common": "договор месеца",
        "a beginning": "za",
        "in notes": "vertrag",
        "a name": "lerche",
        "no hit": "xylophon",
    }
    for name, said in words.items():
        query = " & ".join(f"'{word}':*" for word in skeleton(said).split())
        await bench.compare(
            f"search, {name}",
            lambda session, said=said: search(hub, session, user, said),  # type: ignore[misc]
            plain.SEARCH,
            query=query,
        )
    only_mine = Filters(language="ro", place="zeitz", assignee="nobody")
    await bench.compare(
        "search, common, three filters",
        lambda session: search(hub, session, user, "salariu", filters=only_mine),
        plain.SEARCH_FILTERED,
        query="'salaru':*",
    )


async def threads(bench: Bench) -> None:
    async with bench.hub.db.transaction() as session:
        seen = sa.select(Case.id).join(Conversation, Case.conversation_id == Conversation.id)
        seen = seen.where(visible_cases(bench.user)).limit(1)
        short = await session.scalar(seen.where(Conversation.last_seq == 5)) or 0
        longest = await session.scalar(seen.order_by(Conversation.last_seq.desc())) or 0
    for name, case_id in (("short", short), ("longest", longest)):
        await bench.compare(
            f"thread, {name}",
            lambda session, id_=case_id: thread(session, bench.user, id_),  # type: ignore[misc]
            plain.THREAD,
            case=case_id,
        )
    await bench.compare(
        "search within the longest thread",
        lambda session: search_thread(session, bench.user, longest, "zaplata"),
        plain.SEARCH_THREAD,
        case=longest,
        query="'zaplata':*",
    )


async def measure(url: str, folder: Path, cases: int, messages: int) -> None:
    async with open_test_hub(url, folder) as hub:
        user = User(email="bench@example.org", name="Bench", role="streetworker", password_hash="!")
        channels = [Channel(name=f"c{n}", kind="webchat", secrets=hub.vault.encrypt("{}")) for n in range(3)]
        channels[0].options = {"look": "whatsapp"}
        async with hub.db.transaction() as session:
            team = Team(slug="bench", name="Bench", places=["zeitz", "weissenfels", "wuppertal"])
            session.add_all([user, team, *channels])
            await session.flush()
            session.add(TeamMember(team_id=team.id, user_id=user.id))  # whose rights are asked for case by case
        await hub.registry.load()
        begin = time.perf_counter()
        await asyncio.to_thread(seed, hub.db.conninfo, cases, messages, user.id, [channel.id for channel in channels])
        async with hub.db.transaction() as session:
            counted = [
                await session.scalar(sa.text(f"select count(*) from {table}")) for table in ("cases", "messages")
            ]
        print(f"{counted[0]:,} cases, {counted[1]:,} messages, seeded in {time.perf_counter() - begin:.0f} s")
        bench = Bench(hub, user)
        for part in (lists, searches, threads):
            await part(bench)
        print("\n" + bench.table())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=0, help="ten for each case")
    given = parser.parse_args()
    with TestCluster() as cluster, cluster.database(make_template(cluster)) as url:
        folder = Path(cluster.postgres.data_dir).parent / "bench"
        folder.mkdir()
        asyncio.run(measure(url, folder, given.cases, given.messages or given.cases * 10))


if __name__ == "__main__":
    main()
