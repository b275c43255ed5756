"""Letters that a flow makes for a person: in German to copy and as a PDF, with a translation so that they know what they sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.typeset import typeset
from channels.base import MediaFile
from flows.dialogue.wording import fill, say_day
from flows.library import Library

OFFICE_LANGUAGE = "de"

TEMPLATE = b"""
#set page(paper: "a4", margin: (x: 25mm, y: 22mm))
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 11.5pt, lang: sys.inputs.language)
#set par(leading: 0.75em, spacing: 1.2em)
#let page_of(heading, body) = {
  text(weight: "bold", size: 13pt, heading)
  v(8mm)
  for part in body.split("\\n\\n") { par(part.split("\\n").map(line => [#line]).join(linebreak())) }
}
#page_of(sys.inputs.subject, sys.inputs.body)
#if sys.inputs.translation != "" {
  pagebreak()
  set text(fill: rgb("#444444"))
  page_of(sys.inputs.translated_subject, sys.inputs.translation)
}
"""


@dataclass(frozen=True)
class Letter:
    name: str
    subject: str
    body: str
    translated_subject: str  # both empty for who reads German
    translation: str


def write(library: Library, slug: str, fields: Mapping[str, Any], language: str, today: date) -> Letter:
    """The letter's words. What nobody told is a line to write on. Raises KeyError, NotSayable."""
    template = library.letters[slug]

    def words(texts: Mapping[Any, str], into: str) -> str:
        dated = texts[into].replace("{today}", say_day(today, into, weekday=False))
        return fill(dated, fields, library, into, today, blanks=True)

    foreign = language != OFFICE_LANGUAGE
    return Letter(
        name=template.names[language],  # type: ignore[index]
        subject=words(template.subject, OFFICE_LANGUAGE),
        body=words(template.body, OFFICE_LANGUAGE),
        translated_subject=words(template.subject, language) if foreign else "",
        translation=words(template.body, language) if foreign else "",
    )


def as_pdf(letter: Letter) -> MediaFile:
    """The German letter on the first page, the translation on the next."""
    inputs = {
        "language": OFFICE_LANGUAGE,
        "subject": letter.subject,
        "body": letter.body,
        "translated_subject": letter.translated_subject,
        "translation": letter.translation,
    }
    return MediaFile(typeset(TEMPLATE, inputs, "pdf"), "application/pdf", f"{letter.name}.pdf")
