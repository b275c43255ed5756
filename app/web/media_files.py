"""Files of conversations for staff: the right type from a short list, in parts where a player asks for parts."""

import re
from typing import Annotated
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, undefer
from starlette.responses import Response

from app import keeping
from app.cases import access_case
from app.errors import NotFound
from app.feed import publish
from app.models import Case, Conversation, Media, Message, User
from app.rights import visible_cases
from app.web.deps import StaffDep, Tx
from app.web.filetypes import DOWNLOAD, INLINE, PDF, plain_mime

router = APIRouter(include_in_schema=False)

SANDBOX = "default-src 'none'; sandbox"
RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


@router.get("/media-file/{media_id}")
async def media_file(request: Request, media_id: int, tx: Tx, user: StaffDep, view: bool = False) -> Response:
    """`view`: a PDF is shown, in a tab of its own."""
    media = await access_media(tx, user, media_id, Media.content)
    return handed_out(request, media.content or b"", media.mime, media.name or f"file-{media.id}", view=view)


@router.get("/media-file/{media_id}/copy")
async def playable_copy(request: Request, media_id: int, tx: Tx, user: StaffDep) -> Response:
    """A recording as every browser plays it."""
    media = await access_media(tx, user, media_id, Media.playable)
    if media.playable is None:
        raise NotFound("There is no such file.")
    return handed_out(request, media.playable, "audio/mp4", f"voice-{media.id}.m4a")


@router.get("/inbox/{case_id}/kept/{file_id}")
async def kept_file(request: Request, tx: Tx, user: StaffDep, case_id: int, file_id: int) -> Response:
    """Of a reply that waits, or came back."""
    await access_case(tx, user, case_id)
    file = await keeping.file_of(tx, case_id, file_id)
    return handed_out(request, file.content, file.mime, file.name or f"file-{file.id}", view=True)


@router.post("/media-file/{media_id}/turn")
async def turn_picture(media_id: int, tx: Tx, user: StaffDep, turn: Annotated[int, Form(ge=0, le=3)] = 0) -> Response:
    """In quarters to the right, as all colleagues see it from now on."""
    media = await access_media(tx, user, media_id)
    media.turn = turn
    message = await tx.get_one(Message, media.message_id)
    await publish(tx, "conversation", message.conversation_id)
    return Response(status_code=204)


def handed_out(request: Request, content: bytes, mime: str | None, name: str, *, view: bool = False) -> Response:
    """Shown where that is safe; `view`: a PDF too, in a tab of its own. The caller has authorised."""
    mime = plain_mime(mime)
    shown = mime in INLINE or (view and mime == PDF)
    media_type = mime if mime in INLINE | DOWNLOAD else "application/octet-stream"
    headers = {
        "Content-Disposition": disposition(name, inline=shown),
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }
    part = byte_range(request.headers.get("range", ""), len(content))
    if part is None:
        return Response(content, media_type=media_type, headers=headers)
    start, end = part
    if start >= end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    return Response(content[start:end], status_code=206, media_type=media_type, headers=headers)


async def access_media(
    session: AsyncSession, user: User, media_id: int, content: InstrumentedAttribute[bytes | None] | None = None
) -> Media:
    """A stored file with that content, for whoever may see a case of the person who is part of that conversation."""
    row = (
        await session.execute(
            sa.select(Media, sa.func.max(Case.id))
            .join(Message, Media.message_id == Message.id)
            .join(Conversation, Message.conversation_id == Conversation.id)
            .join(Case, Case.contact_id == Conversation.contact_id)
            .where(Media.id == media_id, Media.status == "stored", visible_cases(user))
            .group_by(Media.id)
            .options(*([undefer(content)] if content is not None else []))
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    media, case_id = row
    await access_case(session, user, case_id)
    return media


def disposition(name: str, *, inline: bool) -> str:
    how = "inline" if inline else "attachment"
    return f"{how}; filename*=UTF-8''{quote(name, safe='')}"


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Start and end of the one part asked for; None for the whole. Several parts at once are answered as the whole."""
    match = RANGE.match(header)
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
