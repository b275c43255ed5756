"""What SMS cost: counted when a message is queued, added up per month."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Message
from app.registry import LiveChannel
from channels.sms_text import segments

NOT_PAID = ("failed", "cancelled", "held")


def cost_of(channel: LiveChannel | None, text: str) -> dict[str, Any]:
    """For a message's payload: {"sms": {"segments", "encoding", "cents"}}; empty on channels without a price."""
    if channel is None or not channel.by_sms:
        return {}
    counted = segments(text)
    cents = counted.count * Decimal(str(channel.options.get("cents_per_segment") or 0))
    return {"sms": {"segments": counted.count, "encoding": counted.encoding, "cents": float(cents)}}


async def spent(session: AsyncSession, channel_id: int, since: datetime) -> float:
    """Cents on a channel since a moment."""
    cents = sa.cast(Message.payload["sms"]["cents"].astext, sa.Float)
    total = await session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(cents), 0.0)).where(
            Message.channel_id == channel_id,
            Message.direction == "out",
            Message.created_at >= since,
            Message.status.not_in(NOT_PAID),
        )
    )
    return float(total or 0.0)
