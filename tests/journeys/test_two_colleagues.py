"""A working quarter of a minute: two desks, a phone, and people who write in three languages meanwhile.

Nothing jumps under the pointer, and in the end every word stands once, with the right person, in the database, on every
screen and in the chat of whom it was said to. `make use` does the same for ten minutes.
"""

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.live import LiveServer
from tests.postgres import TestCluster
from tests.use.colleagues import spend
from tests.web.simulated import open_demo

pytestmark = pytest.mark.browser


async def test_nothing_jumps_doubles_is_lost_or_goes_to_the_wrong_person(
    cluster: TestCluster, template: str, tmp_path: Path
) -> None:
    async with (
        open_demo(cluster, template, tmp_path, {}) as hub,
        LiveServer(hub) as live,
        async_playwright() as playwright,
    ):
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        day = await spend(live, chromium, seconds=15, cases=6)
        await chromium.close()
    assert day.findings == []
    assert sum(day.deeds.values()) > 5
