"""Unsent replies and notes, kept per colleague and case, so that changing to another device loses nothing."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import BadInput
from app.models import Draft, User

DRAFT_CHARS = 10_000
KINDS = frozenset({"reply", "note"})


async def save_draft(session: AsyncSession, user: User, case_id: int, kind: str, text: str) -> None:
    """Keep these words; empty ones are forgotten. The caller has authorised."""
    if kind not in KINDS:
        raise BadInput("There is no such draft.")
    words = text.replace("\x00", "")
    if len(words) > DRAFT_CHARS:
        raise BadInput("That is too long: at most {limit} characters.", limit=DRAFT_CHARS)
    if not words.strip():
        await drop_draft(session, user.id, case_id, kind)
        return
    values = {"user_id": user.id, "case_id": case_id, "kind": kind, "text": words}
    await session.execute(
        insert(Draft)
        .values(values)
        .on_conflict_do_update(
            index_elements=["user_id", "case_id", "kind"], set_={"text": words, "updated_at": sa.func.now()}
        )
    )


async def give_back(session: AsyncSession, user_id: int, case_id: int, text: str) -> None:
    """Words that were to be sent are a draft again, above what was written meanwhile."""
    statement = insert(Draft).values(user_id=user_id, case_id=case_id, kind="reply", text=text)
    joined = sa.func.left(text + "\n\n" + Draft.text, DRAFT_CHARS)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "case_id", "kind"], set_={"text": joined})
    )


async def drop_draft(session: AsyncSession, user_id: int, case_id: int, kind: str) -> None:
    await session.execute(
        sa.delete(Draft).where(Draft.user_id == user_id, Draft.case_id == case_id, Draft.kind == kind)
    )


async def drafts_of(session: AsyncSession, user: User, case_id: int) -> dict[str, str]:
    """Kind -> words."""
    rows = await session.scalars(sa.select(Draft).where(Draft.user_id == user.id, Draft.case_id == case_id))
    return {row.kind: row.text for row in rows}
