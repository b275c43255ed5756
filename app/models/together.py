"""What colleagues owe each other on one case: replies that wait for a second reader, and who has begun to answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, WithTime


class PendingReply(WithTime):
    """A reply that a second person reads before it goes out. `text` stays as its writer left it."""

    __tablename__ = "pending_replies"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'sent', 'returned', 'withdrawn')", name="status"),
        Index("ix_pending_replies_waiting", "decide_by", postgresql_where=sql("status = 'waiting'")),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    written: Mapped[dict[str, Any] | None]  # the German of a translated reply: `app.written`
    quotes: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    seen_seq: Mapped[int]  # the newest message of the conversation when it was written
    decide_by: Mapped[datetime]  # from then on its writer may send it alone, with a reason
    status: Mapped[str] = mapped_column(server_default="waiting")
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    sent_text: Mapped[str | None]  # where the reader changed it
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)


class CaseClaim(Base):
    """Who has begun to answer a case that nobody has taken; `until` passes by itself."""

    __tablename__ = "case_claims"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    until: Mapped[datetime]
