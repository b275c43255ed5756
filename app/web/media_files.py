"""Files of conversations for staff: the right type from a short list, in parts where a player asks for parts."""

import re
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer
from starlette.responses import Response

from app.cases import access_case
from app.errors import NotFound
from app.models import Case, Conversation, Media, Message, User
from app.rights import visible_cases
from app.web.deps import StaffDep, Tx
from app.web.filetypes import DOWNLOAD, INLINE, plain_mime

router = APIRouter(include_in_schema=False)

SANDBOX = "default-src 'none'; sandbox"
RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


@router.get("/media-file/{media_id}")
async def media_file(request: Request, media_id: int, tx: Tx, user: StaffDep) -> Response:
    media = await access_media(tx, user, media_id)
    content = media.content or b""
    mime = plain_mime(media.mime)
    headers = {
        "Content-Disposition": disposition(mime, media.name, media.id),
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }
    media_type = mime if mime in INLINE | DOWNLOAD else "application/octet-stream"
    part = byte_range(request.headers.get("range", ""), len(content))
    if part is None:
        return Response(content, media_type=media_type, headers=headers)
    start, end = part
    if start >= end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    return Response(content[start:end], status_code=206, media_type=media_type, headers=headers)


async def access_media(session: AsyncSession, user: User, media_id: int) -> Media:
    """A stored file with its content, for whoever may see a case of the person who is part of that conversation."""
    row = (
        await session.execute(
            sa.select(Media, sa.func.max(Case.id))
            .join(Message, Media.message_id == Message.id)
            .join(Conversation, Message.conversation_id == Conversation.id)
            .join(Case, Case.contact_id == Conversation.contact_id)
            .where(Media.id == media_id, Media.status == "stored", visible_cases(user))
            .group_by(Media.id)
            .options(undefer(Media.content))
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    media, case_id = row
    await access_case(session, user, case_id)
    return media


def disposition(mime: str, name: str | None, media_id: int) -> str:
    how = "inline" if mime in INLINE else "attachment"
    return f"{how}; filename*=UTF-8''{quote(name or f'file-{media_id}', safe='')}"


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Start and end of the one part asked for; None for the whole. Several parts at once are answered as the whole."""
    match = RANGE.match(header)
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
