"""How soon the first list can be used in a slow browser on a slow line, beside Chromium's own blank page.

A processor four times slower, 1.6 Mbit/s down, 150 ms: a cheap phone outdoors. Nothing is cached. `python -m
tests.bench.first_list` prints medians; the ratio and the number of requests mean more than the milliseconds of this machine.
"""

import asyncio
import os
import statistics
import time
from pathlib import Path

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.live import LiveServer, make_template, open_test_hub
from tests.postgres import TestCluster
from tests.web import street
from tests.web.cast import PASSWORD

RUNS = 3
PROCESSOR = 4
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
PHONE = {"width": 360, "height": 740}


async def slow(page: Page) -> CDPSession:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await session.send("Network.emulateNetworkConditions", LINE)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
    return session


async def blank(browser: Browser) -> float:
    context = await browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await slow(page)
    begin = time.perf_counter()
    await page.goto("about:blank")
    spent = (time.perf_counter() - begin) * 1000
    await context.close()
    return spent


async def first_list(browser: Browser, base_url: str) -> tuple[float, float, int, int]:
    """Until a case can be tapped, until scripts have begun, requests, bytes on the line."""
    context = await browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{base_url}/sign-in")
    await page.fill("[name=email]", "ana@example.org")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_url("**/inbox")
    await page.close()
    page = await context.new_page()
    session = await slow(page)
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    begin = time.perf_counter()
    await page.goto(f"{base_url}/inbox?view=all", wait_until="commit")
    await page.locator(".card a").first.click(trial=True)  # painted, in its place, and under no other thing
    usable = (time.perf_counter() - begin) * 1000
    await page.wait_for_load_state("load")  # modules have run before it
    scripts = (time.perf_counter() - begin) * 1000
    await context.close()
    return usable, scripts, len(sizes), sum(sizes)


async def measure(url: str, folder: Path) -> None:
    async with open_test_hub(url, folder) as hub:
        async with hub.db.transaction() as session:
            await street.build(hub, session)
        await hub.registry.load()
        async with LiveServer(hub, worker=False) as live, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            empty = [await blank(browser) for _ in range(RUNS)]
            lists = [await first_list(browser, live.base_url) for _ in range(RUNS)]
            await browser.close()
    names = ("list can be used, ms", "scripts have run, ms", "requests", "bytes on the line")
    print(f"{'about:blank, ms':24}{statistics.median(empty):10.0f}")
    for name, values in zip(names, zip(*lists, strict=True), strict=True):
        print(f"{name:24}{statistics.median(values):10.0f}")
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def main() -> None:
    with TestCluster() as cluster, cluster.database(make_template(cluster)) as url:
        folder = Path(cluster.postgres.data_dir).parent / "bench"
        folder.mkdir()
        asyncio.run(measure(url, folder))


if __name__ == "__main__":
    main()
