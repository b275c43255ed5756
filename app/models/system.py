"""What the machinery needs: live events, rate limits, refused requests, settings."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, WithTime


class FeedEvent(WithTime):
    """Something changed that open pages show. Ids only; old rows are swept."""

    __tablename__ = "feed_events"

    kind: Mapped[str]  # case, conversation
    ref: Mapped[int]


class EarlyStatus(WithTime):
    """Delivery news about a message whose id we do not know yet: it came before the send call returned."""

    __tablename__ = "early_statuses"
    __table_args__ = (UniqueConstraint("channel_id", "external_id", "status"),)

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    external_id: Mapped[str]
    status: Mapped[str]
    error: Mapped[str | None]
    provider_code: Mapped[str | None]


class RateLimit(Base):
    """A GCRA bucket per key: `tat` is the theoretical arrival time of the next send, by the database's clock."""

    __tablename__ = "rate_limits"

    key: Mapped[str] = mapped_column(primary_key=True)
    tat: Mapped[datetime] = mapped_column(server_default=func.now())


class RefusedRequest(Base):
    """Webhook requests that were not the provider's, counted per channel, reason and day; nothing of them is stored."""

    __tablename__ = "refused_requests"
    __table_args__ = (UniqueConstraint("channel_name", "reason", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_name: Mapped[str]
    reason: Mapped[str]
    day: Mapped[str]  # YYYY-MM-DD, UTC
    count: Mapped[int] = mapped_column(server_default="0")
    last_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Setting(Base):
    """What admins set in the hub itself, such as the staff chat for alerts."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
