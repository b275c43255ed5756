"""The 26 scenarios that single payloads do not show. Those not tested here stand in other files:

 2 killed between accepting and working   tests/app/test_chaos.py, tests/journeys/test_sms_power_cut.py
 6 statuses in every order                tests/app/test_statuses.py::test_every_order_ends_the_same, ::test_failures
 7 unknown and early statuses             tests/app/test_statuses.py::test_news_of_messages_that_nobody_knows,
                                          ::test_news_that_come_before_the_send_call_returns
 8 forged requests (Telegram)             tests/app/test_intake.py; unset secrets: tests/channels/test_twilio_verify.py
                                          and test_whatsapp_setup.py; every byte: test_twilio_verify.py
10 names, spaces, emoji in the signature  tests/channels/test_twilio_verify.py::test_hard_forms
12 the window to the second               tests/app/test_window.py, tests/journeys/test_whatsapp_window.py
13 STOP, START, HELP                      tests/journeys/test_sms_stop.py, test_stop_start.py
17 limits by Telegram                     tests/app/test_outbox.py
18 accepted, then no answer               tests/app/test_statuses.py::test_accepted_then_hanging, tests/app/test_outbox.py
19 files that do not come                 tests/channels/test_*_media.py, tests/journeys/test_kinds.py
22 people without a number                tests/app/test_meeting.py
23 changed numbers, moved groups          tests/app/test_meeting.py, tests/journeys/test_kinds.py
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app import intake
from app.models import Conversation, Message
from channels.base import Button, Outbound
from channels.text import utf16_length
from tests.journeys.conftest import connect_telegram
from tests.live import Live
from tests.menu import HOME
from tests.phones import CLOUD, CLOUD_TOO, SMS, WHATSAPP, Phones, heard
from tests.providers.telegram.server import TelegramServer
from tests.providers.twilio import sign
from tests.providers.whatsapp.state import NUMBER_ID, OTHER_NUMBER_ID, WABA_ID
from tests.providers.whatsapp.webhooks import envelope, signature, wire_form

FIXTURES = Path(__file__).parents[1] / "fixtures"
STRANGER = "359888777666"


@pytest.fixture
async def telegram(phones: Phones) -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        await connect_telegram(Live(phones.hub, phones.base_url), server)
        yield server


async def inbound(phones: Phones) -> list[str | None]:
    return [message.text for message in await phones.messages(Message.direction == "in")]


def breaks_once(monkeypatch: pytest.MonkeyPatch, on: str) -> None:
    """A mistake of ours meets the first request with these words, and nothing else."""
    broken = [on]

    async def take_in(hub: Any, channel: Any, parsed: Any) -> int:
        if any(getattr(item, "text", None) in broken for item in parsed.items):
            broken.clear()
            raise RuntimeError
        return await intake.take_in(hub, channel, parsed)

    monkeypatch.setattr("app.web.webhooks.take_in", take_in)


async def test_01_the_same_request_twice_and_twice_at_once(phones: Phones, telegram: TelegramServer) -> None:
    by_sms = await phones.twilio.person().writes("едно")
    by_meta = await phones.whatsapp.person().writes("две")
    by_telegram = await telegram.person().writes("три")
    again = await asyncio.gather(*(phones.twilio.deliver(by_sms.url, by_sms.form) for _ in range(4)))
    assert {delivery.accepted for delivery in again} == {True}
    repeated = await asyncio.gather(*(phones.whatsapp.webhooks.deliver(by_meta.payload) for _ in range(4)))
    assert {delivery.accepted for delivery in repeated} == {True}
    updates = await asyncio.gather(*(telegram.deliver(by_telegram.update) for _ in range(4)))
    assert {delivery.accepted for delivery in updates} == {True}
    assert sorted(await inbound(phones), key=str) == ["две", "едно", "три"]


async def test_03_a_mistake_of_ours_and_the_provider_s_next_try(
    phones: Phones, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones.whatsapp.webhooks.retries = telegram.retries = 3
    for words, person in (
        ("едно", phones.twilio.person()), ("две", phones.whatsapp.person()), ("три", telegram.person()),
    ):  # fmt: skip
        breaks_once(monkeypatch, words)
        assert (await person.writes(words)).attempts == [500, 200]
        monkeypatch.undo()
    assert sorted(await inbound(phones), key=str) == ["две", "едно", "три"]


async def test_03_twilio_is_answered_only_when_the_message_is_stored(phones: Phones) -> None:
    assert (await phones.twilio.person().writes("едно")).attempts == [200]
    assert await inbound(phones) == ["едно"], "before any worker has run"


async def test_04_a_failing_update_holds_up_its_own_chat_only(
    phones: Phones, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram.retries, telegram.pace = 2, 0.3
    breaks_once(monkeypatch, "първо")
    failing, other = await asyncio.gather(
        telegram.person(7_001).writes("първо"), telegram.person(7_002).writes("друго")
    )
    assert (failing.attempts, other.attempts) == ([500, 200], [200])
    assert sorted(await inbound(phones), key=str) == ["друго", "първо"]


async def test_05_update_ids_that_jump_backwards(phones: Phones, telegram: TelegramServer) -> None:
    person = telegram.person()
    await person.writes("преди")
    telegram.state.jump_to(17)
    await person.writes("след седмица")
    assert await inbound(phones) == ["преди", "след седмица"]


async def test_08_forged_requests_leave_nothing_but_a_count(phones: Phones) -> None:
    person = phones.twilio.person()
    form = (await person.writes("истинско")).form
    url, status = phones.url(SMS), f"{phones.url(SMS)}/status"
    extra = [*form, ("X", "1")]
    changed = [(name, value + "!" if name == "Body" else value) for name, value in form]
    right = sign(phones.twilio.token, url, form)
    async with httpx.AsyncClient(trust_env=False) as client:

        async def post(target: str, pairs: list[tuple[str, str]], given: str | None) -> int:
            headers = {} if given is None else {"x-twilio-signature": given}
            return (await client.post(target, data=dict(pairs), headers=headers)).status_code

        assert [
            await post(url, form, None),
            await post(url, form, "wrong"),
            await post(status, form, right),
            await post(url, extra, right),
            await post(url, changed, right),
            await post(url, form, sign("another token", url, form)),
            await post(url, form, sign(phones.twilio.token, url.replace("127.0.0.1", "hub.example"), form)),
        ] == [403] * 7
        payload = envelope([{"field": "messages", "value": {"messages": []}}])
        body = wire_form(payload)
        for given in (None, "sha256=" + "0" * 64, signature("another", body), signature(phones.whatsapp.app_secret, body + b" "),
                      signature(phones.whatsapp.app_secret, body).upper()):  # fmt: skip
            headers = {} if given is None else {"x-hub-signature-256": given}
            assert (await client.post(phones.url(CLOUD), content=body, headers=headers)).status_code == 403
    assert await inbound(phones) == ["истинско"]
    refused = await phones.refused()
    assert sum(count for reason, count in refused.items() if reason.startswith("sms")) == 7
    assert {reason for reason in refused if reason.startswith("cloud")} == {
        "cloud: signature_missing", "cloud: signature_wrong", "cloud: signature_malformed",
    }  # fmt: skip


async def test_09_behind_a_proxy_only_public_url_counts(phones: Phones) -> None:
    """Twilio signed https://hilfe.example/…; the server sees http on loopback."""
    phones.hub.settings.__dict__["base_url"] = "https://hilfe.example"
    await phones.hub.registry.load()
    person = phones.twilio.person()
    form = (await person.writes("през вътрешния адрес")).form
    inside, outside = phones.url(SMS), "https://hilfe.example/webhooks/sms"
    assert (await phones.twilio.deliver(inside, form, signed_url=outside)).attempts == [200]
    assert (await phones.twilio.deliver(inside, form, signed_url="https://hilfe.example:443/webhooks/sms")).accepted
    forged = sign("another token", "http://evil.example/webhooks/sms", form)
    true_elsewhere = sign(phones.twilio.token, "https://evil.example/webhooks/sms", form)
    async with httpx.AsyncClient(trust_env=False) as client:
        for given in (forged, true_elsewhere):
            headers = {"x-twilio-signature": given, "x-forwarded-host": "evil.example", "x-forwarded-proto": "https",
                       "x-forwarded-for": "127.0.0.1", "forwarded": "host=evil.example;proto=https"}  # fmt: skip
            assert (await client.post(inside, data=dict(form), headers=headers)).status_code == 403
    assert await inbound(phones) == ["през вътрешния адрес"]
    assert await phones.refused() == {"sms: wrong_url": 7, "sms: wrong_signature": 1}, "Twilio tried six times"


