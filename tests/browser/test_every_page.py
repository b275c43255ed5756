"""Every page of the team, on a phone: axe finds nothing, nothing is wider than the window or smaller than a finger needs.

`python -m tests.use.pictures FOLDER` looks at them at three widths, light and dark.
"""

from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Windows
from tests.live import LiveServer
from tests.postgres import TestCluster
from tests.use.looking import look
from tests.use.pages import visits
from tests.use.town import Town, fill
from tests.web.simulated import open_demo

TALL = (360, 16_000)  # as wide as a phone, and so high that the bar at its bottom hides nothing from axe


@pytest.fixture
async def demo(
    chromium: Browser, cluster: TestCluster, template: str, tmp_path: Path
) -> AsyncIterator[tuple[Windows, Town]]:
    async with open_demo(cluster, template, tmp_path, {}) as hub:
        town = await fill(hub)
        async with LiveServer(hub, worker=False) as live:
            yield Windows(chromium, live.base_url), town


async def test_nothing_is_in_anybodys_way(demo: tuple[Windows, Town]) -> None:
    windows, town = demo
    wrong = {}
    for who, theirs in groupby(sorted(visits(town), key=lambda visit: visit.who), key=lambda visit: visit.who):
        email = f"{who}@example.org" if who else ""
        async with windows.open(email, TALL, expected=("401", "403", "404")) as screen:
            for visit in theirs:
                if found := await look(screen, visit):
                    wrong[visit.name] = found
    assert wrong == {}
