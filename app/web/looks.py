"""What templates call beside texts: icons, what a browser may show, what a writer has seen."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from lucide.jinja import lucide
from markupsafe import Markup, escape

from app.inbox import ConversationView
from app.models import Media
from app.web.changes import changes as changes
from app.web.filetypes import INLINE, plain_mime

CHANNELS = {"telegram": "send", "sms": "smartphone", "webchat": "globe"}
QUOTING = frozenset({"telegram", "whatsapp-cloud", "webchat"})
"""Kinds of channels that show under which message an answer stands."""
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
    "read_asked": "book-open-check",
    "read_released": "book-open-check",
    "read_changed": "pencil",
    "read_returned": "undo-2",
    "read_withdrawn": "undo-2",
    "words_left": "undo-2",
    "read_skipped": "triangle-alert",
    "read_danger": "siren",
    "check_asked": "languages",
    "check_released": "check",
    "check_changed": "pencil",
    "check_returned": "undo-2",
    "check_came_back": "undo-2",
    "check_withdrawn": "undo-2",
    "team_assigned": "users",
    "message_other_way": "split",
    "shared": "share-2",
    "unshared": "share-2",
    "need_added": "list-plus",
    "need_removed": "list-minus",
    "need_main": "arrow-up",
    "deadline_set": "calendar-clock",
    "deadline_removed": "calendar-x",
    "raised": "siren",
    "lowered": "arrow-down",
    "language_set": "languages",
    "place_set": "map-pin",
    "fact_removed": "trash-2",
    "revealed": "eye",
    "blocked": "ban",
    "unblocked": "lock-open",
    "consented": "handshake",
    "alerted": "siren",
    "returned": "undo-2",
    "flow_started": "waypoints",
    "flow_done": "circle-check",
    "flow_left": "log-out",
    "flow_stopped": "circle-stop",
    "flow_handed": "hand",
    "tagged": "tag",
    "untagged": "tag",
    "undone": "undo-2",
}


@cache
def icon(name: str, size: int = 20) -> Markup:
    """Beside words, never instead of them: hidden from screen readers.

    Kept: a list has more than a hundred, and drawing each anew took a quarter of its time.
    """
    svg = lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": "icon"})
    return Markup(svg)  # noqa: S704 - drawn by the package, not by people


def channel_icon(kind: str) -> str:
    return CHANNELS.get(kind, "message-circle")


def quotes(channel_kind: str) -> bool:
    return channel_kind in QUOTING


def note_words(text: str | None, data: Mapping[str, Any]) -> Markup:
    """A note with the colleagues whom it names made to stand out."""
    names = sorted((str(each["name"]) for each in data.get("mentions", ())), key=len, reverse=True)
    if not text or not names:
        return escape(text or "")
    parts = re.split(rf"(@(?:{'|'.join(re.escape(name) for name in names)}))(?!\w)", text, flags=re.IGNORECASE)
    marked = (
        Markup('<mark class="mention">{}</mark>').format(part) if n % 2 else escape(part)
        for n, part in enumerate(parts)
    )
    return Markup("").join(marked)


def status_icon(status: str) -> str:
    return STATUSES.get(status, "circle-question-mark")


def event_icon(kind: str) -> str:
    return EVENTS.get(kind, "circle-dot")


def moment(iso: str) -> datetime:
    """A time that was kept in an event's data."""
    return datetime.fromisoformat(iso)


def shows_inline(mime: str | None) -> bool:
    return plain_mime(mime) in INLINE


THUMB = (480, 360)  # pixels, at most


def fit(media: Media) -> tuple[int, int] | None:
    """The size in the thread of a picture or video, as it is turned; None where nobody knows its own."""
    if not (media.width and media.height):
        return None
    width, height = (media.height, media.width) if media.turn % 2 else (media.width, media.height)
    scale = min(THUMB[0] / width, THUMB[1] / height, 1.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def turned(media: Media) -> str:
    """The transform that turns a picture within a box that begins at its new corner."""
    width, height = media.width or 0, media.height or 0
    moved = ((0, 0), (height, 0), (width, height), (0, width))[media.turn % 4]
    return f"translate({moved[0]} {moved[1]}) rotate({media.turn % 4 * 90})"


def length(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def is_sound(mime: str | None) -> bool:
    return plain_mime(mime).startswith(("audio/", "application/ogg"))


def sound_type(mime: str | None) -> str:
    """As browsers want to know it before they load: Ogg is what messengers put Opus into."""
    plain = plain_mime(mime)
    return "audio/ogg; codecs=opus" if plain in ("audio/ogg", "application/ogg") else plain


def seen(conversations: Sequence[ConversationView]) -> str:
    """Conversation -> its newest message on this page; the composer's script hands it on when the reader got there."""
    return json.dumps({str(view.id): view.last_seq for view in conversations})
