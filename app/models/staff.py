"""People who work in the hub: their teams and duty, sessions, tokens, and tries to sign in."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Time, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, WithId, WithTime


class User(WithTime):
    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role in ('streetworker', 'mediator', 'coordinator', 'admin')", name="role"),)

    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    role: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="de")  # of the staff pages: de, en
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    speaks: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))  # languages they answer in
    options: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # enter_sends, sound, digest
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; set once the first code was right
    recovery_codes: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))  # hashes of the unused ones
    away_until: Mapped[datetime | None]


class StaffSession(WithTime):
    """A signed-in browser. Only the token's hash is stored: a stolen backup opens nothing."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    expires_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(server_default="")  # 'Firefox/Android': coarse, and all that is kept of it
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())  # to about ten minutes

    user: Mapped[User] = relationship(lazy="raise")


class Invitation(WithTime):
    """A link that lets a colleague choose a password, once. Only its token's hash is stored."""

    __tablename__ = "invitations"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]


class LoginTry(WithId):
    """A failed sign-in, counted per account and per address; `key` is a keyed hash of either."""

    __tablename__ = "login_tries"
    __table_args__ = (Index("ix_login_tries_key_at", "key", "at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Team(WithTime):
    """Colleagues of an organisation who are there for some places; without places, for all."""

    __tablename__ = "teams"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    organisation: Mapped[str] = mapped_column(server_default="")
    places: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class Shift(WithTime):
    """When a colleague is on duty, every week; empty places and needs mean all of theirs."""

    __tablename__ = "shifts"
    __table_args__ = (CheckConstraint("weekday between 0 and 6", name="weekday"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]  # 0 is Monday
    begins: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    places: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    needs: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))


class ApiToken(WithTime):
    """Lets a program act for a colleague within scopes. Only the token's hash is stored."""

    __tablename__ = "api_tokens"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PushSubscription(WithTime):
    """A browser that wants to be woken. What is pushed has no content."""

    __tablename__ = "push_subscriptions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    keys: Mapped[dict[str, Any]]
    device: Mapped[str] = mapped_column(server_default="")


class Push(WithTime):
    """A wake-up still to be sent to a browser; gone once it was. At most one waits per browser and case."""

    __tablename__ = "pushes"
    __table_args__ = (UniqueConstraint("subscription_id", "case_id"),)

    subscription_id: Mapped[int] = mapped_column(ForeignKey("push_subscriptions.id", ondelete="CASCADE"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))  # None: a test
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None]


class Digest(WithTime):
    """The e-mail with counts that a colleague gets for this hour: the row is the judge that there is only one."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("user_id", "hour"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    hour: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="queued")  # queued, sending, sent, nothing


class AuditEntry(WithTime):
    """Who read, changed, revealed or exported what; ids only. It stays when the case is gone."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_case", "case_id", "id"),)

    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    token_id: Mapped[int | None] = mapped_column(ForeignKey("api_tokens.id", ondelete="SET NULL"))
    kind: Mapped[str]  # read, changed, revealed, exported, signed_in…
    case_id: Mapped[int | None]
    contact_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
