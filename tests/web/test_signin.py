"""Signing in: who gets in, who is slowed down, what a session is worth."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import auth
from app.errors import BadInput, Conflict, NotSignedIn, TooManyTries
from app.hub import Hub
from app.models import LoginTry, StaffSession, User
from tests.web.cast import PASSWORD, add_user
from tests.web.conftest import NewBrowser

ANA = "ana@example.org"


@pytest.fixture
async def ana(hub: Hub) -> User:
    async with hub.db.transaction() as session:
        return await add_user(session, "Ana Petrova")


def given(email: str = ANA, password: str = PASSWORD, address: str = "192.0.2.1") -> auth.Credentials:
    return auth.Credentials(email, password, address)


async def test_signs_in_with_any_spelling_of_the_address_and_keeps_only_the_token_hash(hub: Hub, ana: User) -> None:
    token, started = await auth.sign_in(hub.db, hub.vault, given(" ANA@Example.org "), hub.now())
    assert started.token_hash == auth.token_hash(token)
    assert token.encode() not in started.token_hash
    async with hub.db.transaction() as session:
        found = await auth.user_of(session, token, hub.now())
        assert found is not None
        assert found.user.id == ana.id
        assert await auth.user_of(session, token + "x", hub.now()) is None


@pytest.mark.parametrize(("email", "password"), [(ANA, "wrong"), ("nobody@example.org", PASSWORD)])
async def test_says_the_same_for_a_wrong_password_and_an_unknown_account(
    hub: Hub, ana: User, caplog: pytest.LogCaptureFixture, email: str, password: str
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(NotSignedIn) as refused:
        await auth.sign_in(hub.db, hub.vault, given(email, password), hub.now())
    assert refused.value.message == "E-mail address or password is wrong."
    assert "sign-in failed" in caplog.text
    assert "@" not in caplog.text


async def test_five_failures_lock_an_account_for_a_quarter_of_an_hour(hub: Hub, ana: User) -> None:
    now = hub.now()
    for number in range(auth.TRIES_PER_ACCOUNT):
        with pytest.raises(NotSignedIn):
            await auth.sign_in(hub.db, hub.vault, given(password="wrong", address=f"192.0.2.{number}"), now)
    with pytest.raises(TooManyTries):
        await auth.sign_in(hub.db, hub.vault, given(), now)
    await auth.sign_in(hub.db, hub.vault, given(), now + auth.TRIES_WINDOW + timedelta(seconds=1))


async def test_an_address_that_tries_many_accounts_is_slowed_down(hub: Hub, ana: User) -> None:
    now = hub.now()
    for number in range(auth.TRIES_PER_ADDRESS):
        with pytest.raises(NotSignedIn):
            await auth.sign_in(hub.db, hub.vault, given(f"p{number}@example.org", address="2001:db8::1"), now)
    with pytest.raises(TooManyTries):  # another address of the same /64 network
        await auth.sign_in(hub.db, hub.vault, given(address="2001:db8::2"), now)
    await auth.sign_in(hub.db, hub.vault, given(address="192.0.2.9"), now)


async def test_success_forgets_the_failures_of_the_account_only(hub: Hub, ana: User) -> None:
    now = hub.now()
    for email in (ANA, "other@example.org"):
        with pytest.raises(NotSignedIn):
            await auth.sign_in(hub.db, hub.vault, given(email, "wrong"), now)
    later = now + timedelta(seconds=1)
    await auth.sign_in(hub.db, hub.vault, given(), later)
    async with hub.db.transaction() as session:
        left = await session.scalar(sa.select(sa.func.count()).select_from(LoginTry))
    assert left == 3  # two failures of the address, one of the other account


async def test_a_session_lives_twelve_hours_after_its_last_use_and_a_week_at_most(hub: Hub, ana: User) -> None:
    now = hub.now()
    token, _ = await auth.sign_in(hub.db, hub.vault, given(), now)
    async with hub.db.transaction() as session:
        at = now
        while at < now + auth.SESSION_MAX:
            assert await auth.user_of(session, token, at) is not None
            at += timedelta(hours=11)
        assert await auth.user_of(session, token, now + auth.SESSION_MAX) is None
    other, _ = await auth.sign_in(hub.db, hub.vault, given(), now)
    async with hub.db.transaction() as session:
        assert await auth.user_of(session, other, now + auth.SESSION_IDLE) is None


async def test_reset_and_disable_end_every_session(hub: Hub, ana: User) -> None:
    now = hub.now()
    for end in ("reset", "disable"):
        async with hub.db.transaction() as session:
            await auth.reset_password(session, ANA, PASSWORD)
        token, _ = await auth.sign_in(hub.db, hub.vault, given(), now)
        async with hub.db.transaction() as session:
            if end == "reset":
                await auth.reset_password(session, ANA, "another long password")
            else:
                await auth.disable_user(session, ANA, now)
            assert await auth.user_of(session, token, now) is None
    with pytest.raises(NotSignedIn):
        await auth.sign_in(hub.db, hub.vault, given(password="another long password"), now)


async def test_refuses_weak_passwords_unknown_roles_and_second_accounts(hub: Hub, ana: User) -> None:
    async with hub.db.transaction() as session:
        with pytest.raises(BadInput):
            await auth.create_user(session, "x@example.org", "admin", "short")
        with pytest.raises(BadInput):
            await auth.create_user(session, "x@example.org", "king", PASSWORD)
        with pytest.raises(Conflict):
            await auth.create_user(session, ANA.upper(), "admin", PASSWORD)


async def test_the_form_sets_a_cookie_that_scripts_cannot_read(browse: NewBrowser, ana: User) -> None:
    browser = await browse()
    answer = await browser.sign_in(ANA)
    assert answer.headers["location"] == "/inbox"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


async def test_the_form_says_what_is_wrong_and_keeps_the_address(browse: NewBrowser, ana: User) -> None:
    browser = await browse()
    answer = await browser.sign_in(ANA, "wrong")
    assert answer.status_code == 401
    assert "E-mail address or password is wrong." in answer.text
    assert f'value="{ANA}"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}])
async def test_another_site_cannot_sign_somebody_in(browse: NewBrowser, ana: User, headers: dict[str, str]) -> None:
    browser = await browse()
    answer = await browser.post("/sign-in", {"email": ANA, "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("wish", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "inbox"])
async def test_leads_only_to_our_own_pages(browse: NewBrowser, ana: User, wish: str) -> None:
    browser = await browse()
    answer = await browser.post("/sign-in", {"email": ANA, "password": PASSWORD, "next": wish})
    assert answer.headers["location"] == "/inbox"


async def test_asks_to_sign_in_and_comes_back(browse: NewBrowser, ana: User) -> None:
    browser = await browse()
    asked = await browser.get("/inbox/5")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/sign-in?next=/inbox/5"
    part = await browser.get("/inbox/5", **{"hx-request": "true"})
    assert part.headers["hx-redirect"] == "/sign-in"


async def test_signing_out_ends_the_session_on_the_server(hub: Hub, browse: NewBrowser, ana: User) -> None:
    browser = await browse(ANA)
    assert (await browser.post("/sign-out")).headers["location"] == "/sign-in"
    async with hub.db.transaction() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0
    assert (await browser.get("/account")).status_code == 303


async def test_changing_the_password_keeps_this_browser_and_ends_the_others(browse: NewBrowser, ana: User) -> None:
    here, there = await browse(ANA), await browse(ANA)
    new = "a much longer new password"
    wrong = await here.post("/account/password", {"old": "wrong", "new": new, "again": new})
    assert wrong.status_code == 422
    assert "The present password is wrong." in wrong.text
    right = await here.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert right.headers["location"] == "/account?done=password"
    assert (await here.get("/account")).status_code == 200
    assert (await there.get("/account")).status_code == 303
