"""What stands around a thread for its reader: colleagues to hand over to, replies that wait, drafts, tags, the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.closing import OUTCOMES, can_ask
from app.drafts import drafts_of, quoted_by_draft
from app.errors import BadInput
from app.escalating import times_alerted
from app.handing import colleagues, known_tags, teams
from app.hub import Hub
from app.keeping import given_back
from app.later import Waiting, waiting
from app.leading import Running, running
from app.mediation import Asked, of_case
from app.mentions import mentionable
from app.models import Case, KeptFile, Team, User
from app.risky import is_danger_now, rule_now
from app.second_reader import Pending, Read, pending_of, reads_of
from app.sending import Sending, sending
from app.snooze import zone_of
from app.translating import Offer, offer
from app.written import Written, german_of


@dataclass(frozen=True, slots=True)
class Desk:
    colleagues: Sequence[User]  # who may have the case
    teams: Sequence[Team]
    team: str  # whose case it is, in words
    waiting: tuple[Waiting, ...]
    drafts: dict[str, str]
    quote: int | None  # the message that the kept reply answers
    kept: Sequence[KeptFile]  # files of replies that came back unsent: the reader's, and of who has left
    known_tags: Sequence[str]
    mentionable: Sequence[User]  # in a note
    may_ask: bool  # whether it helped
    outcomes: tuple[str, ...]
    tomorrow: date  # by the clock of the case's place
    sending: Sending | None  # what the kept draft would cost, and whether it could leave now
    soonest: str  # for a field of local date and time
    pending: tuple[Pending, ...]  # replies that wait for a second reader
    mediations: tuple[Asked, ...]  # what waits for a mediator, or came back from one
    reads: dict[int, Read]  # message -> who read it before it was sent
    asks_reader: bool  # whether a reply waits for a second reader
    danger_now: bool  # and may go at once all the same
    offer: Offer | None  # to write German and send it in the person's language
    german: dict[int, Written]  # message -> what its writer wrote
    led: tuple[Running, ...]  # flows that the bot leads the person through for a colleague
    alerted: int  # how often people were called about an urgent case that nobody has


async def desk_of(hub: Hub, session: AsyncSession, user: User, case: Case, conversation_id: int = 0) -> Desk:
    """The caller has authorised. `conversation_id`: where the writer answers; else the one that spoke last."""
    drafts = await drafts_of(session, user, case.id)
    offered = await offer(hub, session, user, case, conversation_id)
    translated = offered is not None and offered.possible and offered.wanted.on and drafts.get("translation")
    local = hub.now().astimezone(zone_of(hub, case.place))
    return Desk(
        colleagues=await colleagues(session, case),
        teams=await teams(session),
        team=await _team_name(session, case.team),
        waiting=await waiting(session, case.id),
        drafts=drafts,
        quote=await quoted_by_draft(session, user, case.id),
        kept=await given_back(session, user, case.id),
        known_tags=await known_tags(session),
        mentionable=await mentionable(session, user, case),
        may_ask=case.status != "closed" and await can_ask(hub, session, case),
        outcomes=OUTCOMES,
        tomorrow=local.date() + timedelta(days=1),
        sending=await sending(hub, session, case, 0, translated or drafts.get("reply", "")),
        soonest=f"{local:%Y-%m-%dT%H:%M}",
        pending=await pending_of(session, user, case.id),
        mediations=await of_case(session, case.id),
        reads=await reads_of(session, case.id),
        asks_reader=(await rule_now(session)).asks_for_reader(case),
        danger_now=is_danger_now(case),
        offer=offered,
        german=await german_of(session, case.contact_id),
        led=await running(session, case),
        alerted=await times_alerted(session, case),
    )


async def _team_name(session: AsyncSession, slug: str | None) -> str:
    """Flows name teams too, before anybody has made them."""
    return (await session.scalar(sa.select(Team.name).where(Team.slug == slug)) if slug else None) or slug or ""


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
