"""Time-based one-time codes (RFC 6238: SHA-1, thirty seconds, six digits), as every authenticator app makes them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20  # as long as the hash, as RFC 4226 advises
DRIFT = 1  # steps that a phone's clock may be off


def new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, *, after: int = -1) -> int | None:
    """The step whose code was typed, if it is about now and later than `after`, the last one that was used."""
    typed = "".join(code.split()).encode()
    here = step_at(now)
    steps = [step for step in range(here - DRIFT, here + DRIFT + 1) if step > after]
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed)]
    return found[0] if found else None


def address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"
