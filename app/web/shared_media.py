"""Files on their way out: a provider that fetches what we send opens a signed link, which expires."""

from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter
from sqlalchemy.orm import undefer
from starlette.responses import Response

from app.errors import NotFound
from app.links import read_token
from app.models import Media, Message
from app.web.deps import HubDep, Tx

router = APIRouter(include_in_schema=False)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


@router.api_route("/media/{token}", methods=["GET", "HEAD"])
async def shared_media(token: str, hub: HubDep, tx: Tx) -> Response:
    """Only what we send ourselves: a link to a person's file is never made, so none is served."""
    media_id = read_token(hub.vault, token, hub.now())
    media = None
    if media_id is not None:
        media = await tx.scalar(
            sa.select(Media)
            .join(Message, Media.message_id == Message.id)
            .where(Media.id == media_id, Media.status == "stored", Message.direction == "out")
            .options(undefer(Media.content))
        )
    if media is None:
        raise NotFound("There is no such file.")
    name = f"attachment; filename*=UTF-8''{quote(media.name, safe='')}" if media.name else "attachment"
    headers = HEADERS | {"Content-Disposition": name}
    return Response(media.content, media_type=media.mime or "application/octet-stream", headers=headers)
