"""Tables and nothing else, a file per area. Every module that needs a table imports it from here."""

from app.models.base import Base
from app.models.cases import Alert, Case, CaseEvent
from app.models.consent import Consent
from app.models.content import ContentVersion
from app.models.counts import FlowStep
from app.models.desk import CaseRead, CaseShare, Draft, KeptFile, Presence, SavedView, ScheduledReply, WritingChoice
from app.models.editing import ContentDraft, ContentIncoming, ContentRevision
from app.models.gaps import Gap
from app.models.mediation import Judgement, Mediation, Memory
from app.models.mentions import Mention
from app.models.people import Address, AddressAlias, Channel, Contact, Fact
from app.models.readings import Reading
from app.models.staff import (
    ApiToken,
    AuditEntry,
    Digest,
    Invitation,
    LoginTry,
    Push,
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
from app.models.together import CaseClaim, PendingReply

__all__ = [
    "Address",
    "AddressAlias",
    "Alert",
    "ApiToken",
    "AuditEntry",
    "Base",
    "Case",
    "CaseClaim",
    "CaseEvent",
    "CaseRead",
    "CaseShare",
    "Channel",
    "Consent",
    "Contact",
    "ContentDraft",
    "ContentIncoming",
    "ContentRevision",
    "ContentVersion",
    "Conversation",
    "Cursor",
    "Digest",
    "Draft",
    "EarlyStatus",
    "Fact",
    "FeedEvent",
    "FlowStep",
    "Gap",
    "Invitation",
    "Judgement",
    "KeptFile",
    "LoginTry",
    "Media",
    "Mediation",
    "Memory",
    "Mention",
    "Message",
    "PendingReply",
    "Presence",
    "Push",
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
    "WritingChoice",
]
