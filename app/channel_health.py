"""How each channel is doing, read from the rows that its work leaves behind; and what of it needs somebody. For admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.models import Case, Channel, Conversation, Message, RefusedRequest
from channels.base import SendErrorKind

LATELY = timedelta(hours=24)
REFUSED_FOR = timedelta(days=7)
SENT_FOR = timedelta(days=30)
STUCK_AFTER = timedelta(minutes=5)
CLOSES_SOON = timedelta(hours=2)
NOT_OURS = frozenset(kind.code for kind in SendErrorKind if kind.fault == "person")
"""Why a message fails on a healthy channel too: somebody blocked us, or their phone is off."""

End = tuple[int, str, str | None, int, int]
"""Channel, status, error, how many, how many of them without a template."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages on their way. `retried`: those that the provider did not take yet; `error`: mostly why."""

    length: int = 0
    oldest: datetime | None = None
    retried: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Windows:
    """WhatsApp's 24 hours: open now, and about to close while the person waits for an answer."""

    open: int
    closing: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind`: refused, stuck, retried, failed, uncertain, no_template; the words stand in admin/_trouble.html."""

    kind: str
    count: int
    error: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    channel: Channel
    received_at: datetime | None  # the newest message of a person
    sent_at: datetime | None  # within SENT_FOR
    queue: Queue
    failed: dict[str, int]  # LATELY, by error
    uncertain: int  # LATELY or not: until somebody has settled them
    held: int
    without_template: int  # of the held: nothing asks the person to write
    refused: Sequence[RefusedRequest]  # REFUSED_FOR, the newest first
    windows: Windows | None

    @property
    def refused_count(self) -> int:
        return sum(each.count for each in self.refused)

    @property
    def failed_count(self) -> int:
        return sum(self.failed.values())


def troubles(health: Health, now: datetime) -> list[Trouble]:
    """What somebody should look after, the worst first."""
    found = []
    refused = [each for each in health.refused if health.received_at is None or each.last_at > health.received_at]
    if refused:  # since then nothing has got through; single refusals before it may be anybody who tries addresses
        found.append(Trouble("refused", sum(each.count for each in refused), refused[0].reason, refused[0].last_at))
    queue = health.queue
    if queue.retried:
        found.append(Trouble("retried", queue.retried, queue.error or "", queue.oldest))
    elif queue.oldest is not None and now - queue.oldest > STUCK_AFTER:
        found.append(Trouble("stuck", queue.length, since=queue.oldest))
    ours = {error: count for error, count in health.failed.items() if error not in NOT_OURS}
    if ours:
        found.append(Trouble("failed", sum(ours.values()), max(ours, key=lambda error: ours[error])))
    if health.uncertain:
        found.append(Trouble("uncertain", health.uncertain))
    if health.without_template:
        found.append(Trouble("no_template", health.without_template))
    return found


async def health_of_all(hub: Hub, session: AsyncSession) -> list[Health]:
    """Of every active channel, by name."""
    now = hub.now()
    channels = (await session.scalars(sa.select(Channel).where(Channel.active).order_by(Channel.name))).all()
    queues, ends = await _queues(session), await _ends(session, now)
    refused: dict[str, list[RefusedRequest]] = {}
    newest = sa.select(RefusedRequest).where(RefusedRequest.last_at > now - REFUSED_FOR)
    for row in await session.scalars(newest.order_by(RefusedRequest.last_at.desc())):
        refused.setdefault(row.channel_name, []).append(row)
    return [
        Health(
            channel,
            await _received_at(session, channel),
            await session.scalar(
                sa.select(sa.func.max(Message.sent_at)).where(
                    Message.channel_id == channel.id, Message.created_at > now - SENT_FOR
                )
            ),
            queues.get(channel.id, Queue()),
            refused=refused.get(channel.name, ()),
            windows=await _windows(hub, session, channel),
            **_ends_of(ends, channel.id),
        )
        for channel in channels
    ]


async def _received_at(session: AsyncSession, channel: Channel) -> datetime | None:
    query = sa.select(Message.created_at).where(Message.channel_id == channel.id, Message.direction == "in")
    at: datetime | None = await session.scalar(query.order_by(Message.created_at.desc()).limit(1))
    return at


async def _queues(session: AsyncSession) -> dict[int, Queue]:
    retried = Message.error.is_not(None)
    rows = await session.execute(
        sa.select(
            Message.channel_id,
            sa.func.count(),
            sa.func.min(Message.created_at),
            sa.func.count().filter(retried),
            sa.func.mode().within_group(Message.error.asc()),
        )
        .where(Message.direction == "out", Message.status.in_(("queued", "sending")))
        .group_by(Message.channel_id)
    )
    return {channel_id: Queue(*rest) for channel_id, *rest in rows}


async def _ends(session: AsyncSession, now: datetime) -> list[End]:
    """Messages that did not leave, or may not have: by channel, status and reason."""
    # No row says when it failed: at its first try or, tried again, some seconds after `next_try_at`.
    last_tried = sa.func.greatest(Message.created_at, Message.next_try_at, Message.sent_at)
    bare = Message.error_detail == "no_template"
    query = sa.select(Message.channel_id, Message.status, Message.error, sa.func.count(), sa.func.count().filter(bare))
    query = query.where(
        Message.direction == "out",
        Message.status.in_(("held", "failed", "uncertain")),
        sa.or_(Message.status != "failed", last_tried > now - LATELY),
    )
    rows = await session.execute(query.group_by(Message.channel_id, Message.status, Message.error))
    return [(channel, status, error, count, without) for channel, status, error, count, without in rows]


def _ends_of(ends: Sequence[End], channel_id: int) -> dict[str, Any]:
    mine = [end[1:] for end in ends if end[0] == channel_id]
    held = [(count, bare) for status, _, count, bare in mine if status == "held"]
    return {
        "failed": {error or "refused": count for status, error, count, _ in mine if status == "failed"},
        "uncertain": sum(count for status, _, count, _ in mine if status == "uncertain"),
        "held": sum(count for count, _ in held),
        "without_template": sum(bare for _, bare in held),
    }


async def _windows(hub: Hub, session: AsyncSession, channel: Channel) -> Windows | None:
    live = hub.registry.by_id(channel.id)
    if live is None or live.adapter.limits.window_hours is None:
        return None
    opened = hub.now() - timedelta(hours=live.adapter.limits.window_hours)
    waits = sa.exists().where(
        Case.contact_id == Conversation.contact_id, Case.status == "open", Case.waiting_since.is_not(None)
    )
    soon = sa.and_(Conversation.heard_at <= opened + CLOSES_SOON, waits)
    query = sa.select(sa.func.count(), sa.func.count().filter(soon))
    query = query.where(Conversation.channel_id == channel.id, Conversation.heard_at > opened)
    return Windows(*(await session.execute(query)).one())
