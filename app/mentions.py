"""Colleagues named in an internal note with @: found in its words, kept by id, and told until they have read it."""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app import cases, news
from app.feed import publish
from app.handing import colleagues
from app.hub import Hub
from app.models import Case, CaseEvent, Mention, User

MENTION = re.compile(r"(?<!\w)@")


async def note(hub: Hub, session: AsyncSession, user: User, case_id: int, text: str) -> CaseEvent:
    """An internal note, and who of the colleagues that may see the case is named in it."""
    event = await cases.note(hub, session, user, case_id, text)
    case = await session.get_one(Case, case_id)
    named = find_named(event.text or "", await mentionable(session, user, case))
    if named:
        event.data = {"mentions": [{"id": each.id, "name": each.name} for each in named]}
        session.add_all(Mention(event_id=event.id, case_id=case_id, user_id=each.id) for each in named)
        await news.tell(hub, session, case, [each.id for each in named])
        await session.flush()
        await publish(session, "case", case_id)
    return event


async def mentionable(session: AsyncSession, user: User, case: Case) -> list[User]:
    """The other colleagues who may see this case. The caller has authorised."""
    return [each for each in await colleagues(session, case) if each.id != user.id]


def find_named(text: str, people: Sequence[User]) -> list[User]:
    """Those whose whole name stands behind an @; the longest name counts, and all who share it."""
    names = sorted({each.name for each in people}, key=len, reverse=True)
    found: set[str] = set()
    for match in MENTION.finditer(text):
        rest = text[match.end() :].casefold()
        name = next((name for name in names if _begins(rest, name.casefold())), None)
        if name is not None:
            found.add(name)
    return [each for each in people if each.name in found]


def _begins(rest: str, name: str) -> bool:
    return rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum()
