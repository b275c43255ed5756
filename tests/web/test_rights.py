"""Every route × role: who is let in, who is sent away, and for whom a case does not even exist.

A new route fails here until somebody has written down whose it is.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app import teams, tokens
from app.hub import Hub
from app.main import create_app
from app.models import Case, CaseShare, User
from app.web.routes import ROUTERS
from tests.live import open_test_hub
from tests.postgres import TestCluster
from tests.web.cast import add_user
from tests.web.conftest import HTML, Browser
from tests.web.street import Street, build

ROLES = ("anonymous", "mediator", "outsider", "streetworker", "coordinator", "admin")
"""The outsider is a streetworker whose team is not there for the place of the case."""

IN = "in"  # served, or refused for what was sent: 2xx, 3xx, 409, 422
OUT = "sign in"  # 303 to the sign-in page, or 401
NO = "not allowed"  # 403
GONE = "not there"  # 404

OPEN = dict.fromkeys(ROLES, IN)
STAFF = dict.fromkeys(ROLES, IN) | {"anonymous": OUT}
INBOX = STAFF | {"mediator": NO}
CASE = INBOX | {"outsider": GONE}
FILE = CASE | {"mediator": GONE}
ADMIN = dict.fromkeys(ROLES, NO) | {"anonymous": OUT, "admin": IN}
LEADS = ADMIN | {"coordinator": IN}
FLOW = LEADS | {"coordinator": GONE, "admin": GONE}
MEDIATION = LEADS | {"mediator": IN}


TABLE: dict[str, dict[str, str]] = {
    # without signing in, or with a door of their own (signatures, tests/web/test_doors.py, tests/web/test_simulator.py)
    r"/|/sw.js|/manifest.webmanifest|/healthz|/readyz|/privacy|/imprint": OPEN,
    r"/sign-in|/sign-in/code|/abc.*|/metrics|/webhooks/.*|/media/.*|/simulator.*": {},
    r"/sign-out": OPEN,  # leads to the sign-in page in any case
    r"/account|/account/(me|desk|theme|language|password|sessions/end-others|tokens|away)|/account/two-factor.*": STAFF,
    r"/welcome/\{token\}": dict.fromkeys(ROLES, GONE),
    r"/account/sessions/\{session_id\}/end": STAFF | dict.fromkeys(ROLES[1:], GONE),
    r"/account/(push|push/try|digest)": STAFF,
    r"/account/push/\{subscription_id\}/end": STAFF | dict.fromkeys(ROLES[1:], GONE),
    r"/account/tokens/\{token_id\}/revoke": STAFF | dict.fromkeys(ROLES[1:], GONE),
    r"/events": STAFF,
    r"/inbox|/inbox/search|/inbox/views|/inbox/to-read|/inbox/find|/inbox/bulk(/undo)?": INBOX,
    r"/inbox/(new|waiting)": INBOX,
    r"/inbox/views/\{view_id\}(/delete)?": INBOX | dict.fromkeys(ROLES[2:], GONE),
    r"/inbox/\{case_id\}(/(take|release|close|note|reply|composer|share|share/\{team_id\}|share/\{team_id\}/end))?": CASE,
    r"/inbox/\{case_id\}/(insert|measure|originals|translate(/(check|back|choice))?)": CASE,
    r"/inbox/\{case_id\}/(snooze|wake|assign|tag|untag|draft|presence|here|gone)": CASE,
    r"/inbox/\{case_id\}/(later/\{reply_id\}/cancel|messages/\{message_id\}/(again|arrived|other-way|look-up))"
    r"|/inbox/\{case_id\}/(pending/\{reply_id\}/(release|return|withdraw|alone)|kept/\{file_id\})": CASE
    | {"streetworker": GONE, "coordinator": GONE, "admin": GONE},
    r"/inbox/\{case_id\}/(open-again|open-new)": CASE,
    r"/inbox/\{case_id\}/flow/(look|start|stop)": CASE | dict.fromkeys(("streetworker", "coordinator", "admin"), GONE),
    r"/inbox/\{case_id\}/person(/(phone|need|deadline|urgency|language|place|forget|reveal))?": CASE,
    r"/inbox/\{case_id\}/person/(block|unblock)": CASE | {"streetworker": NO},
    r"/media-file/\{media_id\}(/turn)?": FILE,
    r"/media-file/\{media_id\}/copy": FILE | {"streetworker": GONE, "coordinator": GONE, "admin": GONE},
    r"/admin|/admin/(staff-chat|operator|teams|teams/\{team_id\}|audit|tokens|channels|settings|translations)": ADMIN,
    r"/admin/channels/\{channel_id\}/check": ADMIN | {"admin": GONE},
    r"/inbox/\{case_id\}/mediations/\{mediation_id\}/(withdraw|send)|/inbox/\{case_id\}/messages/\{message_id\}/check": CASE
    | {"streetworker": GONE, "coordinator": GONE, "admin": GONE},
    r"/mediation|/mediation/glossary": MEDIATION,
    r"/mediation/quality": LEADS,
    r"/editor|/editor/(longer|search)": LEADS,
    r"/editor/(try|transcripts)": LEADS,
    r"/editor/transcripts/\{name\}(/(take|retire|restore))?": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/editor/examples|/editor/gaps(/(add|close))?": LEADS,
    r"/editor/examples/\{topic\}(/ask)?": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/editor/pieces/\{kind\}/\{key\}(/(approve|withdraw|publish|unschedule|discard|restore|dialogues|together|versions))?": LEADS
    | {"coordinator": GONE, "admin": GONE},
    r"/editor/pieces/\{kind\}/\{key\}/versions/\{version\}": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/editor/approvals": MEDIATION,
    r"/editor/approvals/publish": LEADS,
    r"/editor/approvals/\{aspect\}/\{kind\}/\{key\}(/(approve|withdraw|files/\{name\}))?": LEADS
    | {"coordinator": NO, "admin": NO},
    r"/editor/incoming": LEADS,
    r"/editor/incoming/\{incoming_id\}(/(take|keep))?": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/admin/settings/four-eyes": ADMIN,
    r"/directory|/directory/(new|confirm|table|table/.*)": LEADS,
    r"/directory/\{slug\}(/(confirm|back|close))?": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/editor/flows": LEADS,
    r"/editor/flows/\{slug\}(/(settings|do|step|texts|texts.csv|texts\.\{language\}\.po|nodes/\{node\}(/file)?))?": FLOW,
    r"/editor/entries|/editor/entries/new|/editor/figures|/editor/templates": LEADS,
    r"/editor/(figures|templates)/\{key\}": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/editor/entries/\{topic\}(/(preview|step|audio))?|/editor/sounds/\{name\}": LEADS
    | {"coordinator": GONE, "admin": GONE},
    r"/mediation/\{mediation_id\}(/(take|put-back|release|return))?": MEDIATION
    | {"mediator": GONE, "coordinator": GONE, "admin": GONE},
    r"/admin/replies|/admin/replies/new": LEADS,
    r"/admin/replies/\{shortcut\}(/(delete|restore))?": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/content-file/\{name\}": STAFF | dict.fromkeys(ROLES[1:], GONE),
    r"/admin/reply-files": LEADS,
    r"/admin/reply-files/\{name\}/delete": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/admin/second-reader": LEADS,
    r"/admin/(roster|roster/rules|places|places/\{slug\})": LEADS,
    r"/admin/roster/shifts/\{shift_id\}/remove": LEADS | {"coordinator": GONE, "admin": GONE},
    r"/inbox/\{case_id\}/export": CASE | {"streetworker": NO},
    r"/admin/staff": ADMIN,
    r"/admin/staff/\{user_id\}.*": ADMIN | {"admin": GONE},
    r"/admin/tokens/\{token_id\}/revoke|/admin/translations/\{pair\}/remove": ADMIN | {"admin": GONE},
    r"/api/v1/(cases|contacts)": INBOX,
    r"/api/v1/cases/\{case_id\}(/(messages|replies|notes|close|take|release|assignable|hand-over|tags|tags/remove))?": CASE,
    r"/api/v1/contacts/\{contact_id\}": CASE,
}
LAST = ("/sign-out", "/inbox/{case_id}/close", "/api/v1/cases/{case_id}/close", "/account/password")
"""Done after everything else, because they end something."""
STREAMS = ("/events",)  # never end by themselves; only who may not have them is asked


def routes() -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in route.methods or ())


ROUTES = sorted(set(routes()), key=lambda each: (each[1] in LAST, each[1], each[0]))


def expected(path: str) -> list[dict[str, str]]:
    return [roles for pattern, roles in TABLE.items() if re.fullmatch(pattern, path)]


def test_every_route_is_in_the_table_once() -> None:
    assert [path for _, path in ROUTES if len(expected(path)) != 1] == []


@dataclass(frozen=True)
class Town:
    """One hub with one street for all roles."""

    hub: Hub
    street: Street
    people: dict[str, User]  # one of each role; the case is in Weißenfels


@pytest.fixture(scope="module")
async def town(cluster: TestCluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    with cluster.database(template) as url:
        async with open_test_hub(url, tmp_path_factory.mktemp("town")) as hub:
            async with hub.db.transaction() as session:
                street = await build(hub, session)
                mediator = await add_user(session, "Mila Mediator", "mediator")
                outsider = await add_user(session, "Otto Outsider")
                form = teams.Form("Elsewhere", "", {"wuppertal"}, {outsider.id})
                await teams.create(session, hub.shelf.library, street.admin, form)
            await hub.registry.load()
            people = {"mediator": mediator, "outsider": outsider, "streetworker": street.ana}
            yield Town(hub, street, people | {"coordinator": street.boris, "admin": street.admin})


@pytest.fixture(scope="module")
async def app(town: Town) -> FastAPI:
    return create_app(town.hub)


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_lets_in_whom_it_should(town: Town, app: FastAPI, role: str) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=town.hub.settings.base_url) as client:
        wrong = [each async for each in mistakes(town, Browser(client), role)]
    assert not wrong, wrong


async def mistakes(town: Town, browser: Browser, role: str) -> AsyncIterator[tuple[str, str, str, int]]:
    """Routes that answer this role otherwise than the table says.

    What one role does must not decide what the next may: the case is as it was at the beginning of each walk.
    """
    token = ""
    await as_before(town)
    if user := town.people.get(role):
        assert (await browser.sign_in(user.email)).status_code == 303
        async with town.hub.db.transaction() as session:
            token = await tokens.make_token(session, user, "t", tokens.SCOPES, 30, town.hub.now(), by=user)
    for method, path in ROUTES:
        wish = expected(path)[0].get(role)
        if wish is None or (path in STREAMS and wish == IN):
            continue
        status = await ask(browser, token, method, address(path, town.street))
        if not fits(status, wish):
            yield method, path, wish, status


async def as_before(town: Town) -> None:
    was = town.street.wages
    async with town.hub.db.transaction() as session:
        case = await session.get_one(Case, was.id)
        case.status, case.assignee_id, case.place, case.team = "open", was.assignee_id, was.place, None
        case.closed_at = case.outcome = None
        await session.execute(sa.delete(CaseShare))


def address(path: str, street: Street) -> str:
    values: dict[str, int | str] = {
        "case_id": street.wages.id,
        "contact_id": street.wages.contact_id,
        "media_id": 1,
        "team_id": 1,
    }
    values["slug"] = "weissenfels"
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda match: str(values.get(match[1], 999_999)), path)


async def ask(browser: Browser, token: str, method: str, path: str) -> int:
    if path.startswith("/api/"):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": "k"}
        body = {"conversation_id": 1, "text": "x", "seen_seq": 0, "name": "x", "team_id": 1, "seen_assignee_id": None}
        return (await browser.http.request(method, path, headers=headers, json=body)).status_code
    data = {"csrf": browser.csrf, "text": "x", "to": "1:0", "user_id": "1"}
    answer = await browser.http.request(method, path, headers=HTML, data=data if method == "POST" else None)
    if answer.headers.get("location", "").startswith("/sign-in") and not path.startswith("/sign-"):
        return 401
    return answer.status_code


def fits(status: int, wish: str) -> bool:
    match wish:
        case "in":
            return status < 400 or status in (409, 422)
        case "sign in":
            return status == 401
        case "not allowed":
            return status == 403
        case _:
            return status == 404
