"""Chromium, as people of the team see the hub: any console error or request to another origin fails the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from app.hub import Hub
from tests.live import Live, LiveServer
from tests.web import street as streets
from tests.web.cast import PASSWORD

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESK = (360, 740), (1440, 900)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's; where it is missing, `need_chromium.sh` installs it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Screen:
    """One window and what went wrong in it. `expected` holds words of console errors that a test provokes."""

    page: Page
    base_url: str
    problems: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    async def goto(self, path: str) -> None:
        await self.page.goto(self.base_url + path)

    async def sign_in(self, email: str) -> None:
        await self.goto("/sign-in")
        await self.page.fill("[name=email]", email)
        await self.page.fill("[name=password]", PASSWORD)
        await self.page.click("button[type=submit]")
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)  # mediators have no inbox

    async def axe(self) -> list[Any]:
        """What axe finds on this page, in a form that a failing test shows."""
        found = await Axe().run(self.page)
        return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]]

    async def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def watch(self) -> None:
        host = urlsplit(self.base_url).netloc
        self.page.on("console", lambda m: self._note(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", lambda r: self._note(f"elsewhere: {r.url}") if urlsplit(r.url).netloc != host else None)

    def _note(self, problem: str) -> None:
        if not any(words in problem for words in self.expected):
            self.problems.append(problem)


@pytest.fixture
async def street(hub: Hub) -> streets.Street:
    async with hub.db.transaction() as session:
        built = await streets.build(hub, session)
    await hub.registry.load()
    return built


@pytest.fixture
async def serving(hub: Hub, street: streets.Street) -> AsyncIterator[Live]:
    """The street's hub on a real port, without workers: messages stay queued."""
    async with LiveServer(hub, worker=False) as live:
        yield live


class Windows:
    def __init__(self, chromium: Browser, base_url: str) -> None:
        self._chromium = chromium
        self._base_url = base_url

    @asynccontextmanager
    async def open(
        self, email: str = "", size: tuple[int, int] = DESK, *, expected: tuple[str, ...] = (), **options: Any
    ) -> AsyncIterator[Screen]:
        viewport = ViewportSize(width=size[0], height=size[1])
        context = await self._chromium.new_context(viewport=viewport, locale="en-GB", **options)
        try:  # an open window keeps its live events open, and the server waits for them
            screen = Screen(await context.new_page(), self._base_url, expected=expected)
            screen.watch()
            if email:
                await screen.sign_in(email)
            yield screen
        finally:
            await context.close()
        assert screen.problems == []


@pytest.fixture
async def windows(chromium: Browser, serving: Live) -> Windows:
    return Windows(chromium, serving.base_url)
