"""Matters handed to humans, what happened to them, and the alerts about them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.models.base import WithTime
from app.models.people import Contact
from app.models.staff import User
from app.models.words import search_words, words_column

SINCE = "(coalesce(waiting_since, 'infinity'::timestamptz))"
"""Since when somebody waits, last where nobody does: a sort key."""


class Case(WithTime):
    """A contact's matter. At most one is not closed per contact: the partial unique index is the judge."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("uq_cases_one_open", "contact_id", unique=True, postgresql_where=sql("status <> 'closed'")),
        CheckConstraint("status in ('open', 'snoozed', 'closed')", name="status"),
        CheckConstraint("urgency in ('normal', 'urgent')", name="urgency"),
        Index("ix_cases_open", "status", "urgency", "waiting_since"),
        # For the sorts of the list, with the very expressions of app/filters.py.
        Index("ix_cases_by_urgency", sql("(urgency <> 'urgent')"), sql(SINCE), sql("(- id)"),
              postgresql_where=sql("status <> 'closed'")),
        Index("ix_cases_by_waiting", sql(SINCE), sql("(- id)"), postgresql_where=sql("status <> 'closed'")),
        Index("ix_cases_by_closed", "closed_at", "id", postgresql_where=sql("status = 'closed'")),
        Index("ix_cases_contact", "contact_id", "id"),
        Index("ix_cases_tagged", "id", postgresql_where=sql("tags <> '[]'")),
        Index("ix_cases_words", "words", postgresql_using="gin"),
        Index("ix_cases_needs", "needs", postgresql_using="gin", postgresql_ops={"needs": "jsonb_path_ops"}),
        Index("ix_cases_tags", "tags", postgresql_using="gin", postgresql_ops={"tags": "jsonb_path_ops"}),
    )  # fmt: skip

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    """The conversation that the matter arose in; replies go to the one that wrote last."""
    status: Mapped[str] = mapped_column(server_default="open")
    urgency: Mapped[str] = mapped_column(server_default="normal")
    reason: Mapped[str]  # why it was handed over: a stable slug, 'asked', 'danger', 'not_understood', 'photo'…
    danger: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"))
    needs: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"))  # topic slugs, the main one first
    place: Mapped[str] = mapped_column(server_default="")
    deadline: Mapped[date | None]
    team: Mapped[str | None]  # a slug: who among the staff should take it
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    waiting_since: Mapped[datetime | None]  # when the person last wrote without an answer of a human
    alarmed_at: Mapped[datetime | None]  # when the call for a human about an urgent case began
    alarm_step: Mapped[int] = mapped_column(server_default="0")  # how far it has widened since: app.escalating
    tags: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"))
    words: Mapped[str | None] = words_column(of="tags")
    snoozed_until: Mapped[datetime | None]  # None while snoozed: until the person writes
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # what came of it, said by who closed it: 'solved', 'referred', 'unreachable'…
    helped: Mapped[bool | None]  # what the person answered when asked

    contact: Mapped[Contact] = relationship(lazy="raise")
    assignee: Mapped[User | None] = relationship(lazy="raise")

    @validates("tags")
    def _fold_tags(self, _: str, tags: list[str]) -> list[str]:
        self.words = search_words(" ".join(tags))
        return tags


class CaseEvent(WithTime):
    """One line of a case's history (opened, taken, noted, closed…), shown between the messages."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_words", "words", postgresql_using="gin"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    """opened, urgent, taken, assigned, released, note, snoozed, woken, closed, reopened, tagged, alerted, returned, undone…

    All of them with their pictures: `app.web.looks`.
    """
    text: Mapped[str | None]  # an internal note's words
    words: Mapped[str | None] = words_column()
    data: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))

    user: Mapped[User | None] = relationship(lazy="raise")


class Alert(WithTime):
    """A content-free call for a human, queued with the case that caused it; sent by a job, tried until it works."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_open", "id", postgresql_where=sql("status = 'queued'")),)

    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    way: Mapped[str]  # email, staff_chat
    step: Mapped[int] = mapped_column(server_default="0")  # how wide the call goes: app.escalating
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="queued")  # queued, sent, failed, uncertain
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None]
    error: Mapped[str | None]
