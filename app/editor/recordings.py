"""An answer read aloud: recorded or uploaded for one language, kept as a file of the content, named by the entry's draft.

The file itself is live at once, and nobody hears it before the entry that names it is approved and published.
"""

from base64 import b64encode
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from app.av_files import Unreadable, open_file
from app.editor.drafts import Piece, open_piece, save
from app.editor.entries import KIND
from app.editor.policy import check_edits
from app.errors import BadInput, NotFound
from app.hub import Hub
from app.models import User
from app.publishing import hold_content, live_version, publish_version
from flows.model import ANSWER_LANGUAGES, FILE_BYTES, ContentFile

MIME = "audio/ogg"  # what messengers show as a voice note


async def as_voice(content: bytes) -> bytes:
    """Whatever a browser recorded or somebody uploads, made into a voice note. Takes seconds: outside of a transaction."""
    try:
        found = await open_file(content, "voice")
    except Unreadable as error:
        if error.problem == "too_long":
            raise BadInput("This recording is too long.") from None
        raise BadInput("This recording can't be read. Please record it again.") from None
    if len(found.copy) > FILE_BYTES:
        raise BadInput("This recording is too long.")
    return found.copy


async def keep(
    hub: Hub, session: AsyncSession, user: User, topic: str, language: str, voice: bytes, *, seen: int
) -> Piece:
    """Into the draft. Raises Stale."""
    check_edits(user)
    if language not in ANSWER_LANGUAGES:
        raise BadInput("Answers exist in {languages} only.", languages=", ".join(ANSWER_LANGUAGES))
    await hold_content(session)
    piece = await open_piece(session, KIND, topic)
    name = f"{topic}.{language}.{sha256(voice).hexdigest()[:12]}.ogg"
    file = ContentFile(name=name, mime=MIME, content=b64encode(voice).decode())
    if await live_version(session, "file", name) is None:
        await publish_version(session, "file", name, file.model_dump(mode="json"), origin="hub", user_id=user.id)
    data = {**piece.data, "audio": {**(piece.data.get("audio") or {}), language: name}}
    return await save(hub, session, user, KIND, topic, data, seen=seen)


async def remove(hub: Hub, session: AsyncSession, user: User, topic: str, language: str, *, seen: int) -> Piece:
    """The file stays: older versions of the entry name it."""
    piece = await open_piece(session, KIND, topic)
    audio = {code: name for code, name in (piece.data.get("audio") or {}).items() if code != language}
    return await save(hub, session, user, KIND, topic, {**piece.data, "audio": audio}, seen=seen)


async def sound(session: AsyncSession, name: str) -> ContentFile:
    """A recording to be listened to, as soon as it is kept."""
    row = await live_version(session, "file", name)
    file = ContentFile.model_validate(row.data) if row else None
    if file is None or not file.mime.startswith("audio/"):
        raise NotFound("There is no such file.")
    return file
