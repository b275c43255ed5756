"""Names of who wrote and published."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ContentDraft, User


async def names(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    if not user_ids:
        return {}
    users = await session.execute(sa.select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in users}


async def writers(session: AsyncSession, draft: ContentDraft | None) -> dict[str, list[str]]:
    """Aspect -> who changed it since the draft was begun."""
    authors = draft.authors if draft else {}
    found = await names(session, {user_id for ids in authors.values() for user_id in ids})
    return {aspect: sorted(found[user_id] for user_id in ids if user_id in found) for aspect, ids in authors.items()}
