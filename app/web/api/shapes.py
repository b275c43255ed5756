"""What the API says and hears. No addresses: a contact is an invented name and what they told."""

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api_reading import ContactView
from app.cases import NOTE_CHARS
from app.lists import CaseCard
from app.models import CaseEvent, Message
from app.replying import REPLY_CHARS


class Problem(BaseModel):
    code: str
    message: str
    last_seq: int | None = Field(None, description="where a conversation moved on: its newest message")


class Failure(BaseModel):
    error: Problem


FAILURES: dict[int | str, dict[str, Any]] = {status: {"model": Failure} for status in (401, 403, 404, 409, 422, 429)}


class CaseOut(BaseModel):
    id: int
    contact_id: int
    contact: str = Field(description="the person's invented name")
    status: str
    urgency: str
    reason: str
    danger: list[str]
    needs: list[str]
    tags: list[str]
    place: str
    language: str | None
    team: str | None
    assignee_id: int | None
    deadline: date | None
    waiting_since: datetime | None
    created_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, card: CaseCard) -> "CaseOut":
        own = {"contact": card.name, "language": card.language, "place": card.case.place or card.place}
        return cls(**{name: getattr(card.case, name) for name in cls.model_fields if name not in own} | own)


class CasesOut(BaseModel):
    items: list[CaseOut]
    next: str | None = Field(description="hand back as `before` for the next page")
    counts: dict[str, int]


class MessageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    conversation_id: int
    seq: int
    direction: str
    author: str
    kind: str
    text: str | None
    status: str
    created_at: datetime

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        return cls.model_validate(message)


class MessagesOut(BaseModel):
    items: list[MessageOut] = Field(description="the newest first")
    next: int | None


class ReplyIn(BaseModel):
    conversation_id: int
    text: str = Field(max_length=REPLY_CHARS)
    seen_seq: int = Field(description="`seq` of the newest message that was read; refused (409) if more came since")


class NoteIn(BaseModel):
    text: str = Field(max_length=NOTE_CHARS)


class NoteOut(BaseModel):
    id: int
    user_id: int | None
    text: str
    created_at: datetime

    @classmethod
    def of(cls, event: CaseEvent) -> "NoteOut":
        return cls(id=event.id, user_id=event.user_id, text=event.text or "", created_at=event.created_at)


class NotesOut(BaseModel):
    items: list[NoteOut] = Field(description="the newest first")
    next: int | None


class CloseIn(BaseModel):
    outcome: Literal["solved", "referred", "unreachable", "no_answer_needed", "other"] = "other"
    ask_whether_it_helped: bool = False


class HandOverIn(BaseModel):
    colleague_id: int | None = Field(None, description="one of `assignable`; or a team")
    team_id: int | None = None
    seen_assignee_id: int | None = Field(description="`assignee_id` of the case as you read it")
    note: str = Field("", max_length=NOTE_CHARS, description="only staff read it")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.colleague_id is None) == (self.team_id is None):
            raise ValueError("a colleague or a team")
        return self


class TagIn(BaseModel):
    name: str


class NamedOut(BaseModel):
    id: int
    name: str


class AssignableOut(BaseModel):
    colleagues: list[NamedOut]
    teams: list[NamedOut]


class ContactOut(BaseModel):
    id: int
    name: str = Field(description="invented")
    language: str | None
    place: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, view: ContactView) -> "ContactOut":
        one = view.contact
        return cls(id=one.id, name=one.name, language=view.language, place=view.place, facts=view.facts)


class ContactsOut(BaseModel):
    items: list[ContactOut]
    next: int | None
