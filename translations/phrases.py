"""The bot's fixed phrases, from `locale/<language>/LC_MESSAGES/bot.po`: a key in, the words in a language out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE_DIR = Path(__file__).parent / "locale"


class MissingPhrase(KeyError):
    """A key has no words in a language: never ship an empty translation."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All phrases of a language; empty and fuzzy ones count as missing."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "bot.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


def phrase(key: str, language: str, **values: object) -> str:
    """The words for `key`, with `{name}` filled in. Raises MissingPhrase."""
    try:
        return catalogue(language)[key].format(**values)
    except KeyError:
        raise MissingPhrase(f"{key} in {language}") from None


def has_phrase(key: str, language: str) -> bool:
    return key in catalogue(language)
