"""Files of replies that wait for their time or a second reader: sent with the words, or given back for the next reply."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, undefer

from app.errors import BadInput, NotFound
from app.models import KeptFile, PendingReply, ScheduledReply, User
from channels.base import MediaFile

Waits = ScheduledReply | PendingReply
GIVEN_BACK = ("returned", "cancelled", "withdrawn")


async def keep(session: AsyncSession, reply: Waits, files: Sequence[MediaFile]) -> None:
    owner = _column(type(reply)).key
    for file in files:
        row = KeptFile(mime=file.mime, name=file.name, size=len(file.content), content=file.content)
        setattr(row, owner, reply.id)
        session.add(row)
    await session.flush()


async def take_out(session: AsyncSession, reply: Waits) -> list[MediaFile]:
    """For sending; they are the message's from now on."""
    query = sa.select(KeptFile).where(_column(type(reply)) == reply.id).order_by(KeptFile.id)
    files = [_file(row) for row in await session.scalars(query.options(undefer(KeptFile.content)))]
    await session.execute(sa.delete(KeptFile).where(_column(type(reply)) == reply.id))
    return files


async def of_replies(session: AsyncSession, kind: type[Waits], ids: Collection[int]) -> dict[int, list[KeptFile]]:
    """Of replies of one kind, without their contents."""
    found: dict[int, list[KeptFile]] = {reply_id: [] for reply_id in ids}
    rows = await session.execute(sa.select(_column(kind), KeptFile).where(_column(kind).in_(ids)).order_by(KeptFile.id))
    for reply_id, row in rows:
        found[reply_id or 0].append(row)
    return found


async def file_of(session: AsyncSession, case_id: int, file_id: int) -> KeptFile:
    """With its content. The caller has authorised for the case."""
    owners = [sa.select(kind.id).where(kind.case_id == case_id) for kind in (ScheduledReply, PendingReply)]
    here = sa.or_(KeptFile.reply_id.in_(owners[0]), KeptFile.pending_id.in_(owners[1]))
    row = await session.scalar(
        sa.select(KeptFile).where(KeptFile.id == file_id, here).options(undefer(KeptFile.content))
    )
    if row is None:
        raise NotFound("There is no such file.")
    return row


async def given_back(session: AsyncSession, user: User, case_id: int) -> Sequence[KeptFile]:
    """The files of replies that were not sent: this colleague's, and of those who have left. The caller has authorised."""
    return (await session.scalars(sa.select(KeptFile).where(_unsent(user, case_id)).order_by(KeptFile.id))).all()


async def take_back(session: AsyncSession, user: User, case_id: int, chosen: Collection[int]) -> list[MediaFile]:
    """For the next reply. Raises BadInput where one is gone: nobody writes of a form that then is not there."""
    query = sa.select(KeptFile).where(_unsent(user, case_id), KeptFile.id.in_(chosen))
    rows = (await session.scalars(query.order_by(KeptFile.id).options(undefer(KeptFile.content)))).all()
    if len(rows) < len(set(chosen)):
        raise BadInput("A file of an earlier reply was sent or taken away meanwhile. Please look, then send again.")
    return [_file(row) for row in rows]


async def drop_given_back(session: AsyncSession, user: User, case_id: int, shown: Collection[int]) -> None:
    """They went with the next reply, or its writer decided against them. What came back meanwhile stays."""
    await session.execute(sa.delete(KeptFile).where(_unsent(user, case_id), KeptFile.id.in_(shown)))


def _unsent(user: User, case_id: int) -> sa.ColumnElement[bool]:
    left = sa.select(User.id).where(User.disabled_at.is_not(None))
    mine = [
        sa.select(kind.id).where(
            sa.or_(kind.user_id == user.id, kind.user_id.in_(left)),
            kind.case_id == case_id,
            kind.status.in_(GIVEN_BACK),
        )
        for kind in (ScheduledReply, PendingReply)
    ]
    return sa.or_(KeptFile.reply_id.in_(mine[0]), KeptFile.pending_id.in_(mine[1]))


def _column(kind: type[Waits]) -> InstrumentedAttribute[int | None]:
    return KeptFile.pending_id if issubclass(kind, PendingReply) else KeptFile.reply_id


def _file(row: KeptFile) -> MediaFile:
    return MediaFile(row.content, row.mime, row.name)
