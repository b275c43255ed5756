"""The second step of signing in: turned on and off by its owner, a code from an app or a recovery code at every sign-in.

What is stored of an authenticator is one encrypted text: its secret and the last step that was used, so that a code
that somebody looked at over a shoulder is worth nothing. Callers: `app.web`, the command line.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import sqlalchemy as sa
from pyotp.utils import strings_equal
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit, auth
from app.crypto import Vault, WrongSecretKey
from app.db import Database
from app.errors import BadInput, Conflict, NotSignedIn
from app.models import StaffSession, User

RECOVERY_CODES = 10
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another on paper
RECOVERY_CHARS = 10  # 49 bits, and guesses are throttled
TICKET_LIFE = timedelta(minutes=10)
ISSUER = "Streetwork Hub"
DRIFT = 1  # steps of thirty seconds that a phone's clock may be off


@dataclass(frozen=True, slots=True)
class Offer:
    """An authenticator that isn't on yet. `sealed` is the secret as the form carries it: only for its owner."""

    secret: str
    address: str
    sealed: str


def offer(vault: Vault, user: User, sealed: str = "") -> Offer:
    """A new one, or the one whose first code was mistyped."""
    secret = _unseal(vault, user.id, sealed) if sealed else pyotp.random_base32()
    again = sealed or vault.encrypt(f"{user.id} {secret}").decode()
    return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER), again)


async def turn_on(session: AsyncSession, vault: Vault, user: User, sealed: str, code: str, now: datetime) -> list[str]:
    """The recovery codes, which exist in clear nowhere else."""
    secret = _unseal(vault, user.id, sealed)
    owner = await _locked(session, user.id)
    if owner.totp_secret is not None:
        raise Conflict("Two-factor sign-in is on already.")
    step = matching_step(secret, code, now)
    if step is None:
        raise BadInput("This code is wrong. Is the clock of your phone right?")
    owner.totp_secret = vault.encrypt(f"{secret} {step}")
    await audit.note(session, owner, "two_factor_on")
    return _new_codes(vault, owner)


async def turn_off(session: AsyncSession, user: User, password: str) -> None:
    await auth.check_password(user, password)
    await clear(session, await _locked(session, user.id))


async def clear(session: AsyncSession, user: User) -> None:
    """Also by an admin for somebody whose phone is lost."""
    user.totp_secret = None
    user.recovery_codes = []
    await audit.note(session, user, "two_factor_off")


async def new_recovery_codes(session: AsyncSession, vault: Vault, user: User, password: str) -> list[str]:
    """Instead of the old ones, which are worth nothing from now on."""
    await auth.check_password(user, password)
    owner = await _locked(session, user.id)
    if owner.totp_secret is None:
        raise Conflict("Two-factor sign-in is off.")
    return _new_codes(vault, owner)


def ticket(vault: Vault, user: User, now: datetime) -> str:
    """Says that this user's password was right a moment ago; good for the page that asks for the code."""
    until = int((now + TICKET_LIFE).timestamp())
    return f"{user.id}.{until}.{vault.sign(_ticket_text(user, until))}"


async def finish(
    db: Database, vault: Vault, given: str, code: str, client_address: str, now: datetime, *, device: str = ""
) -> tuple[str, StaffSession]:
    """The session of somebody whose password was right, after the right code. Raises NotSignedIn or TooManyTries."""
    user_id, until, signature = _read_ticket(given)
    async with db.transaction() as session:
        user = await session.get(User, user_id)
        known = user is not None and vault.signed_by_us(_ticket_text(user, until), signature)
    if not known or until < now.timestamp():
        raise NotSignedIn("That took too long. Please sign in again.")
    keys = auth.throttle_keys(vault, "code", str(user_id), client_address)
    async with db.transaction() as session:  # a wrong code must stay counted
        await auth.count_try(session, *keys, now)
    async with db.transaction() as session:
        user = await _locked(session, user_id)
        if user.disabled_at is not None or not _use_code(vault, user, code, now):
            raise NotSignedIn("This code is wrong, or was used already.")
        await auth.forget_tries(session, *keys, now)
        return await auth.start_session(session, user, now, device)


def _use_code(vault: Vault, user: User, code: str, now: datetime) -> bool:
    """Under the lock of the user's row: no code counts twice, however fast two browsers are."""
    if user.totp_secret is None:
        return True  # turned off meanwhile, on another device
    secret, last = vault.decrypt(user.totp_secret).split()
    step = matching_step(secret, code, now, after=int(last))
    if step is not None:
        user.totp_secret = vault.encrypt(f"{secret} {step}")
        return True
    hashed = _hash(vault, user.id, code)
    if hashed not in user.recovery_codes:
        return False
    user.recovery_codes = [kept for kept in user.recovery_codes if kept != hashed]
    return True


def matching_step(secret: str, code: str, now: datetime, *, after: int = -1) -> int | None:
    """The step whose code was typed, if it is about now and later than `after`, the last one that was used."""
    authenticator = pyotp.TOTP(secret)
    typed = "".join(code.split())
    here = authenticator.timecode(now)
    steps = [step for step in range(here - DRIFT, here + DRIFT + 1) if step > after]
    return next((step for step in steps if strings_equal(authenticator.generate_otp(step), typed)), None)


def _new_codes(vault: Vault, user: User) -> list[str]:
    made = ["".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_CHARS)) for _ in range(RECOVERY_CODES)]
    user.recovery_codes = [_hash(vault, user.id, code) for code in made]
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _hash(vault: Vault, user_id: int, code: str) -> str:
    plain = "".join(character for character in code.lower() if character.isalnum())
    return vault.lookup("recovery-code", str(user_id), plain).hex()


def _unseal(vault: Vault, user_id: int, sealed: str) -> str:
    try:
        owner, _, secret = vault.decrypt(sealed.encode()).partition(" ")
    except WrongSecretKey:
        owner, secret = "", ""
    if owner != str(user_id):
        raise BadInput("This page was open too long. Please load it again.")
    return secret


def _ticket_text(user: User, until: int) -> str:
    """A changed password makes older tickets worthless."""
    return f"second-step {user.id} {until} {user.password_hash}"


def _read_ticket(given: str) -> tuple[int, int, str]:
    parts: Sequence[str] = given.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts[:2]):
        return 0, 0, ""
    return int(parts[0]), int(parts[1]), parts[2]


async def _locked(session: AsyncSession, user_id: int) -> User:
    query = sa.select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one()
