"""The e-mail digest: by choice, daily at eight or every hour while something waits; counts and a link, never a name.
Who is off duty gets none.

A row per colleague and hour is the judge that there is only one. It is marked before the mail server is called: what a
crash left between is not sent again.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.alerts import NotDelivered, send_mail
from app.duty import Roster, roster
from app.errors import BadInput
from app.hub import Hub
from app.models import Case, Digest, User
from app.news import wants_news
from app.rights import ANSWERING_ROLES, visible_cases
from flows.services import TIMEZONE

log = logging.getLogger(__name__)

CHOICES = ("off", "daily", "hourly")
DAILY_AT = 8
NOT_TAKEN = frozenset({
    "ConnectionRefusedError", "gaierror", "SMTPAuthenticationError", "SMTPConnectError", "SMTPDataError",
    "SMTPHeloError", "SMTPRecipientsRefused", "SMTPSenderRefused",
})  # fmt: skip
NO_PLACE = ""  # a digest is about many
WORDS = {
    "de": ("Streetwork Hub: {sum} warten", "Für Sie warten: {mine}\nNoch bei niemandem: {free}\nDringend: {urgent}"),
    "en": ("Streetwork Hub: {sum} waiting", "Waiting for you: {mine}\nNobody's yet: {free}\nUrgent: {urgent}"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    mine: int  # my cases whose person waits for an answer
    free: int  # cases that I may see and nobody has taken
    urgent: int  # of all these


def choose(user: User, choice: str) -> None:
    if choice not in CHOICES:
        raise BadInput("Choose how often.")
    user.options = user.options | {"digest": choice}


async def send_all(hub: Hub) -> None:
    """What is due in this hour, and what a mail server refused a while ago."""
    if not hub.settings.smtp_url:
        return
    hour = hub.now().replace(minute=0, second=0, microsecond=0)
    async with hub.db.transaction() as session:
        ids = await _due(session, hub, hour)
    for user_id in ids:
        await _send(hub, user_id, hour)


async def _due(session: AsyncSession, hub: Hub, hour: datetime) -> list[int]:
    chosen = ["hourly", "daily"] if hour.astimezone(TIMEZONE).hour == DAILY_AT else ["hourly"]
    choice = User.options["digest"].astext
    users = await session.scalars(sa.select(User).where(choice.in_(chosen), User.role.in_(ANSWERING_ROLES)))
    done = set(await session.scalars(sa.select(Digest.user_id).where(Digest.hour == hour, Digest.status != "queued")))
    known = await roster(session, hub.shelf.library)
    return [user.id for user in users if _wants(known, user, hub.now()) and user.id not in done]


def _wants(known: Roster, user: User, now: datetime) -> bool:
    """Hourly while on duty; the morning's on days on which they are at some time: at eight few have begun."""
    if not wants_news(user, now):
        return False
    if user.options["digest"] == "daily":
        return known.works_on(user, NO_PLACE, now)
    return known.off_since(user, NO_PLACE, now) is None


async def _send(hub: Hub, user_id: int, hour: datetime) -> None:
    async with hub.db.transaction() as session:
        digest = await _claim(session, user_id, hour)
        if digest is None:
            return
        user = await session.get_one(User, user_id)
        counts = await count(session, user)
        digest.status = "sending" if counts.mine + counts.free else "nothing"
        if digest.status == "nothing":
            return
        subject, text = _say(hub, user, counts)
        email = user.email
    status = "sent"
    try:
        await asyncio.to_thread(send_mail, hub.settings.smtp_url, email, subject, text)
    except NotDelivered as error:
        log.warning("the digest of user %d did not leave: %s", user_id, error.reason)
        # Again in five minutes, within this hour; but not where the server may have taken it before the line broke.
        status = "queued" if error.reason in NOT_TAKEN else "sending"
    async with hub.db.transaction() as session:
        where = (Digest.user_id == user_id, Digest.hour == hour)
        await session.execute(sa.update(Digest).where(*where).values(status=status))


async def _claim(session: AsyncSession, user_id: int, hour: datetime) -> Digest | None:
    """This hour's row, locked, if nobody sent it yet or is sending it now."""
    await session.execute(insert(Digest).values(user_id=user_id, hour=hour).on_conflict_do_nothing())
    query = sa.select(Digest).where(Digest.user_id == user_id, Digest.hour == hour, Digest.status == "queued")
    return await session.scalar(query.with_for_update(skip_locked=True))


async def count(session: AsyncSession, user: User) -> Counts:
    mine = sa.and_(Case.assignee_id == user.id, Case.waiting_since.is_not(None))
    free = sa.and_(Case.assignee_id.is_(None), Case.waiting_since.is_not(None))
    urgent = sa.and_(sa.or_(mine, free), Case.urgency == "urgent")
    columns = [sa.func.count().filter(each) for each in (mine, free, urgent)]
    query = sa.select(*columns).select_from(Case).where(Case.status == "open", visible_cases(user))
    found = (await session.execute(query)).one()
    return Counts(mine=found[0], free=found[1], urgent=found[2])


async def tidy(session: AsyncSession, now: datetime) -> None:
    await session.execute(sa.delete(Digest).where(Digest.hour < now - timedelta(days=7)))


def _say(hub: Hub, user: User, counts: Counts) -> tuple[str, str]:
    subject, text = WORDS.get(user.language, WORDS["en"])
    values = {"sum": counts.mine + counts.free, "mine": counts.mine, "free": counts.free, "urgent": counts.urgent}
    return subject.format(**values), f"{text.format(**values)}\n\n{hub.settings.base_url}/inbox\n"
