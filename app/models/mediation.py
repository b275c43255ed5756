"""What makes the machine good: texts that a mediator checks, sentences remembered from that, and how good drafts were."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithTime
from app.models.words import words_column


class Mediation(WithTime):
    """A text that a language mediator is asked to check before it goes out, or what a person wrote, read by the machine."""

    __tablename__ = "mediations"
    __table_args__ = (
        CheckConstraint("kind in ('reply', 'reading')", name="kind"),
        CheckConstraint("status in ('waiting', 'done', 'returned', 'withdrawn')", name="status"),
        Index("ix_mediations_waiting", "language", "id", postgresql_where=sql("status = 'waiting'")),
        Index("uq_mediations_one_reading", "message_id", unique=True,
              postgresql_where=sql("kind = 'reading' and status = 'waiting'")),
    )  # fmt: skip

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who asked
    kind: Mapped[str]
    language: Mapped[str]  # the person's
    original: Mapped[str | None]  # a reply's German; None for a reading: it is the message's own text
    draft: Mapped[str]  # what is to be checked, as the machine or the asker made it
    seen_seq: Mapped[int]  # the newest message of the conversation when it was asked
    status: Mapped[str] = mapped_column(server_default="waiting")
    mediator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    taken_at: Mapped[datetime | None]
    taken_until: Mapped[datetime | None]  # passes by itself, so that nothing waits for somebody who has gone home
    final: Mapped[str | None]  # as the mediator released it
    note: Mapped[str | None]  # why it was sent back
    problem: Mapped[str | None]  # why a checked reply could not leave: moved, refused
    decided_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    """A reading's message; a reply's, once it was queued."""


class Memory(WithTime):
    """A sentence and its translation as a person checked it. Amounts, numbers and links are marks: 450 € and 500 € share one.

    What was learned from a message goes with it, because names may stand in it that no rule finds.
    """

    __tablename__ = "memories"
    __table_args__ = (
        UniqueConstraint("source", "target", "key"),
        Index("ix_memories_words", "words", postgresql_using="gin"),
        CheckConstraint("origin in ('mediation', 'edit')", name="origin"),
    )

    source: Mapped[str]
    target: Mapped[str]
    key: Mapped[str]  # a hash of the folded sentence: `app.memory`
    sentence: Mapped[str]
    words: Mapped[str | None] = words_column(of="sentence")
    text: Mapped[str]  # the checked translation, with the same marks
    draft: Mapped[str | None]  # what the machine had made of it
    origin: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    uses: Mapped[int] = mapped_column(server_default="0")
    used_at: Mapped[datetime | None]


class Judgement(WithTime):
    """How far a machine's text was from what people made of it. It holds no words, so it may stay."""

    __tablename__ = "judgements"
    __table_args__ = (Index("ix_judgements_pair", "source", "target", "id"),)

    source: Mapped[str]
    target: Mapped[str]
    origin: Mapped[str]  # mediation, edit
    distance: Mapped[float]  # 0: left as it was; 1: nothing of it remained
