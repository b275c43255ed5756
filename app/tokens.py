"""Tokens of `/api/v1`: let a program act for a colleague, within scopes and until a date. Shown once, kept as a hash."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.auth import token_hash
from app.errors import BadInput, NotFound, NotSignedIn, TooManyTries
from app.models import ApiToken, User
from app.pace import take_turn

SCOPES = ("cases:read", "cases:write", "messages:send", "contacts:read")
LIVES = (30, 90, 365)  # days
PREFIX = "swh_"  # so that scanners of leaked secrets can tell what they found
NAME_CHARS = 80
TOKENS_PER_USER = 20
SECONDS_PER_REQUEST = 0.5
BURST = 60  # requests at once; then two a second
USED_AGAIN = timedelta(minutes=1)  # `last_used_at` is no finer than this: not a write per request


async def make_token(
    session: AsyncSession, user: User, name: str, scopes: Collection[str], days: int, now: datetime, *, by: User
) -> str:
    """For `user`, made by themselves or an admin. The answer is the only time that the token is seen."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_CHARS:
        raise BadInput("Please give a name of at most 80 characters.")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise BadInput("Choose what the token may do.")
    if days not in LIVES:
        raise BadInput("Choose how long the token holds.")
    if len([token for token in await tokens_of(session, user.id) if token.expires_at > now]) >= TOKENS_PER_USER:
        raise BadInput("There are too many tokens. Revoke one first.")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user_id=user.id,
        name=name,
        token_hash=token_hash(token),
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    await session.flush()
    await audit.note(session, by, "token_made", token=row.id, scopes=row.scopes, owner=user.id)
    return token


async def tokens_of(session: AsyncSession, user_id: int | None = None) -> Sequence[ApiToken]:
    """The unrevoked ones of one colleague, or of all."""
    query = sa.select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc())
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    return (await session.scalars(query)).all()


async def revoke(session: AsyncSession, token_id: int, now: datetime, *, by: User) -> None:
    """One's own; an admin revokes anybody's."""
    token = await session.get(ApiToken, token_id, with_for_update=True)
    if token is None or (token.user_id != by.id and by.role != "admin"):
        raise NotFound("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = now
        await audit.note(session, by, "token_revoked", token=token.id)


async def bearer(session: AsyncSession, given: str, now: datetime) -> tuple[ApiToken, User]:
    """Whose token this is, counted against its rate. In a transaction of its own: the rate's row must not stay locked."""
    token = await session.scalar(
        sa.select(ApiToken).where(
            ApiToken.token_hash == token_hash(given), ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
        )
    )
    user = await session.get(User, token.user_id) if token else None
    if token is None or user is None or user.disabled_at is not None:
        raise NotSignedIn("This token is not valid, or no longer.")
    pause = await take_turn(session, f"token:{token.id}", SECONDS_PER_REQUEST, BURST)
    if pause > 0:
        raise TooManyTries("Too many requests. Please wait a moment.")
    if token.last_used_at is None or now - token.last_used_at > USED_AGAIN:
        token.last_used_at = now
    return token, user
