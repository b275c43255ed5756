"""Whole numbers as forms and addresses carry them."""

MOST_DIGITS = 18  # what PostgreSQL's bigint surely holds


def whole(given: object, digits: int = MOST_DIGITS) -> int | None:
    """None for what is no number, or a longer one than anybody means."""
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) <= digits else None
