"""A hub with a working day in it, and browsers without a browser: HTTP clients that keep cookies and CSRF tokens."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.hub import Hub
from app.main import create_app
from tests.web import street as streets
from tests.web.cast import PASSWORD

CSRF = re.compile(r'name="csrf"\s+value="([^"]+)"')
HTML = {"accept": "text/html", "accept-language": "en"}
HTMX = HTML | {"hx-request": "true"}


@dataclass
class Browser:
    """One person's browser: gets pages, sends forms with the token of the last page."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.http.get(path, headers=HTML | headers)
        if found := CSRF.search(answer.text):
            self.csrf = found[1]
        return answer

    async def post(self, path: str, data: dict[str, Any] | None = None, **values: Any) -> httpx.Response:
        headers = HTML | values.pop("headers", {})
        return await self.http.post(path, data={"csrf": self.csrf} | (data or {}), headers=headers, **values)

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        answer = await self.http.post("/sign-in", data={"email": email, "password": password}, headers=HTML)
        if answer.status_code == 303:
            await self.get("/account")
        return answer


NewBrowser = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def street(hub: Hub) -> streets.Street:
    async with hub.db.transaction() as session:
        built = await streets.build(hub, session)
    await hub.registry.load()
    return built


@pytest.fixture
async def browse(hub: Hub) -> AsyncIterator[NewBrowser]:
    """`await browse("ana@example.org")`: a new browser, signed in if a name is given."""
    async with AsyncExitStack() as stack:

        async def new(email: str = "", address: str = "127.0.0.1") -> Browser:
            transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False, client=(address, 1))
            client = httpx.AsyncClient(transport=transport, base_url=hub.settings.base_url)
            browser = Browser(await stack.enter_async_context(client))
            if email:
                assert (await browser.sign_in(email)).status_code == 303
            return browser

        yield new
