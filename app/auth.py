"""Staff accounts: passwords, sign-in with throttling, server-side sessions. Callers: `app.web` and the command line."""

import asyncio
import functools
import hashlib
import ipaddress
import logging
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from pwdlib import PasswordHash
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app import audit
from app.crypto import Vault
from app.db import Database
from app.errors import BadInput, Conflict, NotFound, NotSignedIn, TooManyTries
from app.models import LoginTry, StaffSession, User

log = logging.getLogger(__name__)

ROLES = ("streetworker", "mediator", "coordinator", "admin")
STAFF_LANGUAGES = ("de", "en")

MIN_PASSWORD_CHARS = 12  # length beats rules about digits and signs (NIST SP 800-63B)
MAX_PASSWORD_CHARS = 1000  # hashing a megabyte would be a way to keep the server busy
SESSION_IDLE = timedelta(hours=12)  # a working day without a second sign-in
SESSION_MAX = timedelta(days=7)  # however busy the browser is
SESSION_REFRESH = timedelta(minutes=10)  # at most one write per session in this time
TRIES_WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 20  # an office shares one address

_HASHER = PasswordHash.recommended()
_HASHING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")  # bounds what guessing can cost us

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed, and from where."""

    email: str
    password: str
    client_address: str
    device: str = ""


class CodeNeeded(Exception):
    """The password was right; the second step is still to be done (`app.two_factor`)."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


async def create_user(
    session: AsyncSession, email: str, role: str, password: str, *, name: str = "", language: str = "de"
) -> User:
    email = _normal(email)
    if "@" not in email:
        raise BadInput("This is not an e-mail address.")
    if role not in ROLES:
        raise BadInput("This role does not exist.")
    if await _find(session, email) is not None:
        raise Conflict("There is already an account with this e-mail address.")
    user = User(
        email=email,
        name=name or email.split("@")[0],
        role=role,
        language=language,
        password_hash=await hash_password(password),
    )
    session.add(user)
    await session.flush()
    return user


async def list_users(session: AsyncSession) -> Sequence[User]:
    return (await session.scalars(sa.select(User).order_by(User.email))).all()


async def reset_password(session: AsyncSession, email: str, password: str) -> User:
    """A new password; whoever was signed in with the old one no longer is."""
    user = await _get(session, email)
    user.password_hash = await hash_password(password)
    user.disabled_at = None
    await end_sessions(session, user.id)
    return user


async def disable_user(session: AsyncSession, email: str, now: datetime) -> User:
    user = await _get(session, email)
    user.disabled_at = now
    await end_sessions(session, user.id)
    return user


async def change_password(session: AsyncSession, current: StaffSession, old: str, new: str) -> None:
    """By its owner, who stays signed in here and nowhere else."""
    user = await session.get_one(User, current.user_id)
    await check_password(user, old)
    user.password_hash = await hash_password(new)
    await end_sessions(session, user.id, keep=current.id)
    await audit.note(session, user, "password_changed")


async def check_password(user: User, password: str) -> None:
    """Asked again before something that a stolen session must not do."""
    if not await _in_thread(lambda: _verify(password, user.password_hash)):
        raise BadInput("The present password is wrong.")


async def hash_password(password: str) -> str:
    if len(password) < MIN_PASSWORD_CHARS:
        raise BadInput("A password needs at least 12 characters.")
    if len(password) > MAX_PASSWORD_CHARS:
        raise BadInput("This password is too long.")
    return await _in_thread(lambda: _HASHER.hash(password))


async def sign_in(db: Database, vault: Vault, given: Credentials, now: datetime) -> tuple[str, StaffSession]:
    """A new session and its token, which exists nowhere else. Raises NotSignedIn, CodeNeeded or TooManyTries.

    Takes the database, not a transaction: a failed try must stay counted, and no connection may wait for the hashing.
    """
    account, address = throttle_keys(vault, "account", _normal(given.email), given.client_address)
    async with db.transaction() as session:
        await count_try(session, account, address, now)
        user = await _find(session, _normal(given.email))
    if user is not None and user.disabled_at is not None:
        user = None
    right = await _in_thread(lambda: _verify(given.password, user.password_hash if user else None))
    if user is None or not right:
        log.info("sign-in failed: account %s, address %s", account.hex()[:8], address.hex()[:8])
        raise NotSignedIn("E-mail address or password is wrong.")
    async with db.transaction() as session:
        await forget_tries(session, account, address, now)
        if user.totp_secret is None:
            return await start_session(session, user, now, given.device)
    raise CodeNeeded(user)


