"""What templates call beside texts: icons, what a browser may show, what a writer has seen."""

import json
from collections.abc import Sequence
from datetime import datetime

from lucide.jinja import lucide
from markupsafe import Markup

from app.inbox import ConversationView
from app.web.filetypes import INLINE, plain_mime

CHANNELS = {"telegram": "send", "sms": "smartphone", "webchat": "globe"}
STATUSES = {
    "queued": "clock",
    "sending": "loader",
    "sent": "check",
    "delivered": "check-check",
    "read": "eye",
    "failed": "circle-x",
    "uncertain": "circle-question-mark",
    "cancelled": "ban",
    "held": "hourglass",
}
EVENTS = {
    "opened": "folder-open",
    "urgent": "siren",
    "taken": "hand",
    "assigned": "user-round",
    "released": "undo-2",
    "snoozed": "alarm-clock",
    "woken": "alarm-clock",
    "closed": "circle-check",
    "reopened": "rotate-ccw",
    "asked_helped": "message-circle-question-mark",
    "helped": "thumbs-up",
    "not_helped": "thumbs-down",
    "later_cancelled": "ban",
    "later_returned": "undo-2",
    "message_again": "send-horizontal",
    "message_arrived": "check-check",
    "shared": "share-2",
    "unshared": "share-2",
    "tagged": "tag",
    "untagged": "tag",
    "undone": "undo-2",
}


def icon(name: str, size: int = 20) -> Markup:
    """Beside words, never instead of them: hidden from screen readers."""
    svg = lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": "icon"})
    return Markup(svg)  # noqa: S704 - drawn by the package, not by people


def channel_icon(kind: str) -> str:
    return CHANNELS.get(kind, "message-circle")


def status_icon(status: str) -> str:
    return STATUSES.get(status, "circle-question-mark")


def event_icon(kind: str) -> str:
    return EVENTS.get(kind, "circle-dot")


def moment(iso: str) -> datetime:
    """A time that was kept in an event's data."""
    return datetime.fromisoformat(iso)


def shows_inline(mime: str | None) -> bool:
    return plain_mime(mime) in INLINE


def seen(conversations: Sequence[ConversationView]) -> str:
    """Conversation -> its newest message on this page; the composer's script hands it on when the reader got there."""
    return json.dumps({str(view.id): view.last_seq for view in conversations})
