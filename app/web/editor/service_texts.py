"""Words about services that several pages of the directory need."""

from collections.abc import Iterable
from urllib.parse import quote_plus

from app.editor.service_fields import SPOKEN
from app.editor.service_list import Listed
from app.web.i18n import texts
from flows.findings import Issue

MAP = "https://www.openstreetmap.org/search?query="
OWN_NAMES = {"rom": {"de": "Romanes", "en": "Romani"}}  # Babel knows it under another name, or none


def language_word(code: str, reader: str) -> str:
    return OWN_NAMES.get(code, {}).get(reader) or texts(reader).language_name(code)


def spoken_choices(services: Iterable[Listed]) -> list[str]:
    """The usual languages first, then whatever else some service speaks."""
    others = {code for each in services for code in each.service.languages} - set(SPOKEN)
    return [*SPOKEN, *sorted(others)]


def map_link(address: str) -> str:
    """Where a search for the address leads; nothing is asked of that site until somebody follows it."""
    return MAP + quote_plus(address)


def issue_words(issue: Issue, reader: str) -> str:
    language = f"{texts(reader).language_name(issue.language)}: " if issue.language else ""
    return language + issue.text
