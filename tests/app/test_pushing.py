"""Browsers are woken: who, when, through which host; and nobody on the way learns why."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import cases, handing, news, presence, pushing, teams
from app.errors import BadInput, NotFound
from app.jobs import sweep
from app.models import Case, Push, PushSubscription, Setting, User
from tests.app.push_service import Phone, PushService, push_service
from tests.stage import Stage


@pytest.fixture
async def service(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PushService]:
    async with push_service(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "push.pem"))
        stage.hub.settings.push_hosts = "localhost, *.push.example.org"
        yield running


async def subscribed(stage: Stage, service: PushService, user: User, phone: Phone, suffix: str = "") -> None:
    browser = pushing.Browser(service.endpoint + suffix, phone.p256dh, phone.auth, "Firefox/Android")
    async with stage.hub.db.transaction() as session:
        await pushing.subscribe(session, stage.hub.settings, user, browser)


async def asked_for_a_human(stage: Stage, by: User) -> Case:
    """A case that `by` has taken; the person may write on."""
    await stage.says(stage.telegram.person(), "искам да говоря с човек")
    (case,) = await stage.cases()
    async with stage.hub.db.transaction() as session:
        await cases.take(stage.hub, session, by, case.id)
    return case


async def test_a_message_in_my_case_wakes_me_and_says_nothing(stage: Stage, service: PushService) -> None:
    ana, boris, phone = await stage.staff("Ana"), await stage.staff("Boris"), Phone()
    await subscribed(stage, service, ana, phone)
    await subscribed(stage, service, boris, Phone(), "/boris")
    case = await asked_for_a_human(stage, ana)
    await stage.work()
    service.received.clear()
    await stage.says(stage.telegram.person(), "шефът не ми плаща", "ало?")
    ((headers, body),) = service.received
    assert json.loads(phone.read(body)) == {"case": case.id, "language": "de"}, "a number, and no words"
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["topic"] != str(case.id)
    token = headers["authorization"].partition("t=")[2].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=="))
    assert claims["aud"] == service.endpoint.removesuffix("/send/abc")
    assert await stage.rows(sa.select(Push)) == []


async def test_an_urgent_case_wakes_all_who_may_see_it(stage: Stage, service: PushService) -> None:
    ana, boris, mila = await stage.staff("Ana"), await stage.staff("Boris"), await stage.staff("Mila", "mediator")
    async with stage.hub.db.transaction() as session:
        admin = await stage.staff("Chris", "admin")
        form = teams.Form("Elsewhere", "", {"wuppertal"}, {boris.id})
        await teams.create(session, stage.hub.shelf.library, admin, form)
    phones = {}
    for user in (ana, boris, mila):
        phones[user.name] = Phone()
        await subscribed(stage, service, user, phones[user.name], f"/{user.name}")
    await stage.says(stage.telegram.person(), "той ме бие, страх ме е")
    (case,) = await stage.cases()
    async with stage.hub.db.transaction() as session:
        (await session.get_one(Case, case.id)).place = "weissenfels"
        await session.execute(sa.delete(Push))
        service.received.clear()
        await news.tell_all(stage.hub, session, case)
    await stage.work()
    ((_, body),) = service.received
    assert json.loads(phones["Ana"].read(body))["case"] == case.id


async def test_who_looks_or_is_away_is_left_alone(stage: Stage, service: PushService) -> None:
    ana = await stage.staff("Ana")
    await subscribed(stage, service, ana, Phone())
    case = await asked_for_a_human(stage, ana)
    await stage.work()
    service.received.clear()
    async with stage.hub.db.transaction() as session:
        await presence.here(stage.hub, session, ana, case.id, writes=False)
        await news.tell(stage.hub, session, case, [ana.id])
    await stage.work()
    async with stage.hub.db.transaction() as session:
        await presence.gone(session, ana, case.id)
        (await session.get_one(User, ana.id)).away_until = stage.hub.now() + timedelta(hours=1)
        await news.tell(stage.hub, session, case, [ana.id])
    await stage.work()
    assert service.received == []
    assert await stage.rows(sa.select(Push)) == []


async def test_a_hand_over_wakes_the_colleague(stage: Stage, service: PushService) -> None:
    ana, boris, phone = await stage.staff("Ana"), await stage.staff("Boris"), Phone()
    await subscribed(stage, service, boris, phone)
    case = await asked_for_a_human(stage, ana)
    async with stage.hub.db.transaction() as session:
        await handing.assign(stage.hub, session, ana, case.id, to_id=boris.id, seen_assignee_id=ana.id, note="Bitte!")
    await stage.work()
    ((_, body),) = service.received
    assert json.loads(phone.read(body)) == {"case": case.id, "language": "de"}


async def test_what_fails_is_tried_again_and_what_is_gone_forgotten(stage: Stage, service: PushService) -> None:
    ana = await stage.staff("Ana")
    await subscribed(stage, service, ana, Phone())
    service.answers = [503, 429]
    async with stage.hub.db.transaction() as session:
        await news.try_out(stage.hub, session, ana)
    await stage.work()
    for tries in (1, 2):
        (push,) = await stage.rows(sa.select(Push))
        assert (len(service.received), push.attempts) == (tries, tries)
        stage.clock.moves(hours=1)
        async with stage.hub.db.transaction() as session:  # the scheduled job is lost in a crash
            await session.execute(sa.text("delete from procrastinate_jobs"))
        await sweep(stage.hub)
        await stage.work()
    assert (len(service.received), await stage.rows(sa.select(Push))) == (3, [])
    service.answers = [410]
    async with stage.hub.db.transaction() as session:
        await news.try_out(stage.hub, session, ana)
    await stage.work()
    assert await stage.rows(sa.select(PushSubscription)) == []


async def test_what_is_refused_for_good_is_given_up(stage: Stage, service: PushService) -> None:
    ana = await stage.staff("Ana")
    await subscribed(stage, service, ana, Phone())
    service.answers = [400]
    async with stage.hub.db.transaction() as session:
        await news.try_out(stage.hub, session, ana)
    await stage.work()
    assert (len(service.received), await stage.rows(sa.select(Push))) == (1, [])
    assert len(await stage.rows(sa.select(PushSubscription))) == 1


async def test_the_hub_has_one_key_pair_and_keeps_it_encrypted(stage: Stage) -> None:
    async with stage.hub.db.transaction() as session:
        first = await pushing.public_key(stage.hub, session)
    async with stage.hub.db.transaction() as session:
        assert await pushing.public_key(stage.hub, session) == first
        assert "PRIVATE" not in str((await session.get_one(Setting, pushing.VAPID)).value)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost/x", "https://localhost.evil.org/x", "https://push.example.org.evil.org/", "https://10.0.0.1/",
        "https://me@localhost/x", "https://xpush.example.org/", "https://[::1/", "ftp://localhost", "",
        "https://localhost/" + "x" * 2000,
    ],
)  # fmt: skip
def test_only_known_push_services_are_called(stage: Stage, endpoint: str) -> None:
    stage.hub.settings.push_hosts = "localhost, *.push.example.org"
    assert not pushing.may_reach(stage.hub.settings, endpoint)
    assert pushing.may_reach(stage.hub.settings, "https://eu.push.example.org:8443/x")


async def test_keys_that_are_none_are_refused_and_nobody_ends_others(stage: Stage, service: PushService) -> None:
    ana, boris = await stage.staff("Ana"), await stage.staff("Boris")
    for p256dh, auth in (("", ""), ("x", "y"), (Phone().p256dh, "AAAA"), ("AAAA", Phone().auth), ("ü", "ü")):
        async with stage.hub.db.transaction() as session:
            browser = pushing.Browser(service.endpoint, p256dh, auth, "")
            with pytest.raises(BadInput):
                await pushing.subscribe(session, stage.hub.settings, ana, browser)
    await subscribed(stage, service, ana, Phone())
    async with stage.hub.db.transaction() as session:
        (mine,) = await pushing.subscriptions(session, ana.id)
        with pytest.raises(NotFound):
            await pushing.unsubscribe(session, boris, mine.id)
    await subscribed(stage, service, boris, Phone())
    async with stage.hub.db.transaction() as session:
        assert await pushing.subscriptions(session, ana.id) == [], "the browser is whose hands it is in now"
