"""Who was named in an internal note, until they have read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithTime


class Mention(WithTime):
    """A colleague named in a note. `seen_at` is when they had the note before their eyes."""

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_mentions_unseen", "user_id", "case_id", postgresql_where=sql("seen_at is null")),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("case_events.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime | None]
