"""A look into each stored picture, video and recording, after it was received: its size, its length, a copy to play."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app import av_files
from app.feed import publish
from app.hub import Hub
from app.models import Media, Message

AT_ONCE = 50


async def wake_shaping(hub: Hub, session: AsyncSession, media: Media) -> None:
    """For a file that was just stored."""
    if av_files.task_of(media.mime):
        await hub.waker.shape_media(session, media.id)


async def shape(hub: Hub, media_id: int) -> None:
    """What can't be opened stays as it is, and says so."""
    async with hub.db.transaction() as session:
        media = await session.get(Media, media_id, options=[undefer(Media.content)])
        if media is None or media.status != "stored" or media.looked_at is not None:
            return
        task, content = av_files.task_of(media.mime), media.content or b""
    found, problem = av_files.Found(), None
    if task is not None:
        try:
            found = await av_files.open_file(content, task)
        except av_files.Unreadable as error:
            problem = error.problem
    async with hub.db.transaction() as session:
        media = await session.get(Media, media_id, with_for_update=True)
        if media is None:  # erased meanwhile
            return
        media.looked_at = hub.now()
        media.width, media.height, media.seconds, media.problem = found.width, found.height, found.seconds, problem
        if found.copy:
            media.playable, media.playable_size = found.copy, len(found.copy)
        message = await session.get_one(Message, media.message_id)
        await publish(session, "conversation", message.conversation_id)


async def wake_unshaped(hub: Hub, session: AsyncSession, has_job: sa.ColumnElement[bool]) -> None:
    """What a crash left behind, and files of the time before."""
    query = sa.select(Media.id).where(Media.status == "stored", Media.looked_at.is_(None), ~has_job)
    for media_id in await session.scalars(query.order_by(Media.id).limit(AT_ONCE)):
        await hub.waker.shape_media(session, media_id)
