"""Who read, changed, revealed or exported what: ids and slugs, never words of a person. Admins read it.

Called where it matters; an entry is part of the transaction of what it tells about.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ApiToken, AuditEntry, Case, User

PAGE = 100
READ_AGAIN = timedelta(minutes=30)  # an open page fetches its thread again and again: that is one reading
WORDS = "words"  # key of an entry's data: what a colleague wrote by hand
ACTING = "acts_through"  # key of a session's `info`: the token that acts for the user in this transaction
KINDS = (
    "read",
    "searched",
    "changed",
    "replied",
    "revealed",
    "exported",
    "signed_in",
    "password_changed",
    "two_factor_on",
    "two_factor_off",
    "token_made",
    "token_revoked",
    "team_changed",
    "roster_changed",
    "place_changed",
    "staff_changed",
    "setting_changed",
    "canned_changed",
    "file_deleted",
    "term_changed",
    "draft_approved",
    "draft_discarded",
    "draft_restored",
    "draft_merged",
    "content_approved",
    "approval_withdrawn",
    "content_scheduled",
    "content_unscheduled",
    "content_published",
    "content_taken",
    "content_kept",
)


@dataclass(frozen=True, slots=True)
class AuditLine:
    entry: AuditEntry
    user_name: str | None
    token_name: str | None


async def note(
    session: AsyncSession,
    user: User,
    kind: str,
    case: Case | None = None,
    *,
    contact_id: int | None = None,
    **data: object,
) -> AuditEntry:
    entry = AuditEntry(
        user_id=user.id,
        token_id=session.info.get(ACTING),
        kind=kind,
        case_id=case.id if case else None,
        contact_id=case.contact_id if case else contact_id,
        data=data,
    )
    session.add(entry)
    await session.flush()
    return entry


async def forget_words(session: AsyncSession, contact_ids: Collection[int]) -> None:
    """Why a colleague wanted an address, in their own words, may name the person: it goes with them. The rest stays."""
    entries = sa.update(AuditEntry).where(AuditEntry.contact_id.in_(contact_ids), AuditEntry.data.has_key(WORDS))
    await session.execute(
        entries.values(data=AuditEntry.data.op("-")(WORDS)).execution_options(synchronize_session=False)
    )


async def note_reading(session: AsyncSession, user: User, case: Case) -> None:
    """Once per half hour, colleague and case."""
    lately = sa.select(AuditEntry.id).where(
        AuditEntry.case_id == case.id,
        AuditEntry.user_id == user.id,
        AuditEntry.token_id.is_not_distinct_from(session.info.get(ACTING)),
        AuditEntry.kind == "read",
        AuditEntry.created_at > sa.func.now() - READ_AGAIN,
    )
    if not await session.scalar(sa.select(lately.exists())):
        await note(session, user, "read", case)


async def entries(
    session: AsyncSession,
    *,
    user_id: int | None = None,
    kind: str = "",
    case_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[Sequence[AuditLine], int | None]:
    """The newest first, and what to hand back as `before` for the next page."""
    query = (
        sa.select(AuditEntry, User.name, ApiToken.name)
        .outerjoin(User, AuditEntry.user_id == User.id)
        .outerjoin(ApiToken, AuditEntry.token_id == ApiToken.id)
        .order_by(AuditEntry.id.desc())
        .limit(limit + 1)
    )
    if user_id is not None:
        query = query.where(AuditEntry.user_id == user_id)
    if kind:
        query = query.where(AuditEntry.kind == kind)
    if case_id is not None:
        query = query.where(AuditEntry.case_id == case_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    lines = [AuditLine(*row) for row in (await session.execute(query)).all()]
    return lines[:limit], lines[limit - 1].entry.id if len(lines) > limit else None
