"""What comes in is stored once, whatever arrives twice, at once, damaged, or not from the provider."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.channels_admin import add_channel
from app.hub import Hub
from app.intake import take_in
from app.main import create_app
from app.models import Contact, Conversation, Message, RefusedRequest
from app.registry import LiveChannel
from channels.base import Inbound, Parsed, SendErrorKind, StatusUpdate

SECRET = "the-webhook-secret-of-the-test"
HEADERS = {"x-telegram-bot-api-secret-token": SECRET}


def update(number: int = 1, text: str = "шефът не плаща", chat: int = 77, **more: Any) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": "М", "language_code": "bg"}
    where = {"id": chat, "type": "private", "first_name": "М"}
    message = {"message_id": number, "date": 1_790_000_000, "chat": where, "from": person, "text": text}
    return {"update_id": 5_000 + number, "message": message | more}


@pytest.fixture
async def channel(hub: Hub) -> LiveChannel:
    async with hub.db.transaction() as session:
        values = {"token": "1:x", "webhook_secret": SECRET}
        await add_channel(session, hub.vault, "telegram", "hilfe", secret_values=values)
    await hub.registry.load()
    live = hub.registry.by_name("hilfe")
    assert live is not None
    return live


@pytest.fixture
async def web(hub: Hub, channel: LiveChannel) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(hub))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub", headers=HEADERS) as client:
        yield client


async def rows(hub: Hub, statement: Any) -> list[Any]:
    async with hub.db.transaction() as session:
        return list((await session.scalars(statement)).all())


async def test_the_same_update_ten_times_at_once_is_one_message(hub: Hub, web: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(web.post("/webhooks/hilfe", json=update()) for _ in range(10)))
    answers.append(await web.post("/webhooks/hilfe", json=update()))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.content for answer in answers} == {b""}, "Telegram would carry out a method in the answer"
    assert await rows(hub, sa.select(Message.text)) == ["шефът не плаща"]
    assert len(await rows(hub, sa.select(Contact))) == 1


async def test_two_first_messages_at_once_are_one_person(hub: Hub, web: httpx.AsyncClient) -> None:
    await asyncio.gather(*(web.post("/webhooks/hilfe", json=update(n, f"дума {n}")) for n in range(1, 9)))
    assert len(await rows(hub, sa.select(Contact))) == 1
    assert sorted(await rows(hub, sa.select(Message.text))) == [f"дума {n}" for n in range(1, 9)]
    assert sorted(await rows(hub, sa.select(Message.seq))) == list(range(1, 9))


async def test_many_people_at_once_each_in_their_order(hub: Hub, web: httpx.AsyncClient) -> None:
    async def person(chat: int) -> None:
        for number in range(1, 6):
            await web.post("/webhooks/hilfe", json=update(number, str(number), chat))

    await asyncio.gather(*(person(chat) for chat in range(100, 110)))
    assert len(await rows(hub, sa.select(Conversation))) == 10
    async with hub.db.transaction() as session:
        found = await session.execute(sa.select(Message.text).order_by(Message.conversation_id, Message.seq))
    assert "".join(str(text) for (text,) in found) == "12345" * 10


async def test_an_update_id_that_jumps_back_is_as_good_as_any(hub: Hub, web: httpx.AsyncClient) -> None:
    late = update(2, "после") | {"update_id": 12}
    for each in (update(1), late):
        assert (await web.post("/webhooks/hilfe", json=each)).status_code == 200
    assert len(await rows(hub, sa.select(Message))) == 2


def inbound(number: int, text: str | None, address: str = "77") -> Inbound:
    return Inbound(external_id=f"{address}:{number}", address=address, kind="text", text=text)


@pytest.mark.parametrize("bad", ["null \x00 inside", "half a pair \ud83d"])
async def test_one_bad_item_does_not_spoil_the_batch(hub: Hub, channel: LiveChannel, bad: str) -> None:
    items = (inbound(1, "първо"), inbound(2, bad), inbound(3, "трето"), inbound(4, "другаде", "78"))
    assert await take_in(hub, channel, Parsed(items)) == 3
    assert set(await rows(hub, sa.select(Message.text))) == {"първо", "трето", "другаде"}


async def test_an_id_too_long_for_an_index_is_a_bad_item_and_no_outage(hub: Hub, channel: LiveChannel) -> None:
    """The driver calls it 'operational': it must not be taken for an absent database and tried for ever."""
    noise = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(9_000))
    bad = replace(inbound(1, "x"), external_id=noise)
    assert await take_in(hub, channel, Parsed((bad, inbound(2, "добро")))) == 1


async def test_damaged_updates_are_answered_and_leave_nothing(hub: Hub, web: httpx.AsyncClient) -> None:
    bodies = [b"", b"no json", b"[]", b"7", b'{"update_id":1}', b'{"message":{}}', b'{"message":null,"update_id":"x"}',
              b'{"message":{"chat":{"id":"a"}}}', b"\xff\xfe", b'{"new_kind_of_2031":{"id":1}}', b"[" * 5_000]  # fmt: skip
    answers = [await web.post("/webhooks/hilfe", content=body) for body in bodies]
    assert {answer.status_code for answer in answers} == {200}
    assert await rows(hub, sa.select(Message)) == []


async def test_characters_that_the_database_refuses_are_taken_out(hub: Hub, web: httpx.AsyncClient) -> None:
    body = b'{"update_id":1,"message":{"message_id":1,"date":1790000000,"chat":{"id":7,"type":"private"},' \
           b'"from":{"id":7,"is_bot":false,"first_name":"x"},"text":"a\\u0000b \\ud800 c"}}'  # fmt: skip
    assert (await web.post("/webhooks/hilfe", content=body)).status_code == 200
    (text,) = await rows(hub, sa.select(Message.text))
    assert text.startswith("ab ")


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "наша"])
async def test_forged_requests_are_refused_counted_and_not_stored(
    hub: Hub, web: httpx.AsyncClient, secret: str | None
) -> None:
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret.encode()}
    web.headers.pop("x-telegram-bot-api-secret-token")
    for _ in range(2):
        answer = await web.post("/webhooks/hilfe", json=update(), headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 403
    assert await rows(hub, sa.select(Message)) == []
    (counted,) = await rows(hub, sa.select(RefusedRequest))
    assert (counted.channel_name, counted.count) == ("hilfe", 2)


async def test_channels_that_are_not_there_and_bodies_that_are_too_large(hub: Hub, web: httpx.AsyncClient) -> None:
    assert (await web.post("/webhooks/nobody", json=update())).status_code == 404
    assert (await web.post("/webhooks/hilfe/other", json=update())).status_code == 404
    assert (await web.post("/webhooks/hilfe", content=b"x" * (4 * 1024 * 1024 + 1))).status_code == 413
    assert (await web.get("/webhooks/hilfe")).status_code == 200
    async with hub.db.transaction() as session:
        await add_channel(session, hub.vault, "webchat", "chat")
    await hub.registry.load()
    assert (await web.post("/webhooks/chat", json={"address": "1", "id": "1", "text": "x"})).status_code == 403
    assert await rows(hub, sa.select(Message)) == []


async def outbound(hub: Hub, channel: LiveChannel, status: str) -> int:
    await take_in(hub, channel, Parsed((inbound(1, "здравейте"),)))
    async with hub.db.transaction() as session:
        conversation = (await session.scalars(sa.select(Conversation))).one()
        message = Message(
            conversation_id=conversation.id, channel_id=channel.id, seq=99, direction="out", author="bot",
            status=status, kind="text", text="x", external_id="77:99",
        )  # fmt: skip
        session.add(message)
    return message.id


@pytest.mark.parametrize(
    ("before", "news", "after"),
    [
        ("sent", ["delivered", "read"], "read"),
        ("sent", ["read", "delivered", "sent"], "read"),
        ("sent", ["failed", "sent"], "failed"),
        ("sent", ["delivered", "failed"], "delivered"),
        ("sent", ["failed", "delivered"], "failed"),
        ("uncertain", ["sent"], "sent"),
        ("uncertain", ["delivered", "delivered"], "delivered"),
        ("sending", ["read", "sent"], "read"),
        ("cancelled", ["sent"], "cancelled"),
    ],
)
async def test_delivery_news_count_by_rank_not_by_arrival(
    hub: Hub, channel: LiveChannel, before: str, news: list[Any], after: str
) -> None:
    await outbound(hub, channel, before)
    for status in news:
        error = SendErrorKind.REFUSED if status == "failed" else None
        await take_in(hub, channel, Parsed((StatusUpdate("77:99", status, error),)))
    assert await rows(hub, sa.select(Message.status).where(Message.direction == "out")) == [after]


async def test_news_of_an_unknown_message_are_no_error(hub: Hub, channel: LiveChannel) -> None:
    assert await take_in(hub, channel, Parsed((StatusUpdate("never-seen", "delivered"),))) == 0
