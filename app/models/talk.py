"""Conversations, messages and media: the ledger that nothing may vanish from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, WithTime
from app.models.people import Address, Channel, Contact
from app.models.words import words_column


class Conversation(WithTime):
    """All messages between one address and the hub. `last_seq` is bumped under the row's lock by every new message."""

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("mode in ('bot', 'waiting', 'human', 'stopped')", name="mode"),
        Index("ix_conversations_active", "active_at", "id"),
    )

    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    mode: Mapped[str] = mapped_column(server_default="bot")
    language: Mapped[str | None]  # what the person writes; None until known
    script: Mapped[str | None]
    place: Mapped[str] = mapped_column(server_default="")
    state: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))  # the router's memory
    last_seq: Mapped[int] = mapped_column(server_default="0")
    heard_at: Mapped[datetime | None]  # when the person last wrote: WhatsApp's window counts from it
    active_at: Mapped[datetime] = mapped_column(server_default=func.now())  # when its newest message was stored

    address: Mapped[Address] = relationship(lazy="raise")
    contact: Mapped[Contact] = relationship(lazy="raise")
    channel: Mapped[Channel] = relationship(lazy="raise")


class Cursor(Base):
    """How far the router has read a conversation; apart from it so that routing and receiving don't wait for each other."""

    __tablename__ = "cursors"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    routed_seq: Mapped[int] = mapped_column(server_default="0")


class Message(WithTime):
    """One inbound or outbound message. `seq` orders it; (channel, external_id) judges duplicates."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index("uq_messages_external", "channel_id", "direction", "external_id", unique=True,
              postgresql_where=sql("external_id is not null")),
        Index("ix_messages_to_send", "conversation_id", "seq",
              postgresql_where=sql("direction = 'out' and status in ('queued', 'sending')")),
        Index("ix_messages_channel_at", "channel_id", "created_at"),
        Index("ix_messages_trouble", "channel_id", "status",
              postgresql_where=sql("direction = 'out' and status in ('held', 'failed', 'uncertain')")),
        Index("ix_messages_words", "words", postgresql_using="gin"),
        Index("ix_messages_unrouted", "conversation_id", "seq", postgresql_where=sql("direction = 'in'")),
        CheckConstraint("direction in ('in', 'out')", name="direction"),
        CheckConstraint("author in ('contact', 'bot', 'staff', 'system')", name="author"),
        CheckConstraint(
            "status in ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'uncertain',"
            " 'held', 'cancelled')", name="status"),
    )  # fmt: skip

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    seq: Mapped[int]
    direction: Mapped[str]
    author: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # the staff member who wrote it
    status: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str | None]
    words: Mapped[str | None] = words_column()
    external_id: Mapped[str | None]
    reply_to: Mapped[str | None]  # external_id
    sender: Mapped[str | None]  # who wrote, where that is not the address (groups)
    payload: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
    """buttons, button, location, contact, album, start_payload, extra; for the bot's: entry slug and version."""
    edits: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"))  # [{"text", "at"}], oldest wording first
    provider_time: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None]
    error: Mapped[str | None]  # SendErrorKind.code
    error_detail: Mapped[str | None]  # the provider's code or title
    sent_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship(lazy="raise")
    media: Mapped[list["Media"]] = relationship(lazy="raise", order_by="Media.id", back_populates="message")


class Media(WithTime):
    """A file of a message, stored in the database so that one backup holds everything."""

    __tablename__ = "media"
    __table_args__ = (
        CheckConstraint("status in ('wanted', 'stored', 'refused')", name="status"),
        Index("ix_media_wanted", "next_try_at", postgresql_where=sql("status = 'wanted'")),
        Index("ix_media_unlooked", "id", postgresql_where=sql("status = 'stored' and looked_at is null")),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    ref: Mapped[str | None]  # the provider's handle
    status: Mapped[str]
    mime: Mapped[str | None]
    name: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    reason: Mapped[str | None]  # why it was refused: MediaError.reason
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]  # when `app.shaping` opened it; what it found follows
    width: Mapped[int | None]  # of a picture or video as it is shown, before our own turn
    height: Mapped[int | None]
    seconds: Mapped[float | None]
    problem: Mapped[str | None]  # damaged, too_long
    playable: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # AAC, where browsers can't play it
    playable_size: Mapped[int | None]
    turn: Mapped[int] = mapped_column(server_default="0")  # quarter turns to the right, for all colleagues

    message: Mapped[Message] = relationship(lazy="raise", back_populates="media")
