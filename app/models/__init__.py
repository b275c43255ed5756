"""Tables and nothing else, a file per area. Every module that needs a table imports it from here."""

from app.models.base import Base
from app.models.cases import Alert, Case, CaseEvent
from app.models.content import ContentVersion
from app.models.gaps import Gap
from app.models.people import Address, AddressAlias, Channel, Contact, Fact
from app.models.staff import LoginTry, StaffSession, User
from app.models.street import StartCode, StartCount
from app.models.system import EarlyStatus, FeedEvent, RateLimit, RefusedRequest, Setting
from app.models.talk import Conversation, Cursor, Media, Message

__all__ = [
    "Address",
    "AddressAlias",
    "Alert",
    "Base",
    "Case",
    "CaseEvent",
    "Channel",
    "Contact",
    "ContentVersion",
    "Conversation",
    "Cursor",
    "EarlyStatus",
    "Fact",
    "FeedEvent",
    "Gap",
    "LoginTry",
    "Media",
    "Message",
    "RateLimit",
    "RefusedRequest",
    "Setting",
    "StaffSession",
    "StartCode",
    "StartCount",
    "User",
]
