"""Which cases a list shows and in which order: the tabs, the filters, the sorts, and marks for the next page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from app.errors import BadInput, NotAllowed
from app.hub import Hub
from app.models import Case, Channel, Conversation, Media, Mention, Message, User
from app.models.cases import SINCE
from app.rights import ANSWERING_ROLES, visible_cases

View = Literal["mine", "unassigned", "all", "snoozed", "closed", "mentioned"]
Sort = Literal["urgency", "waiting", "activity", "window"]
Condition = sa.ColumnElement[bool]
NEVER = "infinity"
LARGEST = 2**63
FOREVER = sa.literal_column("'infinity'::timestamptz", sa.DateTime(timezone=True))
BAD_MARK = "This page mark is not valid."


@dataclass(frozen=True, slots=True)
class Filters:
    """All as they stand in an address; empty means any."""

    channel: str = ""  # a kind
    language: str = ""
    place: str = ""  # and what lies in it
    need: str = ""
    urgency: str = ""
    waits: str = ""  # longer than so many hours
    assignee: str = ""  # a user's id, or 'nobody'
    team: str = ""
    tag: str = ""
    files: str = ""  # '1': with attachments

    @property
    def on(self) -> dict[str, str]:
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value}


def visible(user: User) -> Condition:
    """The cases that this user may see at all. Raises NotAllowed for roles that read none."""
    if user.role not in ANSWERING_ROLES:
        raise NotAllowed("Your role does not read cases.")
    return visible_cases(user)


def in_view(view: View, user: User) -> Condition:
    match view:
        case "mine":
            return sa.and_(_OPEN, Case.assignee_id == user.id)
        case "unassigned":
            return sa.and_(_OPEN, Case.assignee_id.is_(None))
        case "snoozed":
            return _status("snoozed")
        case "closed":
            return _status("closed")
        case "all":
            return _OPEN
        case "mentioned":
            unread = sa.select(Mention.case_id).where(Mention.user_id == user.id, Mention.seen_at.is_(None))
            return Case.id.in_(unread)


def _status(status: str) -> Condition:
    """Said in full, so that the partial indexes fit."""
    return sa.literal_column(f"cases.status = '{status}'", sa.Boolean)


_OPEN = _status("open")


def matches(hub: Hub, filters: Filters) -> list[Condition]:
    """For a query that joins the case's conversation and its channel."""
    made: list[Condition] = []
    if filters.channel:
        made.append(Channel.kind == filters.channel)
    if filters.language:
        made.append(Conversation.language == filters.language)
    if filters.place:
        own = sa.func.coalesce(sa.func.nullif(Case.place, ""), Conversation.place)
        made.append(own.in_(_inside(hub, filters.place)))
    if filters.need:
        made.append(Case.needs.contains([filters.need]))
    if filters.urgency:
        made.append(Case.urgency == filters.urgency)
    if filters.waits:
        made.append(Case.waiting_since < hub.now() - timedelta(hours=_number(filters.waits, 10_000)))
    if filters.assignee == "nobody":
        made.append(Case.assignee_id.is_(None))
    elif filters.assignee:
        made.append(Case.assignee_id == _number(filters.assignee, 10**15))
    if filters.team:
        made.append(Case.team == filters.team)
    if filters.tag:
        made.append(Case.tags.contains([filters.tag]))
    if filters.files:
        made.append(_has_files())
    return made


def _has_files() -> Condition:
    files = sa.select(Media.id).join(Message, Media.message_id == Message.id)
    return files.where(Message.conversation_id == Case.conversation_id).exists()


def _inside(hub: Hub, place: str) -> list[str]:
    library = hub.shelf.library
    return [slug for slug in library.places if place in library.chain(slug)] or [place]


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)) or int(text) > most:
        raise BadInput("This filter is not valid.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Order:
    """Sort keys that end with the case's id, all in one direction, so that one comparison finds the next page."""

    keys: tuple[sa.ColumnElement[Any], ...]
    descending: bool = False

    @property
    def by(self) -> list[sa.ColumnElement[Any]]:
        return [key.desc() for key in self.keys] if self.descending else list(self.keys)

    @property
    def said(self) -> list[sa.ColumnElement[str]]:
        """As text, because Python has no time for 'never'."""
        return [sa.cast(key, sa.Text).label(f"key_{number}") for number, key in enumerate(self.keys)]

    def after(self, mark: str) -> Condition:
        values = [
            sa.cast(sa.literal(value, sa.Text), key.type)
            for key, value in zip(self.keys, self._read(mark), strict=True)
        ]
        here, there = sa.tuple_(*self.keys), sa.tuple_(*values)
        if self.descending:  # the first key alone lets its index jump, also where the keys are of two tables
            return sa.and_(self.keys[0] <= values[0], here < there)
        return sa.and_(self.keys[0] >= values[0], here > there)

    def _read(self, mark: str) -> list[str]:
        try:
            values = json.loads(urlsafe_b64decode(mark.encode()))
            for key, value in zip(self.keys, values, strict=True):
                _check(key, value)
        except (ValueError, TypeError, AttributeError) as error:
            raise BadInput(BAD_MARK) from error
        return [str(value) for value in values]


def _check(key: sa.ColumnElement[Any], value: str) -> None:
    """Raises ValueError for what the database could not read as this key."""
    if isinstance(key.type, sa.DateTime) and value != NEVER:
        datetime.fromisoformat(value)
    if isinstance(key.type, sa.Boolean) and value not in ("true", "false"):
        raise ValueError
    if isinstance(key.type, sa.Integer) and abs(int(value)) >= LARGEST:
        raise ValueError


def write_mark(values: Sequence[str]) -> str:
    return urlsafe_b64encode(json.dumps(list(values)).encode()).decode()


def order_of(hub: Hub, view: View, sort: Sort) -> Order:
    """Closed cases by when they were closed. Among equals the newest case is first."""
    newest_first = sa.literal_column("(- cases.id)", sa.BigInteger)
    since = sa.literal_column(SINCE, sa.DateTime(timezone=True))
    if view == "closed":
        return Order((Case.closed_at.expression, Case.id.expression), descending=True)
    match sort:
        case "urgency":
            return Order((sa.literal_column("(cases.urgency <> 'urgent')", sa.Boolean), since, newest_first))
        case "waiting":
            return Order((since, newest_first))
        case "activity":
            return Order((Conversation.active_at.expression, Case.id.expression), descending=True)
        case "window":
            return Order((_window_end(hub), since, newest_first))


def _window_end(hub: Hub) -> sa.ColumnElement[datetime]:
    """When an open window closes; last where none is open."""
    now = hub.now()
    limits = [(channel.id, channel.adapter.limits.window_hours) for channel in hub.registry.all()]
    ends = [
        (sa.and_(Conversation.channel_id == id_, Conversation.heard_at > now - timedelta(hours=hours)),
         Conversation.heard_at + timedelta(hours=hours))
        for id_, hours in limits if hours is not None
    ]  # fmt: skip
    return sa.case(*ends, else_=FOREVER) if ends else FOREVER
