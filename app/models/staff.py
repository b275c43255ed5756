"""People who work in the hub, their sessions, and tries to sign in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import WithId, WithTime


class User(WithTime):
    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role in ('streetworker', 'mediator', 'coordinator', 'admin')", name="role"),)

    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    role: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="de")  # of the staff pages: de, en
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]


class StaffSession(WithTime):
    """A signed-in browser. Only the token's hash is stored: a stolen backup opens nothing."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")


class LoginTry(WithId):
    """A failed sign-in, counted per account and per address; `key` is a keyed hash of either."""

    __tablename__ = "login_tries"
    __table_args__ = (Index("ix_login_tries_key_at", "key", "at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
