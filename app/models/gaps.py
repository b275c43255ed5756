"""Questions that the bot could not answer, until a coordinator has dealt with them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithTime


class Gap(WithTime):
    """One message that no answer followed. Its text stays in the message and goes with it."""

    __tablename__ = "gaps"
    __table_args__ = (Index("ix_gaps_open", "created_at", postgresql_where=sql("closed_at is null")),)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    language: Mapped[str]
    guess: Mapped[str | None]  # the topic it was most like, where that was likely at all
    closed_at: Mapped[datetime | None]
