"""Published content: entries, figures, places; every version is kept and never changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithId


class ContentVersion(WithId):
    """One published version of one piece of content. `current` marks the one that is live; `data` is its model as JSON."""

    __tablename__ = "content_versions"
    __table_args__ = (
        UniqueConstraint("kind", "key", "version"),
        Index("uq_content_versions_current", "kind", "key", unique=True, postgresql_where=text("current")),
    )

    kind: Mapped[str]  # entry, flow, figure, place… as in `flows.load`
    key: Mapped[str]  # topic slug, figure key, place slug
    version: Mapped[int]
    current: Mapped[bool]
    data: Mapped[dict[str, Any]]
    hash: Mapped[str]  # of the data, canonical JSON
    origin: Mapped[str]  # starter, file or hub: see `app.publishing.ORIGINS`
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    note: Mapped[str] = mapped_column(server_default="")  # why, in the words of who published it
    approvals: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # aspect -> {user_id, name, on}
    words_of: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Language -> the version in which its words were last changed or confirmed; older than German's: look at it again."""
