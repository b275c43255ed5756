"""Channels, contacts and their addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, false, func, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import WithTime
from app.models.words import words_column


class Channel(WithTime):
    """One configured account at a provider. `secrets` is an encrypted JSON object; `options` holds what is no secret."""

    __tablename__ = "channels"

    name: Mapped[str] = mapped_column(unique=True)  # a removed channel's name is freed by renaming it
    kind: Mapped[str]
    place: Mapped[str] = mapped_column(server_default="")
    secrets: Mapped[bytes] = mapped_column(LargeBinary)
    options: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    active: Mapped[bool] = mapped_column(server_default=true())
    update_offset: Mapped[int | None]  # where polling goes on
    removed_at: Mapped[datetime | None]


class Contact(WithTime):
    """A person who writes, known by an invented name only."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_words", "words", postgresql_using="gin"),)

    name: Mapped[str]
    words: Mapped[str | None] = words_column(of="name")
    blocked_until: Mapped[datetime | None]  # till then what they write is stored, and nobody is called
    blocked_reason: Mapped[str | None]


class Address(WithTime):
    """One way to reach a contact on one channel. The value is encrypted; `lookup` is its keyed hash."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel_id", "lookup"),)

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)
    masked: Mapped[str]  # what staff see: '+49 … 42', '… 4711'
    is_group: Mapped[bool] = mapped_column(server_default=false())

    channel: Mapped[Channel] = relationship(lazy="raise")
    contact: Mapped[Contact] = relationship(lazy="raise")


class AddressAlias(WithTime):
    """Another id of the same address at its provider (WhatsApp's business-scoped id beside the phone number)."""

    __tablename__ = "address_aliases"
    __table_args__ = (UniqueConstraint("channel_id", "lookup"),)

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), index=True)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)


class Fact(WithTime):
    """Something a flow learned about a person or family, under a field's key; shown to the person and to staff.

    The person may delete each; erasing the contact deletes all.
    """

    __tablename__ = "facts"
    __table_args__ = (UniqueConstraint("contact_id", "key"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    flow: Mapped[str]  # which flow asked
    learned_at: Mapped[datetime] = mapped_column(server_default=func.now())
