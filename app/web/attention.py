"""What of the hub needs somebody now, for the admins' first page: places, channels, the worker, the texts."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.channel_health import Trouble, health_of_all, troubles
from app.hub import Hub
from app.models import Case
from app.web.duty_views import PlaceNow
from app.web.health import worker_state
from flows.library import Library
from flows.model import ANSWER_LANGUAGES


@dataclass(frozen=True, slots=True)
class Attention:
    urgent: tuple[tuple[str, int, int], ...]  # place, waiting urgent cases, of them with nobody
    unattended: tuple[PlaceNow, ...]  # people wait, and nobody is on duty
    channels: tuple[tuple[str, tuple[Trouble, ...]], ...]
    worker: str
    spool: int
    drafts: int  # entries and flows with texts that nobody of the town has approved

    @property
    def nothing(self) -> bool:
        return self.worker == "ok" and not (
            self.urgent or self.unattended or self.channels or self.spool or self.drafts
        )


async def needs_attention(hub: Hub, session: AsyncSession, duty: list[PlaceNow], spool: int) -> Attention:
    health = await health_of_all(hub, session)
    found = [(each.channel.name, tuple(troubles(each, hub.now()))) for each in health]
    urgent = [(place, count, free) for place, count, free in await session.execute(_URGENT)]
    return Attention(
        tuple(urgent),
        tuple(place for place in duty if place.waiting and not (place.people or place.open)),
        tuple((name, several) for name, several in found if several),
        await worker_state(session),
        spool,
        drafts(hub.shelf.library),
    )


def drafts(library: Library) -> int:
    """As `streetwork doctor` counts them."""
    entries = sum(
        any(answer.approved_by is None for answer in entry.answers.values()) for _, entry in library.entries.values()
    )
    flows = sum(
        not all(flow.is_approved(language) for language in ANSWER_LANGUAGES) for _, flow in library.flows.values()
    )
    return entries + flows


_URGENT = (
    sa.select(Case.place, sa.func.count(), sa.func.count().filter(Case.assignee_id.is_(None)))
    .where(Case.status == "open", Case.urgency == "urgent", Case.waiting_since.is_not(None))
    .group_by(Case.place)
    .order_by(sa.func.count().desc(), Case.place)
)
