"""Fixed phrases, from `locale/<language>/LC_MESSAGES/`: a key in, the words in a language out.

`bot.po` is what the bot says, `pages.po` what the public pages say.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from babel.messages.pofile import read_po

from translations.script import skeleton

WORDS = Path(__file__).parent / "words.yaml"
LOCALE_DIR = Path(__file__).parent / "locale"


class MissingPhrase(KeyError):
    """A key has no words in a language: never ship an empty translation."""


@cache
def catalogue(language: str, name: str = "bot") -> Mapping[str, str]:
    """All phrases of a language; empty and fuzzy ones count as missing."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / f"{name}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


def phrase(key: str, language: str, **values: object) -> str:
    """The bot's words for `key`, with `{name}` filled in. Raises MissingPhrase."""
    return _fill("bot", key, language, values)


def page_phrase(key: str, language: str, **values: object) -> str:
    """The public pages' words for `key`. Raises MissingPhrase."""
    return _fill("pages", key, language, values)


def _fill(name: str, key: str, language: str, values: Mapping[str, object]) -> str:
    try:
        return catalogue(language, name)[key].format(**values)
    except KeyError:
        raise MissingPhrase(f"{key} in {language}") from None


def has_phrase(key: str, language: str) -> bool:
    return key in catalogue(language)


@cache
def words(key: str) -> frozenset[str]:
    """Whole messages that mean one thing ('back'), of all languages, as skeletons; '?' has none and stays as it is."""
    found = yaml.safe_load(WORDS.read_text(encoding="utf-8"))[key]
    return frozenset(skeleton(word) or word for language in found.values() for word in language)
