"""`python -m tests.use.pictures FOLDER` walks through all pages of a filled demo town at three widths, light and dark.

It leaves a picture of each, contact sheets of eight, and says what axe found. `--only case` takes pages of that name.
"""

import argparse
import asyncio
import sys
from itertools import groupby
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, Windows
from tests.live import LiveServer, make_template, open_test_hub
from tests.postgres import TestCluster
from tests.use.looking import look
from tests.use.pages import Visit, visits
from tests.use.town import fill

SIZES = {360: 740, 768: 1024, 1440: 900}
PER_SHEET = 8


async def walk(windows: Windows, todo: list[Visit], folder: Path, width: int, colours: str) -> int:
    """Pictures of all pages in one size and colours; how many pages have something wrong."""
    wrong = 0
    expected = ("401", "403", "404")
    for who, theirs in groupby(sorted(todo, key=lambda visit: visit.who), key=lambda visit: visit.who):
        email = f"{who}@example.org" if who else ""
        size = (width, SIZES[width])
        async with windows.open(email, size, expected=expected, color_scheme=colours) as screen:
            for visit in theirs:
                found = await look(screen, visit, targets=False)
                wrong += bool(found)
                if found:
                    print(f"{visit.name} {width} {colours}: {found}", flush=True)
                whole = "inbox" not in visit.path or visit.path.endswith(("new", "views", "person", "export", "share"))
                path = folder / f"{visit.name}-{width}-{colours}.png"
                await screen.page.screenshot(path=path, full_page=whole, animations="disabled")
    return wrong


async def sheets(browser: Browser, todo: list[Visit], folder: Path, width: int, colours: str) -> None:
    """Eight pages to a picture, quick to look through."""
    names = sorted(visit.name for visit in todo)
    page = await browser.new_page(viewport={"width": 1600, "height": 1000})
    for number, begin in enumerate(range(0, len(names), PER_SHEET)):
        figures = "".join(
            f"<figure><figcaption>{name}</figcaption><img src='{name}-{width}-{colours}.png'></figure>"
            for name in names[begin : begin + PER_SHEET]
        )
        across = 8 if width == 360 else 4
        style = f"body{{display:grid;grid-template-columns:repeat({across},1fr);gap:8px;margin:0}}figure{{margin:0}}"
        style += "img{width:100%;max-height:900px;object-fit:cover;object-position:top}figcaption{font:14px sans-serif}"
        file = folder / "sheet.html"
        file.write_text(f"<meta charset=utf-8><style>{style}</style>{figures}", encoding="utf-8")
        await page.goto(file.as_uri())
        await page.screenshot(path=folder / f"sheet-{width}-{colours}-{number}.png", full_page=True)
    (folder / "sheet.html").unlink()
    await page.close()


async def run(url: str, data: Path, folder: Path, only: str, widths: list[int]) -> int:
    async with open_test_hub(url, data, demo=True) as hub:
        todo = [visit for visit in visits(await fill(hub)) if only in visit.name]
        wrong = 0
        async with LiveServer(hub, worker=False) as live, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for width in widths:
                for colours in ("light", "dark"):
                    wrong += await walk(Windows(browser, live.base_url), todo, folder, width, colours)
                    await sheets(browser, todo, folder, width, colours)
            await browser.close()
    print(f"{len(todo)} pages; something was wrong {wrong} times")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--widths", type=int, nargs="*", default=list(SIZES), choices=list(SIZES))
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with TestCluster() as cluster, cluster.database(make_template(cluster)) as url:
        data = Path(cluster.postgres.data_dir).parent / "pictures"
        data.mkdir()
        sys.exit(bool(asyncio.run(run(url, data, wanted.folder, wanted.only, wanted.widths))))


if __name__ == "__main__":
    main()
