"""Power cuts in the middle of the work: every message stored once, answered in order, nothing sent twice."""

import asyncio
import os
import signal
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.embedded import database, libpq_url
from tests.menu import menu_words
from tests.providers.telegram.people import Person
from tests.providers.telegram.server import TelegramServer
from tests.serving import Serving, serving, streetwork
from translations.phrases import phrase

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(420)]

PEOPLE = 20
WORDS = ("меню", "благодаря", "меню", "благодаря", "меню", "благодаря", "меню")
ANSWERS = (
    phrase("greeting", "bg"),
    *(menu_words("bg") if word == "меню" else phrase("thanks", "bg") for word in WORDS),
)

ROWS = """
select a.masked, m.direction, m.text, m.status, m.external_id from messages m
join conversations c on c.id = m.conversation_id join addresses a on a.id = c.address_id
order by c.id, m.seq
"""
OPEN = """
select (select count(*) from messages m join cursors r using (conversation_id)
        where m.direction = 'in' and m.seq > r.routed_seq)
     + (select count(*) from messages where status in ('queued', 'sending'))
"""


async def insists(telegram: TelegramServer, person: Person, text: str, accepted: list[int]) -> None:
    """Telegram's rule: the next update of a chat waits until this one was accepted."""
    delivery = await person.writes(text)
    while not delivery.accepted:
        await asyncio.sleep(0.2)
        delivery = await telegram.deliver(delivery.update)
    accepted.append(person.id)


async def talk(telegram: TelegramServer, person: Person, accepted: list[int]) -> None:
    for text in WORDS:
        await insists(telegram, person, text, accepted)
        await asyncio.sleep(0.1)


async def until(accepted: list[int], count: int) -> None:
    while len(accepted) < count:
        await asyncio.sleep(0.02)


async def cut_power(hub: Serving) -> None:
    await asyncio.to_thread(hub.kill)
    hub.start()
    await asyncio.to_thread(hub.wait_until_ready)


def query(hub: Serving, statement: str) -> list[tuple[Any, ...]]:
    with database("", Path(hub.env["STREETWORK_DATA_DIR"])) as url, psycopg.connect(libpq_url(url)) as connection:
        return connection.execute(statement).fetchall()


async def drained(hub: Serving, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while (await asyncio.to_thread(query, hub, OPEN))[0][0]:
            await asyncio.sleep(0.5)


async def test_three_power_cuts(reachable_tmp: Path) -> None:
    with serving(reachable_tmp, LOG_LEVEL="DEBUG") as hub:
        async with TelegramServer() as telegram:
            await connect(hub, telegram)
            people = [telegram.person(7_770_000_000 + number) for number in range(PEOPLE)]
            accepted: list[int] = []
            talks = asyncio.gather(*(talk(telegram, person, accepted) for person in people))
            await until(accepted, 30)
            await cut_power(hub)
            await until(accepted, 70)
            await cut_power(hub)
            await until(accepted, 100)
            os.kill(postmaster(hub), signal.SIGKILL)
            await talks
            await drained(hub, 240)
            rows = await asyncio.to_thread(query, hub, ROWS)
            judge(rows, telegram)
            await asyncio.to_thread(streetwork, hub.env, "messages", "export")
    assert_log_is_silent(hub.log.read_text(), telegram.token)


async def connect(hub: Serving, telegram: TelegramServer) -> None:
    await asyncio.to_thread(
        streetwork, hub.env, "channel", "add", "telegram", "hilfe",
        "--token-file", "-", "--api-base", telegram.api_base, stdin=telegram.token + "\n",
    )  # fmt: skip
    assert telegram.state.webhook.url == f"{hub.base_url}/webhooks/hilfe"


def postmaster(hub: Serving) -> int:
    return int((Path(hub.env["STREETWORK_DATA_DIR"]) / "postgres" / "postmaster.pid").read_text().split()[0])


def judge(rows: list[tuple[Any, ...]], telegram: TelegramServer) -> None:
    came: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    left: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for masked, direction, text, status, external_id in rows:
        (came if direction == "in" else left)[masked].append((text, status, external_id))
    assert len(came) == PEOPLE
    uncertain = 0
    for chat in telegram.state.chats.values():
        masked = f"… {str(chat.id)[-4:]}"
        assert [text for text, _, _ in came[masked]] == list(WORDS), "each message once, in order"
        assert [text for text, _, _ in left[masked]] == list(ANSWERS), "each answered once, in order"
        assert {status for _, status, _ in left[masked]} <= {"sent", "uncertain"}
        known = [external_id for _, status, external_id in left[masked] if status == "sent"]
        on_phone = [f"{chat.id}:{sent.message_id}" for sent in chat.sent]
        assert [each for each in on_phone if each in known] == known, "sent in order"
        unsure = len(left[masked]) - len(known)
        assert len(on_phone) - len(known) <= unsure, "whatever else the phone has is an uncertain one"
        uncertain += unsure
    assert uncertain <= 3 * 8, "at most what was on its way when the power went"


def assert_log_is_silent(log: str, token: str) -> None:
    assert "Streetwork Hub" in log
    for trace in (*set(WORDS), *set(ANSWERS), token, token.split(":")[1], "777000", "Мария"):
        assert trace not in log, f"the log tells {trace!r}"
