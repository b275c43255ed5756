"""Pictures for social media: one card per answer, set by typst with the fonts of its wheel."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from app.typeset import typeset

KEPT = 64  # cards of some 60 kB in memory

# 1200 × 630: what social media ask for.
TEMPLATE = b"""
#let ink = rgb("#2a2520")
#let teal = rgb("#1f5f5b")
#set page(width: 1200pt, height: 630pt, margin: 0pt, fill: rgb("#f8f4ee"))
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), lang: sys.inputs.language, fill: ink)
#set par(leading: 0.52em, justify: false)
#place(top + left, rect(width: 24pt, height: 100%, fill: teal))
#place(bottom + left, dx: 24pt, rect(width: 1176pt, height: 92pt, fill: teal, inset: (x: 56pt, y: 0pt))[
  #set align(horizon)
  #set text(size: 34pt, fill: white)
  #text(weight: "bold", sys.inputs.hub)
  #h(1fr)
  #sys.inputs.title
])
#place(top + left, dx: 80pt, dy: 24pt, block(width: 1060pt, height: 490pt)[
  #set align(horizon)
  #let long = sys.inputs.question.clusters().len() > 70
  #let parts = (
    text(size: if long { 50pt } else { 60pt }, weight: "bold", fill: teal, hyphenate: false, sys.inputs.question),
    text(size: 41pt, sys.inputs.answer),
  )
  #if sys.inputs.draft != "" {
    parts.insert(0, box(fill: rgb("#fcefd6"), radius: 8pt, inset: (x: 16pt, y: 12pt),
      text(size: 26pt, fill: rgb("#7a4b00"), sys.inputs.draft)))
  }
  #stack(dir: ttb, spacing: 30pt, ..parts)
])
"""


@dataclass(frozen=True, slots=True)
class Card:
    language: str
    hub: str
    title: str
    question: str
    answer: str
    draft: str  # the mark of a text that nobody approved; empty for an approved one


class CardPress:
    """Sets one card at a time, in a thread: a burst of requests waits instead of taking all processors."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cards")
        self._kept: OrderedDict[Card, bytes] = OrderedDict()

    async def png(self, card: Card) -> bytes:
        if card not in self._kept:
            self._kept[card] = await asyncio.get_running_loop().run_in_executor(self._thread, draw, card)
        self._kept.move_to_end(card)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[card]


def draw(card: Card) -> bytes:
    return typeset(TEMPLATE, asdict(card), "png")


def shortened(text: str, limit: int) -> str:
    """Whole sentences up to `limit` characters; where the first is longer already, whole words and an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[:limit]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? "))
    return cut[: end + 1] if end > 0 else cut.rsplit(" ", 1)[0].rstrip(",;:") + " …"
