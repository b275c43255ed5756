"""What in a message could tell who wrote it: people look before their words become examples. Signs only, never a judge."""

import re
from typing import Literal, get_args

Sign = Literal["number", "link", "address", "name"]
SIGNS: tuple[str, ...] = get_args(Sign)

_NUMBER = re.compile(r"\d[\d\s/.\-]{4,}\d")  # phone, account, customer and house numbers, dates of birth
_LINK = re.compile(r"@|https?:|www\.|\w\.(?:de|com|bg|ro|ua|net|org)\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|strada|ulica|street|ул\.|улица|бул\.|вул\.|вулиця)\W*(?:\w+\W+){0,3}\d|\b\d{5}\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?…:]\s*|\n+")


def signs(text: str) -> list[Sign]:
    found: list[Sign] = []
    if _NUMBER.search(text):
        found.append("number")
    if _LINK.search(text):
        found.append("link")
    if _ADDRESS.search(text):
        found.append("address")
    if any(_is_name(word) for part in _SENTENCE.split(text) for word in part.split()[1:]):
        found.append("name")
    return found


def _is_name(word: str) -> bool:
    """A capital within a sentence; German writes all nouns so, which a person sees at once."""
    letters = word.strip("\"'„“”«»(),;-")
    return len(letters) > 1 and letters[0].isupper() and not letters.isupper()
