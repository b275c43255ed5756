"""Files that people send: fetched by a job from the provider only, judged by size and kind, kept in the database."""

import logging
from datetime import timedelta
from hashlib import sha256

from app.feed import publish
from app.hub import Hub
from app.models import Media, Message
from app.shaping import wake_shaping
from channels.base import MediaError, MediaFile, MediaRef

log = logging.getLogger(__name__)

MAX_BYTES = 20 * 1024 * 1024  # Telegram's bots can't fetch more; a photographed letter has 1 to 5 MB
MAX_ATTEMPTS = 12  # with doubling pauses: about a day and a half
ALLOWED = ("image/", "audio/", "video/", "text/plain", "text/vcard", "application/pdf", "application/ogg",
           "application/msword", "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.",
           "application/vnd.ms-excel", "application/x-tgsticker")  # fmt: skip
"""What a person may plausibly send to an advice service; programs and archives are refused."""
REFUSED = ("image/svg+xml",)  # may carry scripts


async def fetch(hub: Hub, media_id: int) -> None:
    """One try to fetch a file; what can't be had is marked with its reason, what may work later is tried again."""
    async with hub.db.transaction() as session:
        media = await session.get(Media, media_id)
        if media is None or media.status != "wanted":
            return
        message = await session.get_one(Message, media.message_id)
        channel = hub.registry.by_id(message.channel_id)
        ref = MediaRef(media.ref or "", media.mime, media.name, media.size)
    if channel is None:
        await _refuse(hub, media_id, MediaError("gone"))
        return
    try:
        file = await channel.adapter.fetch(ref, max_bytes=MAX_BYTES)
        if not allowed(file.mime):
            raise MediaError("wrong_type")
    except MediaError as error:
        await _refuse(hub, media_id, error)
    else:
        await _keep(hub, media_id, file)


def allowed(mime: str) -> bool:
    return mime.startswith(ALLOWED) and not mime.startswith(REFUSED)


async def _keep(hub: Hub, media_id: int, file: MediaFile) -> None:
    async with hub.db.transaction() as session:
        media = await session.get(Media, media_id, with_for_update=True)
        if media is None:  # erased meanwhile
            return
        media.status = "stored"
        media.content = file.content
        media.mime = file.mime
        media.name = media.name or file.name
        media.size = len(file.content)
        media.sha256 = sha256(file.content).hexdigest()
        await wake_shaping(hub, session, media)
        message = await session.get_one(Message, media.message_id)
        await publish(session, "conversation", message.conversation_id)


async def _refuse(hub: Hub, media_id: int, error: MediaError) -> None:
    async with hub.db.transaction() as session:
        media = await session.get(Media, media_id, with_for_update=True)
        if media is None:
            return
        media.attempts += 1
        media.reason = error.reason
        if error.retry and media.attempts < MAX_ATTEMPTS:
            media.next_try_at = hub.now() + timedelta(seconds=min(3600 * 6, 5 * 2**media.attempts))
            await hub.waker.fetch_media(session, media_id, at=media.next_try_at)
            return
        media.status = "refused"
        message = await session.get_one(Message, media.message_id)
        await publish(session, "conversation", message.conversation_id)