async def test_10_hard_forms_all_the_way(phones: Phones) -> None:
    person = phones.twilio.person()
    words = ["1+1 = 2 & %20", "🙂 👨‍👩‍👧 😀", "ред\nвтори ред", "  "]
    for text in words:
        assert (await person.writes(text, FromCity="Söm+e pla%2Bce", Unknown2031="а&б=в")).attempts == [200]
    phones.twilio.sms.method = "GET"
    assert (await person.writes("по друг път: + & 🙂")).attempts == [200]
    assert await inbound(phones) == [*words[:3], None, "по друг път: + & 🙂"]


async def test_11_two_numbers_in_one_post_and_one_bad_item_among_three(phones: Phones) -> None:
    hook = phones.whatsapp.webhooks
    hook.hold()
    await phones.whatsapp.person("359888000001", "BG.1").writes("на първия номер")
    await phones.whatsapp.person("359888000002", "BG.2", number_id=OTHER_NUMBER_ID).writes("на втория номер")
    bad: dict[str, Any] = {"from": {"not": "a number"}, "type": 7, "text": []}
    await hook.emit(NUMBER_ID, {"messages": [bad]})
    (delivery,) = await hook.release()
    assert delivery.attempts == [200]
    talks = await phones.rows(sa.select(Conversation).order_by(Conversation.id))
    assert sorted(talk.channel_id for talk in talks) == [phones.channel(CLOUD).id, phones.channel(CLOUD_TOO).id]
    await phones.run()
    assert {(sent.number_id, sent.to) for sent in phones.whatsapp.state.sent} == {
        (NUMBER_ID, "359888000001"), (OTHER_NUMBER_ID, "359888000002"),
    }  # fmt: skip


