"""Every route × role: who is let in, who is sent away, and for whom a case does not even exist.

A new route fails here until somebody has written down whose it is.
"""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from app import teams, tokens
from app.hub import Hub
from app.models import User
from app.web.routes import ROUTERS
from tests.web.cast import add_user
from tests.web.conftest import HTML, Browser, NewBrowser
from tests.web.street import Street

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

TABLE: dict[str, dict[str, str]] = {
    # without signing in, or with a door of their own (signatures, tests/web/test_doors.py, tests/web/test_simulator.py)
    r"/|/healthz|/readyz|/privacy|/imprint": OPEN,
    r"/sign-in|/sign-in/code|/abc.*|/metrics|/webhooks/.*|/media/.*|/simulator.*": {},
    r"/sign-out": OPEN,  # leads to the sign-in page in any case
    r"/account|/account/(me|language|password|sessions/end-others|tokens)|/account/two-factor.*": STAFF,
    r"/account/tokens/\{token_id\}/revoke": STAFF | dict.fromkeys(ROLES[1:], GONE),
    r"/events": STAFF,
    r"/inbox": INBOX,
    r"/inbox/\{case_id\}(/(take|release|close|note|reply|share|share/\{team_id\}|share/\{team_id\}/end))?": CASE,
    r"/inbox/\{case_id\}/(snooze|wake|assign|tag|untag|draft|presence|here|gone)": CASE,
    r"/inbox/\{case_id\}/(later/\{reply_id\}/cancel|messages/\{message_id\}/(again|arrived))": CASE
    | {"streetworker": GONE, "coordinator": GONE, "admin": GONE},
    r"/media-file/\{media_id\}": FILE,
    r"/admin|/admin/(staff-chat|operator|teams|teams/\{team_id\}|audit|tokens|translations)": ADMIN,
    r"/admin/tokens/\{token_id\}/revoke|/admin/translations/\{pair\}/remove": ADMIN | {"admin": GONE},
    r"/api/v1/(cases|contacts)": INBOX,
    r"/api/v1/cases/\{case_id\}(/(messages|replies|notes|close))?": CASE,
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


@pytest.fixture
async def people(hub: Hub, street: Street) -> dict[str, User]:
    """One of each role. The case is in Weißenfels."""
    async with hub.db.transaction() as session:
        mediator = await add_user(session, "Mila Mediator", "mediator")
        outsider = await add_user(session, "Otto Outsider")
        form = teams.Form("Elsewhere", "", {"wuppertal"}, {outsider.id})
        await teams.create(session, hub.shelf.library, street.admin, form)
    return {
        "mediator": mediator,
        "outsider": outsider,
        "streetworker": street.ana,
        "coordinator": street.boris,
        "admin": street.admin,
    }


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_lets_in_whom_it_should(
    hub: Hub, browse: NewBrowser, street: Street, people: dict[str, User], role: str
) -> None:
    browser = await browse(people[role].email if role in people else "")
    token = ""
    if role in people:
        async with hub.db.transaction() as session:
            user = people[role]
            token = await tokens.make_token(session, user, "t", tokens.SCOPES, 30, hub.now(), by=user)
    wrong = []
    for method, path in ROUTES:
        wish = expected(path)[0].get(role)
        if wish is None or (path in STREAMS and wish == IN):
            continue
        status = await ask(browser, token, method, address(path, street))
        if not fits(status, wish):
            wrong.append((method, path, wish, status))
    assert not wrong, wrong


def address(path: str, street: Street) -> str:
    values = {"case_id": street.wages.id, "contact_id": street.wages.contact_id, "media_id": 1, "team_id": 1}
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda match: str(values.get(match[1], 999_999)), path)


async def ask(browser: Browser, token: str, method: str, path: str) -> int:
    if path.startswith("/api/"):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": "k"}
        body = {"conversation_id": 1, "text": "x", "seen_seq": 0}
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
