"""The second step of signing in, as its owner and as somebody with a stolen password meet it."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa

from app import auth, two_factor
from app.errors import NotSignedIn, TooManyTries
from app.hub import Hub
from app.models import AuditEntry, User
from tests.web.cast import PASSWORD, add_user
from tests.web.conftest import Browser, NewBrowser

ANA = "ana@example.org"
SECRET = re.compile(r'class="secret">([A-Z2-7]+)<')
SEALED = re.compile(r'name="sealed"\s+value="([^"]+)"')
TICKET = re.compile(r'name="ticket"\s+value="([^"]+)"')
RECOVERY = re.compile(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>")


@pytest.fixture
async def ana(hub: Hub) -> User:
    async with hub.db.transaction() as session:
        return await add_user(session, "Ana Petrova")


def after(hub: Hub, minutes: int) -> Hub:
    """The same hub when its clock has gone on."""
    then = hub.now() + timedelta(minutes=minutes)
    return replace(hub, now=lambda: then)


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


async def turned_on(hub: Hub, browser: Browser) -> tuple[str, list[str]]:
    """The secret, and the recovery codes that the page shows once."""
    page = (await browser.get("/account/two-factor")).text
    assert "<svg" in page
    found, sealed = SECRET.search(page), SEALED.search(page)
    assert found
    assert sealed
    wrong = await browser.post("/account/two-factor/on", {"sealed": sealed[1], "code": "12345"})
    assert wrong.status_code == 422
    assert found[1] in wrong.text, "the same authenticator is offered again"
    form = {"sealed": sealed[1], "code": code(found[1], hub.now())}
    done = await browser.post("/account/two-factor/on", form)
    assert done.status_code == 200
    return found[1], RECOVERY.findall(done.text)


async def ticket(hub: Hub) -> str:
    with pytest.raises(auth.CodeNeeded) as half:
        await auth.sign_in(hub.db, hub.vault, auth.Credentials(ANA, PASSWORD, "192.0.2.1"), hub.now())
    return two_factor.ticket(hub.vault, half.value.user, hub.now())


async def finish(hub: Hub, given: str, typed: str, address: str = "192.0.2.1") -> str:
    return (await two_factor.finish(hub.db, hub.vault, given, typed, address, hub.now()))[0]


async def test_a_password_alone_no_longer_opens_the_account(hub: Hub, browse: NewBrowser, ana: User) -> None:
    secret, codes = await turned_on(hub, await browse(ANA))
    assert len(codes) == two_factor.RECOVERY_CODES
    browser = await browse()
    asked = await browser.http.post("/sign-in", data={"email": ANA, "password": PASSWORD, "next": "/account"})
    assert "set-cookie" not in asked.headers
    found = TICKET.search(asked.text)
    assert found
    used = {"ticket": found[1], "code": code(secret, hub.now()), "next": "/account"}
    again = await browser.http.post("/sign-in/code", data=used)
    assert again.status_code == 401, "the code with which it was turned on is used up"
    fresh = used | {"code": codes[0].upper()}
    opened = await browser.http.post("/sign-in/code", data=fresh)
    assert opened.headers["location"] == "/account"
    assert (await browser.get("/account")).status_code == 200
    assert (await browser.http.post("/sign-in/code", data=fresh)).status_code == 401
    async with hub.db.transaction() as session:
        stored = await session.get_one(User, ana.id)
        assert secret.encode() not in (stored.totp_secret or b"")
        assert len(stored.recovery_codes) == 9
        kinds = (await session.scalars(sa.select(AuditEntry.kind).order_by(AuditEntry.id))).all()
    assert list(kinds) == ["signed_in", "two_factor_on", "signed_in"]


async def test_no_code_counts_twice_even_at_the_same_moment(hub: Hub, browse: NewBrowser, ana: User) -> None:
    secret, _ = await turned_on(hub, await browse(ANA))
    later = after(hub, 1)
    given, typed = await ticket(later), code(secret, later.now())
    tries = await asyncio.gather(*(finish(later, given, typed) for _ in range(3)), return_exceptions=True)
    assert sorted(isinstance(each, NotSignedIn) for each in tries) == [False, True, True]


async def test_guessing_codes_is_slowed_down_as_passwords_are(hub: Hub, browse: NewBrowser, ana: User) -> None:
    _, codes = await turned_on(hub, await browse(ANA))
    given = await ticket(hub)
    for number in range(auth.TRIES_PER_ACCOUNT):
        with pytest.raises(NotSignedIn):
            await finish(hub, given, f"00000{number}", f"192.0.2.{number}")
    with pytest.raises(TooManyTries):
        await finish(hub, given, codes[0], "192.0.2.77")


async def test_tickets_are_ours_short_lived_and_die_with_the_password(hub: Hub, browse: NewBrowser, ana: User) -> None:
    _, codes = await turned_on(hub, await browse(ANA))
    given = await ticket(hub)
    late = after(hub, 11)
    for wrong, clock in ((given[:-1] + "x", hub), ("1.2", hub), ("", hub), (f"{10**30}.1.x", hub), (given, late)):
        with pytest.raises(NotSignedIn):
            await finish(clock, wrong, codes[0])
    async with hub.db.transaction() as session:
        await auth.reset_password(session, ANA, "another long password")
    with pytest.raises(NotSignedIn):
        await finish(hub, given, codes[0])


async def test_turning_it_off_and_new_codes_want_the_password(hub: Hub, browse: NewBrowser, ana: User) -> None:
    browser = await browse(ANA)
    _, codes = await turned_on(hub, browser)
    for path in ("off", "codes"):
        refused = await browser.post(f"/account/two-factor/{path}", {"password": "wrong"})
        assert refused.status_code == 422
        assert "The present password is wrong." in refused.text
    new = RECOVERY.findall((await browser.post("/account/two-factor/codes", {"password": PASSWORD})).text)
    assert len(new) == 10
    with pytest.raises(NotSignedIn):
        await finish(hub, await ticket(hub), codes[0])
    await finish(hub, await ticket(hub), new[0])
    off = await browser.post("/account/two-factor/off", {"password": PASSWORD})
    assert off.headers["location"] == "/account?done=two_factor_off"
    await auth.sign_in(hub.db, hub.vault, auth.Credentials(ANA, PASSWORD, "192.0.2.1"), hub.now())


async def test_a_lost_phone_is_no_lost_account(hub: Hub, browse: NewBrowser, ana: User) -> None:
    """What `streetwork user reset --two-factor-off` does."""
    await turned_on(hub, await browse(ANA))
    async with hub.db.transaction() as session:
        await two_factor.clear(session, await auth.reset_password(session, ANA, PASSWORD))
    await auth.sign_in(hub.db, hub.vault, auth.Credentials(ANA, PASSWORD, "192.0.2.1"), hub.now())


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    secret = pyotp.random_base32()
    typed, step = code(secret, now), int(now.timestamp()) // 30
    for off in (-30, 0, 30):
        spaced = f" {typed[:3]} {typed[3:]}"
        assert two_factor.matching_step(secret, spaced, now + timedelta(seconds=off)) == step
    assert two_factor.matching_step(secret, typed, now + timedelta(seconds=90)) is None
    assert two_factor.matching_step(secret, typed, now, after=step) is None
    assert two_factor.matching_step(secret, "ünsinn", now) is None


def test_apps_read_whose_code_it_is(hub: Hub, ana: User) -> None:
    assert two_factor.offer(hub.vault, ana).address.startswith(
        "otpauth://totp/Streetwork%20Hub:ana%40example.org?secret="
    )


async def test_somebody_elses_offer_is_worth_nothing(hub: Hub, browse: NewBrowser, ana: User) -> None:
    async with hub.db.transaction() as session:
        boris = await add_user(session, "Boris Lange")
    offered = two_factor.offer(hub.vault, boris)
    browser = await browse(ANA)
    form = {"sealed": offered.sealed, "code": code(offered.secret, hub.now())}
    assert (await browser.post("/account/two-factor/on", form)).status_code == 422
    assert (await browser.post("/account/two-factor/on", form | {"sealed": "x"})).status_code == 422


async def test_name_languages_and_enter(hub: Hub, browse: NewBrowser, ana: User) -> None:
    browser = await browse(ANA)
    form = {"name": "  Ana   P. ", "speaks": ["bg", "ro", "xx"], "enter": "sends"}
    assert (await browser.post("/account/me", form)).headers["location"] == "/account?done=saved"
    page = (await browser.get("/account")).text
    assert "data-enter-sends" in page
    async with hub.db.transaction() as session:
        stored = await session.get_one(User, ana.id)
        assert (stored.name, stored.speaks, stored.options) == ("Ana P.", ["bg", "ro"], {"enter_sends": True})
    assert (await browser.post("/account/me", form | {"name": " "})).status_code == 422


async def test_a_mediator_takes_no_further_language_by_itself(hub: Hub, browse: NewBrowser) -> None:
    async with hub.db.transaction() as session:
        mila = await add_user(session, "Mila Mediator", "mediator")
        mila.speaks = ["ro"]
    browser = await browse("mila@example.org")
    page = (await browser.get("/account")).text
    assert "Your languages: Romanian." in page
    assert 'name="speaks"' not in page
    assert 'id="my-duty"' not in page
    assert (await browser.post("/account/me", {"name": "Mila M.", "speaks": ["ro", "bg"]})).status_code == 303
    async with hub.db.transaction() as session:
        stored = await session.get_one(User, mila.id)
        assert (stored.name, stored.speaks) == ("Mila M.", ["ro"])


async def test_ending_all_other_sessions(browse: NewBrowser, ana: User) -> None:
    here, there = await browse(ANA), await browse(ANA)
    assert (await here.get("/account")).text.count("Signed in ") == 2
    await here.post("/account/sessions/end-others")
    assert (await here.get("/account")).status_code == 200
    assert (await there.get("/account")).status_code == 303
