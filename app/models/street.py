"""Codes on posters and cards, and how often they are used; nothing here tells who used them."""

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import WithTime


class StartCode(WithTime):
    """A short code that people bring from a poster: where it hangs, what it leads to, in which language."""

    __tablename__ = "start_codes"

    code: Mapped[str] = mapped_column(unique=True)
    place: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str | None]
    action: Mapped[str | None]  # "flow:afternoon" or "topic:work.wage_unpaid"
    source: Mapped[str] = mapped_column(server_default="")  # "playground Neustadt"
    options: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # how its poster was made


class StartCount(WithTime):
    """How many conversations came with a code on a day; a person is counted, not known."""

    __tablename__ = "start_counts"
    __table_args__ = (UniqueConstraint("code_id", "day", "channel_kind"),)

    code_id: Mapped[int] = mapped_column(ForeignKey("start_codes.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    channel_kind: Mapped[str]
    count: Mapped[int] = mapped_column(server_default="0")
