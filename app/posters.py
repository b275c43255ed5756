"""Posters and cards to print: a few words in the readers' language and one QR code for each app, with a start code in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.qr import qr_svg
from app.street import link
from app.typeset import typeset
from translations.phrases import page_phrase

READERS = ("wall", "kita", "gate", "playground", "helper")
"""Who stands before it: anybody, parents at a Kita, workers at a plant's gate, families at a playground, third persons."""
APPS = {"https://t.me/": "Telegram", "https://wa.me/": "WhatsApp", "sms:": "SMS"}

_STYLE = """
#let ink = rgb("#2a2520")
#let teal = rgb("#1f5f5b")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), fill: ink, hyphenate: false)
#let texts = json(bytes(sys.inputs.texts))
#let codes = json(bytes(sys.inputs.codes))
#let qr(size, code) = stack(dir: ttb, spacing: 3mm,
  image(bytes(code.svg), format: "svg", width: size),
  align(center, text(weight: "bold", code.app)),
  align(center, text(size: 0.75em, code.address)))
"""
_POSTER = (
    _STYLE
    + """
#set page(paper: "a4", margin: 18mm, fill: rgb("#fffdf9"))
#for words in texts {
  set text(lang: words.language)
  block(below: 7mm, text(size: if texts.len() > 1 { 30pt } else { 44pt }, weight: "bold", fill: teal, words.title))
  block(below: 9mm, text(size: if texts.len() > 1 { 18pt } else { 24pt }, words.text))
}
#v(1fr)
#align(center, grid(columns: codes.len(), column-gutter: 12mm, ..codes.map(code => qr(48mm, code))))
#v(8mm)
#align(center, text(size: 16pt)[#texts.at(0).write #text(weight: "bold", fill: teal, "#" + sys.inputs.code)])
#v(4mm)
#align(center, text(size: 12pt, texts.at(0).free))
"""
).encode()
_CARDS = (
    _STYLE
    + """
#set page(paper: "a4", margin: (x: 15mm, y: 13.5mm))
#let card = box(width: 85mm, height: 54mm, stroke: 0.4pt + luma(160), inset: 4mm)[
  #set text(lang: texts.at(0).language)
  #text(size: 13pt, weight: "bold", fill: teal, texts.at(0).title)
  #v(1fr)
  #grid(columns: (1fr, 24mm), column-gutter: 3mm,
    text(size: 9pt)[#texts.at(0).text #parbreak() #texts.at(0).write #text(weight: "bold", "#" + sys.inputs.code)],
    image(bytes(codes.at(0).svg), format: "svg", width: 24mm))
]
#grid(columns: 2, column-gutter: 10mm, row-gutter: 0mm, ..range(10).map(_ => card))
"""
).encode()


@dataclass(frozen=True)
class Print:
    """What is to be printed. `languages`: the first one's words stand by the code; `links`: of the channels, to be scanned."""

    reader: str
    languages: tuple[str, ...]
    code: str
    links: tuple[str, ...]
    cards: bool = False


def make(wanted: Print) -> bytes:
    """The PDF: one A4 poster, or a sheet of ten cards."""
    texts = [_words(wanted.reader, language) for language in wanted.languages]
    inputs = {
        "texts": json.dumps(texts, ensure_ascii=False),
        "codes": json.dumps(_codes(wanted.links, wanted.code, texts[0]["hello"]), ensure_ascii=False),
        "code": wanted.code,
    }
    return typeset(_CARDS if wanted.cards else _POSTER, inputs, "pdf")


def _words(reader: str, language: str) -> dict[str, str]:
    return {
        "language": language,
        "title": page_phrase(f"poster.{reader}", language),
        "text": page_phrase(f"poster.{reader}.text", language),
        "write": page_phrase("poster.write", language),
        "free": page_phrase("poster.free", language),
        "hello": page_phrase("poster.hello", language),
    }


def _codes(links: Sequence[str], code: str, hello: str) -> list[dict[str, str]]:
    found = []
    for channel_link in links:
        address = link(channel_link, code, hello)
        start = next((start for start in APPS if channel_link.startswith(start)), None)
        if address and start:
            shown = channel_link.removeprefix("https://").removeprefix("sms:")
            found.append({"app": APPS[start], "address": shown, "svg": qr_svg(address).decode()})
    return found