async def user_of(session: AsyncSession, token: str, now: datetime) -> StaffSession | None:
    """The live session of a token, with its user; its life is prolonged."""
    found = await session.scalar(_live_session(token_hash(token), now).options(joinedload(StaffSession.user)))
    if found is not None and now - found.seen_at > SESSION_REFRESH:
        found.seen_at = now
        found.expires_at = min(now + SESSION_IDLE, found.created_at + SESSION_MAX)
    return found


async def is_live(session: AsyncSession, session_id: int, now: datetime) -> bool:
    """For long streams: asked again and again without prolonging anything."""
    query = sa.select(StaffSession.id).join(StaffSession.user)
    query = query.where(StaffSession.id == session_id, StaffSession.expires_at > now, User.disabled_at.is_(None))
    return await session.scalar(query) is not None


async def sign_out(session: AsyncSession, session_id: int) -> None:
    await session.execute(sa.delete(StaffSession).where(StaffSession.id == session_id))


async def end_session(session: AsyncSession, user: User, session_id: int) -> None:
    """One of the user's own."""
    query = sa.delete(StaffSession).where(StaffSession.id == session_id, StaffSession.user_id == user.id)
    if await session.scalar(query.returning(StaffSession.id)) is None:
        raise NotFound("There is no such device any more.")


async def end_sessions(session: AsyncSession, user_id: int, *, keep: int | None = None) -> None:
    await session.execute(
        sa.delete(StaffSession).where(StaffSession.user_id == user_id, StaffSession.id.is_distinct_from(keep))
    )


async def sessions_of(session: AsyncSession, user_id: int, now: datetime) -> Sequence[StaffSession]:
    """The live ones, the newest first."""
    query = sa.select(StaffSession).where(StaffSession.user_id == user_id, StaffSession.expires_at > now)
    return (await session.scalars(query.order_by(StaffSession.id.desc()))).all()


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _live_session(hashed: bytes, now: datetime) -> sa.Select[StaffSession]:
    query = sa.select(StaffSession).join(StaffSession.user)
    return query.where(StaffSession.token_hash == hashed, StaffSession.expires_at > now, User.disabled_at.is_(None))


async def start_session(session: AsyncSession, user: User, now: datetime, device: str = "") -> tuple[str, StaffSession]:
    await session.execute(sa.delete(StaffSession).where(StaffSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    started = StaffSession(
        token_hash=token_hash(token),
        user_id=user.id,
        csrf=secrets.token_urlsafe(32),
        expires_at=now + SESSION_IDLE,
        created_at=now,
        seen_at=now,
        device=device,
    )
    session.add(started)
    await audit.note(session, user, "signed_in")
    return token, started


async def count_try(session: AsyncSession, account: bytes, address: bytes, now: datetime) -> None:
    """Every try counts as failed until it succeeded, so that guesses at the same moment cannot pass together."""
    for key in sorted((account, address)):  # one order for all, so that two tries never wait for each other
        lock = int.from_bytes(key[:8], "big", signed=True)
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
    await session.execute(sa.delete(LoginTry).where(LoginTry.at <= now - TRIES_WINDOW))
    for key, limit in ((account, TRIES_PER_ACCOUNT), (address, TRIES_PER_ADDRESS)):
        tries = await session.scalar(sa.select(sa.func.count()).where(LoginTry.key == key))
        if tries is not None and tries >= limit:
            raise TooManyTries("Too many tries. Please wait a quarter of an hour.")
    session.add_all([LoginTry(key=account, at=now), LoginTry(key=address, at=now)])


async def forget_tries(session: AsyncSession, account: bytes, address: bytes, now: datetime) -> None:
    """All of the account, and of the address the one that succeeded."""
    succeeded = sa.and_(LoginTry.key == address, LoginTry.at == now)
    await session.execute(sa.delete(LoginTry).where(sa.or_(LoginTry.key == account, succeeded)))


def throttle_keys(vault: Vault, what: str, account: str, client_address: str) -> tuple[bytes, bytes]:
    """`what` is guessed at: an account's password, or its code."""
    return vault.lookup(f"login-{what}", account), vault.lookup("login-address", _network(client_address))


def _network(address: str) -> str:
    """One household or server has a whole /64 of IPv6 addresses; it counts as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _verify(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown account as for a known one."""
    dummy = _dummy_hash()
    right = _HASHER.verify(password[:MAX_PASSWORD_CHARS], password_hash or dummy)
    return right and password_hash is not None


@functools.cache
def _dummy_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_HASHING, work)


async def _find(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(sa.select(User).where(User.email == email))


async def _get(session: AsyncSession, email: str) -> User:
    user = await _find(session, _normal(email))
    if user is None:
        raise NotFound("There is no account with this e-mail address.")
    return user


def _normal(email: str) -> str:
    return email.strip().lower()