async def test_11_a_number_that_is_no_channel_is_counted_and_taken(phones: Phones) -> None:
    delivery = await phones.whatsapp.person().writes("ало")
    text = json.dumps(delivery.payload).replace(NUMBER_ID, "999000999000").replace("wamid.", "wamid.x")
    assert (await phones.whatsapp.webhooks.deliver(json.loads(text))).attempts == [200]
    assert await inbound(phones) == ["ало"]
    assert await phones.refused() == {"cloud: unknown_number": 1}


async def test_14_every_way_to_be_refused_ends_in_the_same_state(phones: Phones, telegram: TelegramServer) -> None:
    by_telegram, by_sms = telegram.person(), phones.twilio.person("+359888000001")
    by_twilio, by_meta = phones.twilio.person("+359888000002", whatsapp=True), phones.whatsapp.person()
    for person in (by_sms, by_twilio, by_meta):
        await phones.says(person, "Здравейте")
    await by_telegram.writes("Здравейте")
    await phones.run()
    by_telegram.chat.state, by_sms.mobile.stopped, by_meta.contact.state = "blocked", True, "stopped"
    by_twilio.blocks()
    talks = await phones.rows(sa.select(Conversation).order_by(Conversation.id))
    for talk in talks:
        await phones.writes_back(Outbound("Отговор"), to=talk)
    after = await phones.rows(sa.select(Conversation).order_by(Conversation.id))
    assert [(talk.mode, talk.state["stopped_by"]) for talk in after] == [("stopped", "blocked")] * 4
    for talk in after:
        (words,) = await phones.writes_back(Outbound("Още нещо"), to=talk)
        assert words.status == "cancelled"
    details = [message.error_detail for message in await phones.out(Message.text.in_(["Отговор", "Otgovor"]))]
    assert details[0] == "21610"
    assert details[1:3] == ["63014", "131050"]
    assert await phones.cases() == []


LIMITS = {SMS: 1600, WHATSAPP: 1600, CLOUD: 4096}


