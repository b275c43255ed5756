"""Telegram's messages of all kinds -> neutral messages."""

import re
from dataclasses import replace
from typing import Any

from channels.base import AddressChange, ContactCard, Inbound, Kind, Location, MediaRef
from channels.telegram_fields import Fields, Unused, is_group, language, sender

# Where a message keeps its file, in order of precedence: an animation fills `document` too.
_FILES: tuple[tuple[str, Kind, str | None], ...] = (
    ("animation", "animation", "video/mp4"),
    ("document", "document", None),
    ("voice", "voice", "audio/ogg"),
    ("audio", "audio", "audio/mpeg"),
    ("video", "video", "video/mp4"),
    ("video_note", "video", "video/mp4"),
)

# Fields around the content of a message, in today's and older versions of the Bot API.
_AROUND = """
    api_kwargs author_signature business_connection_id caption caption_entities chat date direct_messages_topic
    edit_date effect_id entities external_reply forward_date forward_from forward_from_chat forward_from_message_id
    forward_origin forward_sender_name forward_signature from guest_bot_caller_chat guest_bot_caller_user
    guest_query_id has_media_spoiler has_protected_content is_automatic_forward is_from_offline is_paid_post
    is_topic_message link_preview_options media_group_id message_id message_thread_id paid_star_count quote
    reply_markup reply_to_checklist_task_id reply_to_message reply_to_poll_option_id reply_to_story
    sender_boost_count sender_business_bot sender_chat sender_tag show_caption_above_media suggested_post_info via_bot
"""
_ENVELOPE = frozenset(_AROUND.split())

# What Telegram writes into a chat by itself.
_NOTICES = """
    boost_added channel_chat_created chat_background_set chat_owner_changed chat_owner_left chat_shared
    checklist_tasks_added checklist_tasks_done connected_website delete_chat_photo direct_message_price_changed
    forum_topic_closed forum_topic_created forum_topic_edited forum_topic_reopened general_forum_topic_hidden
    general_forum_topic_unhidden gift gift_upgrade_sent giveaway_completed giveaway_created group_chat_created
    left_chat_member left_chat_participant managed_bot_created message_auto_delete_timer_changed new_chat_member
    new_chat_members new_chat_participant new_chat_photo new_chat_title paid_message_price_changed passport_data
    pinned_message poll_option_added poll_option_deleted proximity_alert_triggered refunded_payment
    successful_payment suggested_post_approval_failed suggested_post_approved suggested_post_declined
    suggested_post_paid suggested_post_refunded supergroup_chat_created unique_gift user_shared users_shared
    video_chat_ended video_chat_participants_invited video_chat_scheduled video_chat_started voice_chat_ended
    voice_chat_participants_invited voice_chat_scheduled voice_chat_started write_access_allowed
"""
_SERVICE = frozenset(_NOTICES.split())

_START = re.compile(r"/start(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})\s*", re.ASCII)


def read_message(message: Fields, own_id: int | None) -> Inbound | AddressChange:
    chat = message.child("chat")
    chat_id, message_id = chat.whole("id"), message.whole("message_id")
    if chat_id is None or message_id is None:
        raise Unused("damaged_message")
    if change := _migration(message, chat_id):
        return change
    group = is_group(chat, chat_id)
    _only_people(message, chat, group, own_id)
    inbound = Inbound(
        external_id=f"{chat_id}:{message_id}",
        address=str(chat_id),
        kind="unknown",
        sender=sender(message) if group else None,
        text=message.text("caption"),
        reply_to=_reply_to(message, chat_id),
        provider_time=message.time("date"),
        language_hint=language(message.child("from")),
        group=group,
        album=message.text("media_group_id"),
        extra=_circumstances(message),
    )
    return _with_content(inbound, message)


def _migration(message: Fields, chat_id: int) -> AddressChange | None:
    """A group became a supergroup; both chats tell."""
    if new := message.whole("migrate_to_chat_id"):
        return AddressChange(str(chat_id), str(new))
    if old := message.whole("migrate_from_chat_id"):
        return AddressChange(str(old), str(chat_id))
    return None


