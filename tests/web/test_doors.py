"""Every route's door: nobody gets in without a session, changes nothing without its token, does more than the role."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.hub import Hub
from app.main import create_app
from app.web.routes import ROUTERS
from app.web.security import CSP
from tests.web.conftest import HTML, NewBrowser
from tests.web.street import Street

OPEN = (
    "/",
    "/sign-in",
    "/abc",
    "/privacy",
    "/imprint",
    "/healthz",
    "/readyz",
    "/metrics",
    "/webhooks",
    "/simulator",
    "/manifest.webmanifest",
    "/sw.js",
    "/welcome/",
    "/media/",
    "/api/",
)
"""For people without a session, or with a door of their own."""


def staff_routes() -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            if route.path == "/" or route.path.startswith(OPEN[1:]):
                continue
            for method in route.methods or ():
                yield method, re.sub(r"\{\w+\}", "1", route.path)


ROUTES = sorted(set(staff_routes()))


def test_the_walk_finds_the_routes() -> None:
    assert len(ROUTES) > 12


async def test_every_staff_route_wants_a_session(browse: NewBrowser, street: Street) -> None:
    browser = await browse()
    for method, path in ROUTES:
        answer = await browser.http.request(method, path, headers=HTML)
        expected = 401 if path == "/events" else 303
        assert answer.status_code == expected, (method, path)
        assert "Lerche" not in answer.text


async def test_every_change_wants_the_sessions_token_from_our_own_pages(browse: NewBrowser, street: Street) -> None:
    browser = await browse("chris@example.org")
    for method, path in ROUTES:
        if method == "GET":
            continue
        for data, headers in (
            ({}, {}),
            ({"csrf": "wrong"}, {}),
            ({"csrf": browser.csrf}, {"sec-fetch-site": "cross-site"}),
            ({"csrf": browser.csrf}, {"origin": "https://elsewhere.example"}),
        ):
            answer = await browser.http.request(method, path, data=data, headers=HTML | headers)
            assert answer.status_code == 403, (method, path, data, headers)


async def test_answers_carry_the_headers_that_keep_them_safe(browse: NewBrowser, street: Street) -> None:
    browser = await browse("ana@example.org")
    for path in ("/inbox", "/sign-in", "/privacy", "/healthz", "/nothing-here"):
        headers = (await browser.get(path)).headers
        assert headers["content-security-policy"] == CSP
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    assert "unsafe" not in CSP


async def test_https_makes_cookies_stricter(hub: Hub, browse: NewBrowser, street: Street) -> None:
    hub.settings.__dict__["base_url"] = "https://hub.example.org"
    browser = await browse()
    answer = await browser.sign_in("ana@example.org")
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers
    assert (await browser.get("/inbox")).status_code == 200


async def test_huge_requests_are_refused_before_they_are_read(browse: NewBrowser, street: Street) -> None:
    browser = await browse()
    announced = await browser.http.post("/sign-in", headers={"content-length": "99999999999"})
    assert announced.status_code == 413


async def test_errors_fit_who_asks(hub: Hub, browse: NewBrowser) -> None:
    browser = await browse()
    page = await browser.get("/nothing-here")
    assert (page.status_code, "This page does not exist." in page.text) == (404, True)
    assert (await browser.get("/events")).json() == {"error": "Please sign in."}
    german = await browser.get("/nothing-here", **{"accept-language": "de-DE,de;q=0.9,en;q=0.5"})
    assert "Diese Seite gibt es nicht." in german.text


async def test_an_unexpected_error_is_a_page_without_details(
    hub: Hub, browse: NewBrowser, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await browse("ana@example.org")

    async def broken(*_args: object, **_values: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.web.lists.list_cases", broken)
    answer = await browser.get("/inbox")
    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text
    assert "secret detail" not in answer.text


def test_no_route_is_listed_twice(hub: Hub) -> None:
    app: FastAPI = create_app(hub)
    seen = [
        (m, r.path) for router in ROUTERS for r in router.routes if isinstance(r, APIRoute) for m in r.methods or ()
    ]
    assert len(seen) == len(set(seen))
    assert app.docs_url is None
