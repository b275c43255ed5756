"""Phone numbers as people write them down, in the one form in which they are addresses: +4917112345678."""

import re

COUNTRY = "+49"  # for numbers that begin with a single 0
_BETWEEN = re.compile(r"[\s()/.\-\u2010-\u2015\u00a0]+")
_TRUNK = re.compile(r"\(0\)")  # '+49 (0) 171': not dialled after the country's number
_FULL = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)


class NotANumber(ValueError):
    """Its message holds no digits of it."""


def full_number(written: str) -> str:
    """'0171 / 123 45 67' -> '+491711234567'. Raises NotANumber."""
    digits = _BETWEEN.sub("", _TRUNK.sub("", written.strip()))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"{COUNTRY}{digits[1:]}"
    if not _FULL.fullmatch(digits):
        raise NotANumber("not a phone number")
    return digits
