"""Files of replies for later: kept with the reply, sent with it, or given back with its words for the next one."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.models import KeptFile, ScheduledReply, User
from channels.base import MediaFile

GIVEN_BACK = ("returned", "cancelled")


async def keep(session: AsyncSession, reply_id: int, files: Sequence[MediaFile]) -> None:
    for file in files:
        row = KeptFile(reply_id=reply_id, mime=file.mime, name=file.name, size=len(file.content), content=file.content)
        session.add(row)
    await session.flush()


async def take_out(session: AsyncSession, reply_id: int) -> list[MediaFile]:
    """For sending."""
    query = sa.select(KeptFile).where(KeptFile.reply_id == reply_id).order_by(KeptFile.id)
    return [_file(row) for row in await session.scalars(query.options(undefer(KeptFile.content)))]


async def forget(session: AsyncSession, reply_id: int) -> None:
    await session.execute(sa.delete(KeptFile).where(KeptFile.reply_id == reply_id))


async def of_replies(session: AsyncSession, reply_ids: Collection[int]) -> dict[int, list[KeptFile]]:
    """Without their contents."""
    found: dict[int, list[KeptFile]] = {reply_id: [] for reply_id in reply_ids}
    query = sa.select(KeptFile).where(KeptFile.reply_id.in_(reply_ids)).order_by(KeptFile.id)
    for row in await session.scalars(query):
        found[row.reply_id].append(row)
    return found


async def given_back(session: AsyncSession, user: User, case_id: int) -> Sequence[KeptFile]:
    """The files of this colleague's replies that were not sent. The caller has authorised."""
    query = sa.select(KeptFile).where(KeptFile.reply_id.in_(_unsent(user, case_id))).order_by(KeptFile.id)
    return (await session.scalars(query)).all()


async def take_back(session: AsyncSession, user: User, case_id: int, chosen: Collection[int]) -> list[MediaFile]:
    query = sa.select(KeptFile).where(KeptFile.reply_id.in_(_unsent(user, case_id)), KeptFile.id.in_(chosen))
    rows = await session.scalars(query.order_by(KeptFile.id).options(undefer(KeptFile.content)))
    return [_file(row) for row in rows]


async def drop_given_back(session: AsyncSession, user: User, case_id: int) -> None:
    """They went with the next reply, or its writer decided against them."""
    await session.execute(sa.delete(KeptFile).where(KeptFile.reply_id.in_(_unsent(user, case_id))))


def _unsent(user: User, case_id: int) -> sa.Select[int]:
    return sa.select(ScheduledReply.id).where(
        ScheduledReply.user_id == user.id,
        ScheduledReply.case_id == case_id,
        ScheduledReply.status.in_(GIVEN_BACK),
    )


def _file(row: KeptFile) -> MediaFile:
    return MediaFile(row.content, row.mime, row.name)
