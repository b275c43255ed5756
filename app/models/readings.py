"""What staff read: a message in German, by machine, from memory, checked by a mediator, or as a colleague wrote it."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithTime


class Reading(WithTime):
    """A message's other text. For what people write: its German; for replies of staff: the German that was typed."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("message_id", "language"),
        CheckConstraint("origin in ('machine', 'memory', 'checked', 'written', 'none')", name="origin"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    language: Mapped[str]  # of `text`: de
    text: Mapped[str | None]  # None: there is none, `problem` says why
    origin: Mapped[str]
    route: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"))  # languages passed through, both ends included
    untouched: Mapped[int] = mapped_column(server_default="0")  # sentences left in the original
    likeness: Mapped[float | None]  # of the remembered sentence that was used, up to 1
    problem: Mapped[str | None]  # no_route, too_slow, damaged
    edits: Mapped[int] = mapped_column(server_default="0")  # how often the message had been edited when it was read
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who checked or wrote it
