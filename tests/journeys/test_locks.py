"""Two who work on one person at the same moment wait for each other, in one order, and none of them fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, closing, corrections, handing
from app.hub import Hub
from app.models import Case, Conversation, Message, User
from app.statuses import apply_status
from channels.base import SendErrorKind, StatusUpdate
from tests.journeys.test_handover import asks_for_a_human
from tests.stage import Stage

Act = Callable[[Hub, AsyncSession, User, int], Awaitable[Any]]

ACTS: dict[str, Act] = {
    "take": cases.take,
    "close": lambda hub, tx, user, case_id: closing.close(hub, tx, user, case_id, outcome="solved", ask=True),
    "hand over": lambda hub, tx, user, case_id: handing.assign(
        hub, tx, user, case_id, to_id=user.id, seen_assignee_id=None
    ),
    "place": lambda hub, tx, user, case_id: corrections.set_place(hub, tx, user, case_id, "wuppertal"),
}


@pytest.mark.parametrize("name", ACTS)
async def test_a_colleague_and_the_router_never_lock_each_other_out(stage: Stage, name: str) -> None:
    """The router holds its conversation, then wants the case; a colleague who began with the case would wait for ever."""
    ana = await stage.staff("Ana")
    case_id = await asks_for_a_human(stage, stage.telegram.person())

    async def colleague() -> None:
        async with stage.hub.db.transaction() as session:
            await ACTS[name](stage.hub, session, ana, case_id)

    async with stage.hub.db.transaction() as session:
        case = await session.get_one(Case, case_id)
        talk = await session.get_one(Conversation, case.conversation_id, with_for_update=True)
        acting = asyncio.create_task(colleague())
        await asyncio.sleep(0.3)  # it waits now
        assert await cases.person_wrote(stage.hub, session, talk) is not None
    await asyncio.wait_for(acting, 5)


async def test_a_colleague_and_news_of_a_failure_never_lock_each_other_out(stage: Stage) -> None:
    """Both want the conversation and the message: who had begun with the message would wait for ever."""
    ana = await stage.staff("Ana")
    case_id = await asks_for_a_human(stage, stage.telegram.person())
    message = (await stage.messages(Message.direction == "out", Message.external_id.is_not(None)))[-1]
    news = StatusUpdate(message.external_id or "", "failed", SendErrorKind.BLOCKED)

    async def told() -> None:
        async with stage.hub.db.transaction() as session:
            assert await apply_status(stage.hub, session, message.channel_id, news)

    async with stage.hub.db.transaction() as session:
        await cases.access_case(session, ana, case_id, lock=True)
        telling = asyncio.create_task(told())
        await asyncio.sleep(0.3)  # it waits now
        await session.scalar(sa.select(Message).where(Message.id == message.id).with_for_update())
    await asyncio.wait_for(telling, 5)
    (talk,) = await stage.rows(sa.select(Conversation))
    assert talk.mode == "stopped"
