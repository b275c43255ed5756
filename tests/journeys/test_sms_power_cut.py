"""kill -9 and a while without database while Twilio and Meta send: nothing is lost, and nothing comes twice."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.embedded import database, libpq_url
from tests.providers.twilio import Person as TwilioPerson
from tests.providers.twilio import TwilioServer
from tests.providers.whatsapp import Person as CloudPerson
from tests.providers.whatsapp import WhatsAppServer
from tests.providers.whatsapp.state import NUMBER_ID, VERIFY_TOKEN
from tests.serving import Serving, serving, streetwork

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(120)]

WORDS = ("меню", "благодаря", "меню", "благодаря")
PEOPLE = 5

CAME = "select text, external_id from messages where direction = 'in' order by conversation_id, seq"
LEFT = "select status, external_id from messages where direction = 'out'"
OPEN = """
select (select count(*) from messages m join cursors r using (conversation_id)
        where m.direction = 'in' and m.seq > r.routed_seq)
     + (select count(*) from messages where status in ('queued', 'sending'))
"""


def query(hub: Serving, statement: str) -> list[tuple[Any, ...]]:
    with database("", Path(hub.env["STREETWORK_DATA_DIR"])) as url, psycopg.connect(libpq_url(url)) as connection:
        return connection.execute(statement).fetchall()


async def drained(hub: Serving) -> None:
    async with asyncio.timeout(60):
        while (await asyncio.to_thread(query, hub, OPEN))[0][0]:
            await asyncio.sleep(0.5)


async def connect(hub: Serving, twilio: TwilioServer, whatsapp: WhatsAppServer) -> None:
    at_twilio = ("--account-sid", twilio.account, "--auth-token-file", "-", "--from", twilio.number)
    at_meta = ("--access-token-file", "-", "--app-secret", whatsapp.app_secret, "--verify-token", VERIFY_TOKEN,
               "--phone-number-id", NUMBER_ID)  # fmt: skip
    for kind, name, options, base, secret in (
        ("sms", "sms", at_twilio, twilio.api_base, twilio.token),
        ("whatsapp-cloud", "cloud", at_meta, whatsapp.api_base, whatsapp.token),
    ):
        await asyncio.to_thread(
            streetwork, hub.env, "channel", "add", kind, name, *options, "--api-base", base, stdin=secret + "\n"
        )
    assert twilio.sms.url == f"{hub.base_url}/webhooks/sms#rc=5&rp=all"
    whatsapp.state.webhook.url = f"{hub.base_url}/webhooks/cloud"


async def text_by_sms(person: TwilioPerson, accepted: list[str]) -> None:
    """Twilio itself comes again five times at most; what stays lost is for the message list to find."""
    for text in WORDS:
        delivery = await person.writes(text)
        while not delivery.accepted:
            await asyncio.sleep(0.3)
            delivery = await person.server.deliver(person.hub.url, delivery.form)
        accepted.append(delivery.get("MessageSid"))
        await asyncio.sleep(0.1)


async def text_by_whatsapp(person: CloudPerson, accepted: list[str]) -> None:
    for text in WORDS:
        delivery = await person.writes(text)
        while not delivery.accepted:
            await asyncio.sleep(0.3)
            delivery = await person.server.webhooks.deliver(delivery.payload)
        accepted.append(str(delivery.message["id"]))
        await asyncio.sleep(0.1)


async def until(accepted: list[str], count: int) -> None:
    while len(accepted) < count:
        await asyncio.sleep(0.02)


async def test_a_power_cut_and_a_database_that_is_away(reachable_tmp: Path) -> None:
    with serving(reachable_tmp) as hub:
        async with TwilioServer() as twilio, WhatsAppServer() as whatsapp:
            await connect(hub, twilio, whatsapp)
            accepted: list[str] = []
            talks = asyncio.gather(
                *(text_by_sms(twilio.person(f"+35988800000{n}"), accepted) for n in range(PEOPLE)),
                *(text_by_whatsapp(whatsapp.person(f"35988800000{n}", f"BG.{n}"), accepted) for n in range(PEOPLE)),
            )
            await until(accepted, 8)
            await asyncio.to_thread(hub.kill)
            hub.start()
            await asyncio.to_thread(hub.wait_until_ready)
            await until(accepted, 20)
            postmaster = Path(hub.env["STREETWORK_DATA_DIR"]) / "postgres" / "postmaster.pid"
            os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
            await talks
            await drained(hub)
            came = await asyncio.to_thread(query, hub, CAME)
            left = await asyncio.to_thread(query, hub, LEFT)
            on_phones = [record.sid for record in twilio.state.records if record.direction != "inbound"]
            on_phones += [sent.id for sent in whatsapp.state.sent]
    assert Counter(external_id for _, external_id in came) == Counter(accepted), "each message once"
    assert [text for text, _ in came] == list(WORDS) * PEOPLE * 2, "in order"
    known = [external_id for _, external_id in left if external_id]
    assert len(known) == len(set(known))
    assert set(known) <= set(on_phones), "nothing is said to be sent that was not"
    unsure = sum(status == "uncertain" for status, _ in left)
    assert len(on_phones) - len(known) <= unsure, "whatever else a phone has is an uncertain one"
    assert {status for status, _ in left} <= {"sent", "delivered", "uncertain"}
    assert len(left) == PEOPLE * 2 * (len(WORDS) + 1), "each answered once"
