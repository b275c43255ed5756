"""Two desks and a phone work on the same live cases while people write in three languages.

`python -m tests.use.colleagues --minutes 10 --cases 20` (or `make use`) does so on a hub of its own and prints what it
found; tests/journeys/test_two_colleagues.py does the same for some seconds. Nothing may jump, double, be lost or go to the
wrong person.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from re import sub
from time import monotonic
from urllib.parse import urlsplit

from playwright.async_api import Browser, Error, Request, async_playwright

from tests.browser.conftest import CHROMIUM, DESK, FLAGS, PHONE, Windows
from tests.live import Live, LiveServer, make_template, open_test_hub
from tests.postgres import TestCluster
from tests.use import deeds, people
from tests.use.day import Day, prepare
from tests.use.judge import judge
from tests.use.screens import PATIENCE, Desk

SLOW = 3.0  # seconds
MOST_FINDINGS = 20  # then it is over


async def spend(
    live: Live, browser: Browser, *, seconds: float, cases: int, behind: float = PATIENCE, pictures: Path | None = None
) -> Day:
    """One day with so many cases: its findings are empty when all went well, and no page was `behind` so many seconds."""
    day = await prepare(live)
    windows = Windows(browser, live.base_url)
    async with AsyncExitStack() as stack:
        await people.come(day, stack, cases)
        desks = []
        touch = {"has_touch": True, "is_mobile": True}
        for number, (name, size) in enumerate((("Ana", DESK), ("Boris", DESK), ("Dana", PHONE))):
            options = touch if size == PHONE else {}
            window = windows.open(f"{name.lower()}@example.org", size, expected=("409",), **options)
            desks.append(Desk(day, await stack.enter_async_context(window), name, Random(number), size == PHONE))
            desks[-1].page.set_default_timeout(PATIENCE * 1000)
            desks[-1].page.on("requestfinished", lambda request: note_time(day, request))
        day.until = monotonic() + seconds
        await asyncio.gather(write(day, desks, Random(9)), *(work(desk, pictures) for desk in desks))
        await judge(day, desks)
        for desk in desks:
            day.findings += [f"{desk.name}: console: {problem}" for problem in desk.screen.problems]
            desk.screen.problems.clear()
    if day.lags and max(day.lags) > behind:
        day.findings.append(f"a page was {max(day.lags):.1f} s behind")
    return day


def note_time(day: Day, request: Request) -> None:
    """How long the server took to begin its answer. Streams of events answer at once."""
    seconds = (request.timing["responseStart"] - request.timing["requestStart"]) / 1000
    if seconds > SLOW:
        day.slow.append((seconds, f"{request.method} {sub(r'[0-9]+', 'N', urlsplit(request.url).path)}"))


async def write(day: Day, desks: list[Desk], chance: Random) -> None:
    async with asyncio.TaskGroup() as watching:
        while day.goes_on:
            person = chance.choice(day.people)
            text = await people.says(day, person, people.next_words(person, chance))
            case = await day.case_of(person)
            for desk in desks:
                if case and desk.case_id == case.id:
                    watching.create_task(desk.watch(case.id, text))
            await asyncio.sleep(chance.uniform(0.3, 1.2))


async def work(desk: Desk, pictures: Path | None) -> None:
    names = list(deeds.DEEDS)
    weights = [weight for _, weight in deeds.DEEDS.values()]
    while desk.day.goes_on and len(desk.day.findings) < MOST_FINDINGS:
        rush = desk.day.rush
        if rush is not None and rush.ready.n_waiting == 1:
            desk.day.rush = None
            await attempt(desk, "take, two at once", deeds.take_at_once(desk, rush), pictures)
            continue
        name = desk.chance.choices(names, weights)[0]
        await attempt(desk, name, deeds.DEEDS[name][0](desk), pictures)
    await attempt(desk, "rest", rest(desk), pictures)


async def rest(desk: Desk) -> bool:
    await desk.to_list()
    if not desk.thumb:
        await desk.page.mouse.move(5, 5)
    return True


async def attempt(desk: Desk, name: str, deed: Awaitable[bool], pictures: Path | None) -> None:
    """A deed that fails is a finding, and the colleague goes on."""
    book = desk.day
    try:
        done = await deed
        book.deeds[name if done else f"{name} (nothing to do, or a colleague was faster)"] += 1
    except (Error, AssertionError) as error:
        book.findings.append(f"{desk.name}, {name}, {desk.page.url}: {str(error)[:900]}")
        if pictures:
            print(book.findings[-1], flush=True)
            await desk.page.screenshot(path=pictures / f"finding-{len(book.findings)}.png", animations="disabled")
        await desk.to_list()


def report(day: Day) -> None:
    print(f"people {len(day.people)}, messages in {sum(each.wrote.total() for each in day.people)}, ", end="")
    print(
        f"answers {sum(each.got.total() for each in day.people)}, notes {day.notes.total()}, drafts kept {len(day.drafts)}"
    )
    for name, count in sorted(day.deeds.items()):
        print(f"  {count:5} {name}")
    if day.lags:
        late = sorted(day.lags)
        print(f"seconds until a message stood on an open page ({len(late)} times): ", end="")
        print(f"median {statistics.median(late):.2f}, 95 % {late[len(late) * 95 // 100]:.2f}, most {late[-1]:.2f}")
    print(f"answers that took more than {SLOW:.0f} s: {len(day.slow)}", *sorted(day.slow, reverse=True)[:5], sep="\n  ")
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("\n".join(["Found:", *day.findings]) if day.findings else "Nothing jumped, doubled, was lost or went astray.")


async def run(url: str, folder: Path, wanted: argparse.Namespace) -> Day:
    async with (
        open_test_hub(url, folder, demo=True) as hub,
        LiveServer(hub) as live,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        day = await spend(
            live,
            browser,
            seconds=wanted.minutes * 60,
            cases=wanted.cases,
            behind=wanted.behind,
            pictures=wanted.pictures,
        )
        await browser.close()
    return day


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--behind", type=float, default=10, help="seconds that no page may be behind the database")
    parser.add_argument("--pictures", type=Path, help="a folder for what was on the screen when something went wrong")
    wanted = parser.parse_args()
    with TestCluster() as cluster, cluster.database(make_template(cluster)) as url:
        folder = Path(cluster.postgres.data_dir).parent / "use"
        folder.mkdir()
        day = asyncio.run(run(url, folder, wanted))
    report(day)
    sys.exit(bool(day.findings))


if __name__ == "__main__":
    main()
