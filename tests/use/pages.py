"""Every page that people of the team see, with how one gets to it: for axe (tests/browser/test_every_page.py), for pictures.

Pages without a name in their address are found in the list of routes, so that a new one is looked at from its first day.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from fastapi.routing import APIRoute
from playwright.async_api import Page, expect

from app.web.routes import ROUTERS
from tests.use.town import Town
from tests.web.cast import PASSWORD

NO_PAGES = ("/", "/events", "/healthz", "/readyz", "/metrics", "/sw.js", "/manifest.webmanifest", "/inbox/waiting")
DOWNLOADS = ".csv"
PARTS = ("/api/", "/simulator/", "/webhooks/", "/sign-in")
Step = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True)
class Visit:
    """`who` signs in; empty: nobody. `step` is done on the page before it is looked at."""

    name: str
    who: str
    path: str
    step: Step | None = None


async def search(page: Page) -> None:
    await page.fill("main [name=words] >> nth=-1", "zaplata")
    await page.keyboard.press("Enter")
    await page.wait_for_load_state()


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", password)
    await page.click("button[type=submit]")
    await page.wait_for_load_state()


async def wrong_password(page: Page) -> None:
    await sign_in(page, "nobody@example.org", "not the password")


async def second_step(page: Page) -> None:
    await sign_in(page, "tina@example.org")


async def filters(page: Page) -> None:
    await page.click("#filters summary")


async def sheet(page: Page) -> None:
    """What to do with a case: a sheet on a phone, menus on a desk."""
    opener = page.locator(".case-more-open")
    if await opener.is_visible():
        await opener.click()
    await page.click("#menu-close summary")


async def palette(page: Page) -> None:
    await page.click("[data-opens=palette]")
    await expect(page.locator("#palette")).to_be_visible()


async def note(page: Page) -> None:
    await page.click("#note-form summary")


async def take_text(page: Page) -> None:
    """The first of the queue; a second time it is the mediator's already."""
    await page.click("main form[action$='/take'] button, main a.primary")
    await page.wait_for_url(re.compile(r"/mediation/\d+"))


def visits(town: Town) -> Iterator[Visit]:
    yield from _outside(town)
    yield from _at_work(town)
    listed = {visit.path for visit in (*_outside(town), *_at_work(town))}
    for path in without_names():
        if path not in listed:
            yield Visit(path.strip("/").replace("/", "-"), "chris", path)


def without_names() -> list[str]:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    paths = {route.path for route in routes if "GET" in (route.methods or ()) and "{" not in route.path}
    return sorted(
        path for path in paths if path not in NO_PAGES and not path.startswith(PARTS) and not path.endswith(DOWNLOADS)
    )


def _outside(town: Town) -> Iterator[Visit]:
    yield Visit("sign-in", "", "/sign-in")
    yield Visit("sign-in-wrong", "", "/sign-in", wrong_password)
    yield Visit("sign-in-code", "", "/sign-in", second_step)
    yield Visit("welcome", "", f"/welcome/{town.welcome}")
    yield Visit("error-404", "", "/nothing-here")
    yield Visit("privacy-bg", "", "/privacy?lang=bg")
    for page in ("", "/areas", "/emergency", "/services", "/work.wage_unpaid", "/search"):
        yield Visit(f"abc{page.replace('/', '-')}", "", f"/abc/bg{page}")
    for look in ("telegram", "whatsapp", "sms"):
        yield Visit(f"simulator-{look}", "chris", f"/simulator?app={look}")


def _at_work(town: Town) -> Iterator[Visit]:
    cases = town.street
    yield Visit("inbox-mine", "ana", "/inbox?view=mine")
    yield Visit("inbox-all", "boris", "/inbox?view=all")
    yield Visit("inbox-filters", "boris", "/inbox?view=all&language=bg", filters)
    yield Visit("inbox-empty", "boris", "/inbox?view=all&language=en")
    yield Visit("palette", "ana", "/inbox?view=all", palette)
    yield Visit("case-wages", "ana", f"/inbox/{cases.wages.id}", note)
    yield Visit("case-urgent", "boris", f"/inbox/{cases.urgent.id}", sheet)
    yield Visit("case-snoozed", "ana", f"/inbox/{cases.two_ways.id}")
    yield Visit("case-closed", "boris", f"/inbox/{cases.closed.id}")
    yield Visit("case-whatsapp", "ana", f"/inbox/{town.whatsapp_case}")
    yield Visit("person", "boris", f"/inbox/{cases.wages.id}/person")
    yield Visit("share", "ana", f"/inbox/{cases.wages.id}/share")
    yield Visit("export", "boris", f"/inbox/{cases.wages.id}/export")
    yield Visit("search-found", "ana", "/inbox/search", search)
    yield Visit("to-read", "boris", "/inbox/to-read")
    yield Visit("case-gone", "ana", "/inbox/999999")
    yield Visit("account-mediator", "mila", "/account")
    yield Visit("mediation-queue", "mila", "/mediation")
    yield Visit("mediation-work", "mila", "/mediation", take_text)
    yield Visit("not-allowed", "mila", "/inbox")
    yield Visit("editor-entry", "chris", "/editor/entries/work.minimum_wage")
    yield Visit("editor-flow", "chris", "/editor/flows/arrival?node=job")
    yield Visit("editor-figure", "chris", "/editor/figures/minimum_wage")
    yield Visit("editor-piece", "chris", "/editor/pieces/entry/work.minimum_wage")
    yield Visit("admin-team", "chris", f"/admin/teams/{town.team_id}")
    yield Visit("admin-colleague", "chris", f"/admin/staff/{cases.ana.id}")
    yield Visit("admin-place", "boris", "/admin/places/weissenfels")
    yield Visit("roster-coordinator", "boris", "/admin/roster")
