"""One-time codes: the test vectors of RFC 6238, and what counts as right."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from app import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(RFC_SECRET, step, digits=8) == code
    assert totp.code_at(RFC_SECRET, step) == code[-6:]


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    secret = totp.new_secret()
    code = totp.code_at(secret, totp.step_at(now))
    for off in (-30, 0, 30):
        assert totp.matching_step(secret, f" {code[:3]} {code[3:]}", now + timedelta(seconds=off)) is not None
    assert totp.matching_step(secret, code, now + timedelta(seconds=90)) is None
    assert totp.matching_step(secret, code, now, after=totp.step_at(now)) is None
    assert totp.matching_step(secret, "ünsinn", now) is None


def test_the_address_is_what_apps_read() -> None:
    said = totp.address("ABC", "ana@example.org", "Streetwork Hub")
    assert said == "otpauth://totp/Streetwork%20Hub:ana%40example.org?secret=ABC&issuer=Streetwork%20Hub"
