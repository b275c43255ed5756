"""The glossary as content: German office words and everyday words for them, which mediators keep (`translations.glossary`)."""

from typing import Annotated

from pydantic import StringConstraints

from flows.model import Strict

Word = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)]


class GlossaryTerm(Strict):
    """`de` as on letters; what stands in brackets there only tells two meanings apart. A language may still be missing."""

    de: Annotated[
        str, StringConstraints(pattern=r"^\w[^(){}\n]*( \([^(){}\n]+\))?$", max_length=80, strip_whitespace=True)
    ]
    bg: Word = ""
    ro: Word = ""
    uk: Word = ""
    en: Word = ""
    deleted: bool = False  # kept as a version, so that starter content doesn't bring it back
