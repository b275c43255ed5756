"""Voice messages that staff recorded in the composer: made into the voice notes that messengers show as such."""

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from app.av_files import Unreadable, open_file
from app.errors import BadInput
from app.hub import Hub
from app.models import Conversation
from channels.base import MediaFile

MIME, NAME = "audio/ogg", "voice.ogg"


async def read_voice(part: UploadFile) -> MediaFile:
    """Browsers record what they like: WebM, Ogg or MP4."""
    try:
        found = await open_file(await part.read(), "voice")
    except Unreadable as error:
        if error.problem == "too_long":
            raise BadInput("This recording is too long.") from None
        raise BadInput("This recording can't be read. Please record it again.") from None
    return MediaFile(found.copy, MIME, NAME)


async def check_carries_sound(hub: Hub, session: AsyncSession, conversation_id: int) -> None:
    """Refused also where the page did not do so before the recording began."""
    conversation = await session.get(Conversation, conversation_id)
    channel = hub.registry.by_id(conversation.channel_id) if conversation else None
    if channel is not None and channel.by_sms:
        raise BadInput("By SMS no recording can be sent. Please write, or answer another way.")
