"""What stands around a thread for its reader: colleagues to hand over to, replies that wait, drafts, tags, the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.closing import OUTCOMES, can_ask
from app.drafts import drafts_of
from app.errors import BadInput
from app.handing import colleagues, known_tags
from app.hub import Hub
from app.keeping import given_back
from app.later import Waiting, waiting
from app.models import Case, KeptFile, User
from app.snooze import zone_of


@dataclass(frozen=True, slots=True)
class Desk:
    colleagues: Sequence[User]
    waiting: tuple[Waiting, ...]
    drafts: dict[str, str]
    kept: Sequence[KeptFile]  # files of the reader's replies that came back unsent
    known_tags: Sequence[str]
    may_ask: bool  # whether it helped
    outcomes: tuple[str, ...]
    tomorrow: date  # by the clock of the case's place
    soonest: str  # for a field of local date and time


async def desk_of(hub: Hub, session: AsyncSession, user: User, case: Case) -> Desk:
    """The caller has authorised."""
    local = hub.now().astimezone(zone_of(hub, case.place))
    return Desk(
        await colleagues(session),
        await waiting(session, case.id),
        await drafts_of(session, user, case.id),
        await given_back(session, user, case.id),
        await known_tags(session),
        case.status != "closed" and await can_ask(hub, session, case),
        OUTCOMES,
        local.date() + timedelta(days=1),
        f"{local:%Y-%m-%dT%H:%M}",
    )


def read_moment(words: str, zone: ZoneInfo) -> datetime:
    """What a field for date and time holds, by the clock of the place."""
    try:
        return datetime.fromisoformat(words).replace(tzinfo=zone)
    except ValueError:
        raise BadInput("Please choose a day and a time.") from None


def read_day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        raise BadInput("Please choose a day.") from None
