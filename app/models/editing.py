"""What coordinators are writing: one draft for each piece of content that is being changed, and every step on the way."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithId, WithTime


class ContentDraft(WithTime):
    """A piece on its way to being published. Closed ones stay: what was thrown away can be had back.

    `revision` is what a save compares with. `authors` and `approvals` are by aspect (`flows.aspects`): who changed it since
    the live version, and who approved it as it is now. `marks`: languages that a machine drafted.
    """

    __tablename__ = "content_drafts"
    __table_args__ = (
        Index("uq_content_drafts_open", "kind", "key", unique=True, postgresql_where=text("closed_at is null")),
    )

    kind: Mapped[str]
    key: Mapped[str]
    revision: Mapped[int]
    data: Mapped[dict[str, Any]]  # may break the model's limits until it is to be published
    base_version: Mapped[int]  # the live version it began from; 0: there was none
    authors: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # aspect -> [user ids]
    approvals: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # aspect -> {user_id, name, on}
    marks: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # {"machine": [languages]}
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    note: Mapped[str] = mapped_column(server_default="")  # why, for the version that is to be
    publish_at: Mapped[datetime | None]
    publish_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    trouble: Mapped[str] = mapped_column(server_default="")  # why it was not published when its time came
    closed_at: Mapped[datetime | None]
    closed_as: Mapped[str] = mapped_column(server_default="")  # published, discarded


class ContentRevision(WithTime):
    """One saved step of a draft, for undo and redo. `undo_to` and `redo_to` are the revisions to go to from here."""

    __tablename__ = "content_revisions"
    __table_args__ = (UniqueConstraint("draft_id", "revision"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("content_drafts.id", ondelete="CASCADE"))
    revision: Mapped[int]
    data: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    undo_to: Mapped[int | None]
    redo_to: Mapped[int | None]


class ContentIncoming(WithId):
    """Words of a file that a load did not take, because the hub has its own: from each origin the newest.

    It waits for a decision while `hash` is not `settled_hash`. `settled` is what was last decided upon: the next newer words
    are compared with that, so that nobody is asked the same twice.
    """

    __tablename__ = "content_incoming"
    __table_args__ = (UniqueConstraint("kind", "key", "origin"),)

    kind: Mapped[str]
    key: Mapped[str]
    origin: Mapped[str]  # starter, file
    source: Mapped[str]  # the folder's name
    data: Mapped[dict[str, Any]]
    hash: Mapped[str]
    settled_hash: Mapped[str] = mapped_column(server_default="")
    settled: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