def _only_people(message: Fields, chat: Fields, group: bool, own_id: int | None) -> None:
    author = message.child("from")
    if chat.text("type") == "channel":
        raise Unused("channel_post")
    if own_id is not None and author.whole("id") == own_id:
        raise Unused("own_message")
    if not group and author.raw.get("is_bot") is True:
        raise Unused("from_bot")


def _with_content(inbound: Inbound, message: Fields) -> Inbound:
    if text := message.text("text"):
        return _text(inbound, text)
    if photo := _largest(message.children("photo")):
        return replace(inbound, kind="photo", media=(photo,))
    for name, kind, mime in _FILES:
        if file := _file(message.child(name), mime):
            return replace(inbound, kind=kind, media=(file,))
    if sticker := _sticker(message.child("sticker")):
        return replace(inbound, kind="sticker", media=(sticker,), extra={**inbound.extra, **_emoji(message)})
    if location := _location(message):
        live = {"live": True} if message.child("location").whole("live_period") else {}
        return replace(inbound, kind="location", location=location, extra={**inbound.extra, **live})
    if contact := _contact(message.child("contact")):
        return replace(inbound, kind="contact", contact=contact)
    return _unknown(inbound, message)


def _text(inbound: Inbound, text: str) -> Inbound:
    if start := _START.fullmatch(text):
        return replace(inbound, kind="text", text="/start", start_payload=start[1])
    return replace(inbound, kind="text", text=text)


def _unknown(inbound: Inbound, message: Fields) -> Inbound:
    """What the hub can't show is kept with the names of its parts."""
    names = sorted(name for name in message.raw if name not in _ENVELOPE)
    if _SERVICE.intersection(names):
        raise Unused("service_message")
    extra = {**inbound.extra, "fields": [name[:40] for name in names[:20]]}
    if data := message.child("web_app_data").text("data"):
        extra["data"] = data
    return replace(inbound, extra=extra)


def _largest(sizes: list[Fields]) -> MediaRef | None:
    """Telegram doesn't promise an order of the sizes."""
    sizes = [size for size in sizes if size.text("file_id")]
    if not sizes:
        return None
    best = max(sizes, key=lambda size: (size.size("width") * size.size("height"), size.size("file_size")))
    return _file(best, "image/jpeg")


def _file(file: Fields, usual_mime: str | None) -> MediaRef | None:
    ref = file.text("file_id")
    if ref is None:
        return None
    mime = file.text("mime_type") or usual_mime
    return MediaRef(ref, mime=mime, name=file.text("file_name"), size=file.whole("file_size"))


def _sticker(sticker: Fields) -> MediaRef | None:
    if sticker.raw.get("is_animated") is True:
        return _file(sticker, "application/x-tgsticker")
    return _file(sticker, "video/webm" if sticker.raw.get("is_video") is True else "image/webp")


def _emoji(message: Fields) -> dict[str, str]:
    emoji = message.child("sticker").text("emoji")
    return {"emoji": emoji} if emoji else {}


def _location(message: Fields) -> Location | None:
    venue = message.child("venue")
    place = message.child("location") if "location" in message else venue.child("location")
    latitude, longitude = place.number("latitude"), place.number("longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    label = ", ".join(part for part in (venue.text("title"), venue.text("address")) if part)
    return Location(latitude, longitude, label or None)


def _contact(contact: Fields) -> ContactCard | None:
    name = " ".join(part for part in (contact.text("first_name"), contact.text("last_name")) if part)
    phone = contact.text("phone_number")
    return ContactCard(name, (phone,) if phone else ()) if name or phone else None


def _reply_to(message: Fields, chat_id: int) -> str | None:
    """In a forum topic, a message that answers nobody "replies" to the message that opened the topic."""
    replied = message.child("reply_to_message")
    message_id = replied.whole("message_id")
    in_topic = message.raw.get("is_topic_message") is True
    if "forum_topic_created" in replied or (in_topic and message_id == message.whole("message_thread_id")):
        return None
    return None if message_id is None else f"{chat_id}:{message_id}"


def _circumstances(message: Fields) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if any(name in message for name in ("forward_origin", "forward_date", "forward_from", "forward_sender_name")):
        extra["forwarded"] = True
    if thread := message.whole("message_thread_id"):
        extra["thread"] = thread
    return extra
