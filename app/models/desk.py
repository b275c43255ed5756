"""The desk of one colleague: what was read, drafts, who looks, saved lists, replies for later; and what was shared."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, false, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, WithTime


class CaseRead(Base):
    """How far a colleague has read the thread of a case: what came after `seen_at` is unread."""

    __tablename__ = "case_reads"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime]


class Presence(Base):
    """Who has a case open right now, and whether they write; a row older than a minute says nothing."""

    __tablename__ = "presences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    writes: Mapped[bool] = mapped_column(server_default=false())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Draft(WithTime):
    """An unsent reply or note, kept per colleague and case until it is sent or emptied."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("user_id", "case_id", "kind"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # reply, note, translation: what the person is to get, as its writer has changed it
    text: Mapped[str]
    made_from: Mapped[str | None]  # of a translation: the German that it belongs to
    quotes: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ScheduledReply(WithTime):
    """A reply for later. When its time comes it goes out, unless the person has written since: then it is a draft again."""

    __tablename__ = "scheduled_replies"
    __table_args__ = (Index("ix_scheduled_replies_due", "send_at", postgresql_where=sql("status = 'waiting'")),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    written: Mapped[dict[str, Any] | None]  # the German of a translated reply: `app.written`
    seen_seq: Mapped[int]  # the newest message that its writer had seen
    send_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="waiting")  # waiting, sent, returned, cancelled
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))


class KeptFile(WithTime):
    """A file of a reply for later, or for a second reader; when it came back unsent, its writer may attach it again."""

    __tablename__ = "kept_files"
    __table_args__ = (CheckConstraint("num_nonnulls(reply_id, pending_id) = 1", name="owner"),)

    reply_id: Mapped[int | None] = mapped_column(ForeignKey("scheduled_replies.id", ondelete="CASCADE"), index=True)
    pending_id: Mapped[int | None] = mapped_column(ForeignKey("pending_replies.id", ondelete="CASCADE"), index=True)
    mime: Mapped[str]
    name: Mapped[str | None]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class WritingChoice(Base):
    """Whether a colleague writes German in a case and sends it translated; without a row: where that is possible."""

    __tablename__ = "writing_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    translates: Mapped[bool]


class SavedView(WithTime):
    """A list with its filters under a name; `shared` ones everybody sees, only their maker changes them."""

    __tablename__ = "saved_views"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    query: Mapped[dict[str, Any]]
    shared: Mapped[bool] = mapped_column(server_default=false())


class CaseShare(WithTime):
    """A case that another team may see and work on as well."""

    __tablename__ = "case_shares"
    __table_args__ = (UniqueConstraint("case_id", "team_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who shared it