@pytest.mark.parametrize("road", LIMITS)
async def test_15_long_texts_are_cut_between_characters_and_stay_in_order(phones: Phones, road: str) -> None:
    person = phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=road == WHATSAPP)
    await phones.says(person, "Здравейте")
    limit, family = LIMITS[road], "б👨‍👩‍👧🇧🇬" if road != SMS else "бвгд"
    for count in (limit, limit + 1, 10 * limit):
        whole = (family * (count // utf16_length(family) + 1)).strip()[: count // 2] + "я" * (count // 2)
        before = len(heard(person))
        rows = await phones.writes_back(Outbound(whole))
        parts = heard(person)[before:]
        assert "".join(parts) == whole, "nothing is lost, and the order is kept"
        assert all(utf16_length(part) <= limit for part in parts)
        assert all(part[0] not in "\u200d\ufe0f" and part[-1] != "\u200d" for part in parts)
        assert {row.status for row in rows} <= {"sent", "delivered"}


@pytest.mark.parametrize("road", LIMITS)
async def test_15_the_first_failure_stops_the_rest(phones: Phones, road: str) -> None:
    person = phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=road == WHATSAPP)
    await phones.says(person, "Здравейте")
    before = len(heard(person))
    phones.twilio.goes_wrong(status=400, code=21617)
    phones.whatsapp.goes_wrong(status=400, code=131009)
    rows = await phones.writes_back(Outbound("дума по дума. " * 900))
    assert rows[0].status == "failed"
    assert {row.status for row in rows[1:]} == {"cancelled"}
    assert len(heard(person)) == before


@pytest.mark.parametrize("road", LIMITS)
@pytest.mark.parametrize(
    "labels",
    [
        [f"Избор {n}" for n in range(4)],
        [f"Избор {n}" for n in range(11)],
        ["Много дълъг надпис, който никой телефон не показва цял и който продължава още малко", "Втори"],
        ["Еднакъв", "Еднакъв"],
    ],
    ids=["4 buttons", "11 rows", "long labels", "equal labels"],
)
async def test_16_more_than_can_be_shown_becomes_numbers(phones: Phones, road: str, labels: list[str]) -> None:
    person = phones.whatsapp.person() if road == CLOUD else phones.twilio.person(whatsapp=road == WHATSAPP)
    await phones.says(person, "Здравейте")
    buttons = tuple(Button(f"menu:{n}", label) for n, label in enumerate(labels))
    rows = await phones.writes_back(Outbound("Изберете", buttons=buttons))
    assert {row.status for row in rows} <= {"sent", "delivered"}
    if road != CLOUD or len(labels) > 10 or len(set(labels)) < len(labels) or len(labels[0]) > 72:
        assert f"1 {labels[0]}" in heard(person)[-1]


@pytest.mark.parametrize(
    ("road", "status", "code"),
    [(SMS, 429, 20429), (SMS, 400, 14107), (SMS, 400, 21611), (WHATSAPP, 429, 63018),
     (CLOUD, 429, 130429), (CLOUD, 400, 131056), (CLOUD, 400, 80007), (CLOUD, 503, 131016)],
)  # fmt: skip
async def test_17_too_fast_is_put_off_sent_once_and_holds_up_nobody_else(
    phones: Phones, road: str, status: int, code: int
) -> None:
    if road == CLOUD:
        person, other = phones.whatsapp.person(), phones.whatsapp.person("359888000009", "BG.9")
    else:
        whatsapp = road == WHATSAPP
        person = phones.twilio.person(whatsapp=whatsapp)  # type: ignore[assignment]
        other = phones.twilio.person("+359888000009", whatsapp=whatsapp)  # type: ignore[assignment]
    await phones.says(person, "Здравейте")
    to = person.contact.wa_id if road == CLOUD else person.address
    (phones.whatsapp if road == CLOUD else phones.twilio).goes_wrong(to=to, status=status, code=code, retry_after=120)
    before = len(heard(person))
    waiting = await phones.writes_back(Outbound("Otgovor 1"), Outbound("Otgovor 2"))
    assert [one.status for one in waiting] == ["queued", "queued"]
    assert waiting[0].next_try_at is not None
    assert waiting[0].next_try_at > phones.clock.now
    assert await phones.says(other, "Здравейте")
    assert len(heard(person)) == before
    await phones.later(seconds=121)
    assert heard(person)[before:] == ["Otgovor 1", "Otgovor 2"]
    assert await phones.cases() == []


async def test_20_a_double_tap_is_one_action_and_both_are_acknowledged(
    phones: Phones, telegram: TelegramServer
) -> None:
    person = telegram.person()
    await person.writes("меню")
    await phones.run()
    menu = telegram.sent_to(person.id)[-1]
    before = len(telegram.sent_to(person.id))
    await asyncio.gather(person.presses(menu, HOME), person.presses(menu, HOME))
    await phones.run()
    assert len(telegram.sent_to(person.id)) == before + 1
    assert list(telegram.state.queries.values()) == [[""], [""]]
    listed = phones.whatsapp.person()
    await phones.says(listed, "меню")
    rows = listed.sent[-1]
    await listed.presses(rows, HOME)
    await listed.presses(rows, HOME)
    await phones.run()
    assert len(listed.sent) == listed.sent.index(rows) + 2


async def test_20_a_press_is_acknowledged_also_where_the_bot_fails(
    phones: Phones, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = telegram.person()
    await person.writes("меню")
    await phones.run()

    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("app.conversation.take_turn", fail)
    await person.presses(telegram.sent_to(person.id)[-1], HOME)
    await phones.run()
    assert list(telegram.state.queries.values()) == [[""]]
    assert [case.reason for case in await phones.cases()] == ["bot_failed"]


async def test_21_our_own_words_and_groups_are_never_answered(phones: Phones) -> None:
    own = phones.twilio.number
    form = (await phones.twilio.person().writes("ало")).form
    echo = [
        (name, {"From": own, "MessageSid": "SM" + "7" * 32, "SmsSid": "SM" + "7" * 32}.get(name, value))
        for name, value in form
    ]
    assert (await phones.twilio.deliver(phones.url(SMS), echo)).accepted
    message = {
        "from": STRANGER,
        "id": "wamid.g",
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": "в група"},
    }
    await phones.whatsapp.webhooks.emit(NUMBER_ID, {"messages": [message | {"group_id": "Y2FwaV9n"}]})
    await phones.whatsapp.webhooks.emit(NUMBER_ID, {"messages": [message | {"from": "4934435550100", "id": "wamid.o"}]})
    echoes = {"message_echoes": [message | {"from": "4934435550100", "to": STRANGER, "id": "wamid.e"}]}
    await phones.whatsapp.webhooks.emit(NUMBER_ID, echoes, field="smb_message_echoes")
    await phones.run()
    assert sorted(await inbound(phones), key=str) == ["ало", "в група"]
    assert phones.whatsapp.state.sent == []
    assert not [record for record in phones.twilio.state.records if record.to == own and record.direction != "inbound"]


async def test_24_everything_that_we_have_ever_seen_twice_over(phones: Phones) -> None:
    """All fixtures, signed: answered with 2xx, stored once, and the bot fails at none."""
    for _ in range(2):
        for path in sorted((FIXTURES / "twilio").glob("*.json")):
            form = [(name, value) for name, value in json.loads(path.read_bytes()).items()]
            url = phones.url(WHATSAPP if "whatsapp" in path.stem else SMS)
            url += "/status" if path.stem.startswith("status") else ""
            delivery = await phones.twilio.deliver(url, form)
            assert delivery.attempts in ([200], [403]), path.stem
            assert (delivery.attempts == [200]) or "service" in path.stem, path.stem
        for path in sorted((FIXTURES / "whatsapp").glob("*.json")):
            taken = await phones.whatsapp.webhooks.deliver(json.loads(path.read_bytes()))
            assert taken.attempts == [200], path.stem
        stored = len(await phones.messages(Message.direction == "in"))
    assert stored == len(await phones.messages(Message.direction == "in")) > 60
    phones.whatsapp.state.faults.clear()
    await phones.run()
    assert "bot_failed" not in {case.reason for case in await phones.cases()}
    assert not [row for row in await phones.out() if row.text is not None and not row.text.strip()]


async def test_25_the_handshake(phones: Phones) -> None:
    html = "<script>alert(1)</script>"
    hook = phones.whatsapp.webhooks
    answer = await hook.handshake(phones.url(CLOUD), verify_token="verify-me", challenge=html)
    assert (answer.status_code, answer.text) == (200, html)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    wrong = await hook.handshake(phones.url(CLOUD), verify_token="guess", challenge=html)
    assert (wrong.status_code, html in wrong.text) == (403, False)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(phones.url(CLOUD))).status_code == 403
    assert await phones.refused() == {"cloud: verify_token_wrong": 1, "cloud: handshake_incomplete": 1}


@pytest.mark.parametrize("letters", [20, 1000], ids=["1000 messages", "3 MB"])
async def test_26_a_full_batch_is_stored_within_the_answer_time(phones: Phones, letters: int) -> None:
    count, words = 1000, "шефът не плаща "
    text = (words * (letters // len(words) + 1))[:letters]
    if letters > 100:
        count, text = 450, "я" * letters  # six bytes a letter on the wire
    changes = [
        {"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "4934435550100", "phone_number_id": NUMBER_ID},
            "contacts": [{"profile": {"name": "М"}, "wa_id": f"35988{n % 100:07d}"}],
            "messages": [{"from": f"35988{n % 100:07d}", "id": f"wamid.{n}", "timestamp": str(int(time.time())),
                          "type": "text", "text": {"body": text}}]}}
        for n in range(count)
    ]  # fmt: skip
    payload = {"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": changes}]}
    began = time.monotonic()
    delivery = await phones.whatsapp.webhooks.deliver(payload)
    seconds = time.monotonic() - began
    assert delivery.attempts == [200]
    assert seconds < 20, "Meta gives up and comes again"
    async with asyncio.timeout(60):
        while len(await phones.rows(sa.select(Message.id))) < count:  # a slow machine spools it, and stores it then
            await asyncio.sleep(0.2)
    assert len(await phones.rows(sa.select(Conversation.id))) == 100
