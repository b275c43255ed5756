"""Unsent replies, translations and notes, kept per colleague and case, so that changing to another device loses nothing."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import BadInput
from app.models import Draft, User
from app.written import Written

DRAFT_CHARS = 10_000
KINDS = frozenset({"reply", "note", "translation"})


async def save_draft(
    session: AsyncSession, user: User, case_id: int, kind: str, text: str, made_from: str = ""
) -> None:
    """Keep these words; empty ones are forgotten. `made_from`: a translation's German. The caller has authorised."""
    if kind not in KINDS:
        raise BadInput("There is no such draft.")
    words = text.replace("\x00", "")
    german = made_from.replace("\x00", "") or None
    if len(words) > DRAFT_CHARS or len(made_from) > DRAFT_CHARS:
        raise BadInput("That is too long: at most {limit} characters.", limit=DRAFT_CHARS)
    if not words.strip():
        await drop_draft(session, user.id, case_id, kind)
        return
    values = {"user_id": user.id, "case_id": case_id, "kind": kind, "text": words, "made_from": german}
    await session.execute(
        insert(Draft)
        .values(values)
        .on_conflict_do_update(
            index_elements=["user_id", "case_id", "kind"],
            set_={"text": words, "made_from": german, "updated_at": sa.func.now()},
        )
    )


async def give_back(
    session: AsyncSession,
    user_id: int,
    case_id: int,
    text: str,
    written: Written | None = None,
    quotes: int | None = None,
) -> None:
    """Words that were to be sent are a draft again, above what was written meanwhile.

    Of a translated reply the German, and the translation where somebody had worked on it. One that then stands above
    words of another draft no longer fits the German; its writer is told so. `quotes`: the message it was to stand under.
    """
    if text or quotes:
        await _put_above(session, user_id, case_id, "reply", written.german if written else text)
    if quotes:
        mine = (Draft.user_id == user_id, Draft.case_id == case_id, Draft.kind == "reply")
        await session.execute(sa.update(Draft).where(*mine).values(quotes=quotes))
    if written is not None and written.machine is not None:
        await _put_above(session, user_id, case_id, "translation", text, written.german)


async def _put_above(
    session: AsyncSession, user_id: int, case_id: int, kind: str, text: str, made_from: str | None = None
) -> None:
    values = {"user_id": user_id, "case_id": case_id, "kind": kind, "text": text, "made_from": made_from}
    joined = sa.func.left(sa.func.btrim(text + "\n\n" + Draft.text, "\n"), DRAFT_CHARS)
    await session.execute(
        insert(Draft)
        .values(values)
        .on_conflict_do_update(index_elements=["user_id", "case_id", "kind"], set_={"text": joined, "made_from": None})
    )


async def drop_draft(session: AsyncSession, user_id: int, case_id: int, kind: str) -> None:
    await session.execute(
        sa.delete(Draft).where(Draft.user_id == user_id, Draft.case_id == case_id, Draft.kind == kind)
    )


async def drafts_of(session: AsyncSession, user: User, case_id: int) -> dict[str, str]:
    """Kind -> words."""
    rows = await session.scalars(sa.select(Draft).where(Draft.user_id == user.id, Draft.case_id == case_id))
    return {row.kind: row.text for row in rows}


async def quoted_by_draft(session: AsyncSession, user: User, case_id: int) -> int | None:
    """The message that this colleague's draft answers."""
    query = sa.select(Draft.quotes).where(Draft.user_id == user.id, Draft.case_id == case_id, Draft.kind == "reply")
    quoted: int | None = await session.scalar(query)
    return quoted
