"""Tables and nothing else, a file per area. Every module that needs a table imports it from here."""

from app.models.base import Base
from app.models.cases import Alert, Case, CaseEvent
from app.models.content import ContentVersion
from app.models.desk import CaseRead, CaseShare, Draft, Presence, SavedView, ScheduledReply
from app.models.gaps import Gap
from app.models.people import Address, AddressAlias, Channel, Contact, Fact
from app.models.readings import Reading
from app.models.staff import (
    ApiToken,
    AuditEntry,
    LoginTry,
    PushSubscription,
    Shift,
    StaffSession,
    Team,
    TeamMember,
    User,
)
from app.models.street import StartCode, StartCount
from app.models.system import EarlyStatus, FeedEvent, RateLimit, RefusedRequest, Setting
from app.models.talk import Conversation, Cursor, Media, Message

__all__ = [
    "Address",
    "AddressAlias",
    "Alert",
    "ApiToken",
    "AuditEntry",
    "Base",
    "Case",
    "CaseEvent",
    "CaseRead",
    "CaseShare",
    "Channel",
    "Contact",
    "ContentVersion",
    "Conversation",
    "Cursor",
    "Draft",
    "EarlyStatus",
    "Fact",
    "FeedEvent",
    "Gap",
    "LoginTry",
    "Media",
    "Message",
    "Presence",
    "PushSubscription",
    "RateLimit",
    "Reading",
    "RefusedRequest",
    "SavedView",
    "ScheduledReply",
    "Setting",
    "Shift",
    "StaffSession",
    "StartCode",
    "StartCount",
    "Team",
    "TeamMember",
    "User",
]
