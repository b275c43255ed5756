"""The search column: a text's words as skeletons, so that every spelling of a word in either script is found."""

from typing import Any

from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from translations.script import skeleton

LONGEST_WORD = 60  # what is longer is an address or a prank, and PostgreSQL refuses very long ones
MOST_WORDS = 2000


def search_words(text: str | None) -> str | None:
    """What is stored for a text; also what a search is made of."""
    if not text:
        return None
    words = {word[:LONGEST_WORD] for word in skeleton(text).split()}
    return " ".join(sorted(words)[:MOST_WORDS]) or None


def words_column(of: str = "text") -> Mapped[str | None]:
    """Filled at every insert from another column, words or a list of them; whoever changes that one sets `words` too."""

    def of_row(context: Any) -> str | None:
        said = context.get_current_parameters().get(of)
        return search_words(" ".join(said) if isinstance(said, list) else said)

    return mapped_column(TSVECTOR, default=of_row, deferred=True)
