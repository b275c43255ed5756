"""How a reply leaves a page: past a colleague who has begun to answer, to a second reader, or right away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, replying, second_reader
from app.claims import check_unclaimed
from app.errors import Conflict
from app.history import add_event
from app.hub import Hub
from app.models import User
from app.risky import is_danger_now, rule_now
from app.written import Written
from channels.base import MediaFile


@dataclass(frozen=True, slots=True)
class Wish:
    """What a writer confirmed: to go on although a colleague has begun; to send at once although it is risky."""

    despite: bool = False
    at_once: bool = False


async def answer(
    hub: Hub,
    session: AsyncSession,
    user: User,
    case_id: int,
    *,
    conversation_id: int,
    text: str,
    seen_seq: int,
    files: Sequence[MediaFile],
    quotes: int | None,
    wish: Wish,
    written: Written | None = None,
) -> None:
    """Raises Conflict where its writer has to decide first."""
    case = await cases.access_case(session, user, case_id, lock=True)
    if not wish.despite:
        await check_unclaimed(hub, session, user, case)
    risky = (await rule_now(session)).asks_for_reader(case)
    if risky and not wish.at_once:
        await second_reader.submit(
            hub, session, user, case_id,
            conversation_id=conversation_id, text=text, seen_seq=seen_seq, files=files, quotes=quotes,
            written=written,
        )  # fmt: skip
        return
    if risky and not is_danger_now(case):
        raise Conflict("Only in urgent danger may a reply go out unread.")
    await replying.reply(
        hub, session, user, case_id,
        conversation_id=conversation_id, text=text, seen_seq=seen_seq, files=files, quotes=quotes, read=True,
        written=written,
    )  # fmt: skip
    if risky:
        await add_event(session, case, "read_danger", user)
