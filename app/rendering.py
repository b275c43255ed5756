"""The one way from a text to its translation: remembered sentences first, the machine for the rest.

`read` does both. Who must not hold a transaction while the machine works asks `recall` within one and `complete` without.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from app import memory
from app.hub import Hub
from app.memory import Remembered
from translations.machine.sentences import Piece, pieces_of

Part = tuple[Piece, Remembered | None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """`origin`: 'memory' where every sentence was remembered. `route`: languages passed through, both ends included.

    `likeness`: of what was remembered, None for the machine's. `untouched`: sentences that stay in the original, because the
    machine would have damaged them.
    """

    text: str
    origin: Literal["machine", "memory"]
    route: tuple[str, ...]
    likeness: float | None
    untouched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recalled:
    """A text in its pieces, with what is remembered of them."""

    source: str
    target: str
    parts: tuple[Part, ...]

    @property
    def used(self) -> list[int]:
        return [known.id for _, known in self.parts if known]

    @property
    def is_whole(self) -> bool:
        """No machine is needed."""
        return all(known for piece, known in self.parts if piece.spoken)


@dataclass(frozen=True, slots=True)
class Offer:
    """A sentence that is nearly remembered: for a person to look at, never used by itself."""

    sentence: str
    known: Remembered


async def read(
    hub: Hub, session: AsyncSession, text: str, source: str, target: str, names: Sequence[str] = ()
) -> Rendered:
    """Raises NoRoute and TooSlow, as the machine does."""
    recalled = await recall(session, text, source, target, names)
    rendered = await complete(hub, recalled, names)
    await memory.count_uses(session, recalled.used)
    return rendered


async def recall(session: AsyncSession, text: str, source: str, target: str, names: Iterable[str] = ()) -> Recalled:
    """The whole text if it is known as one, else sentence by sentence."""
    whole = text.strip()
    pieces = pieces_of(text)
    asked = {whole, *(piece.text for piece in pieces if piece.spoken)} - {""}
    known = await memory.exactly(session, source, target, asked, names)
    if whole in known:
        return Recalled(source, target, ((Piece(whole, True), known[whole]),))
    return Recalled(source, target, tuple((each, known.get(each.text) if each.spoken else None) for each in pieces))


async def complete(hub: Hub, recalled: Recalled, names: Sequence[str] = ()) -> Rendered:
    """Neighbours that are not remembered go to the machine together."""
    done: list[str] = []
    untouched: list[str] = []
    route: tuple[str, ...] = ()
    for known, run in groupby(recalled.parts, key=lambda part: part[1]):
        pieces = [piece for piece, _ in run]
        text = "".join(piece.text for piece in pieces)
        if known is not None or not any(piece.spoken for piece in pieces):
            done.append("".join(known.text for _ in pieces) if known else text)
            continue
        said = await hub.machine.translate(text, recalled.source, recalled.target, names)
        done.append(said.text)
        untouched += said.untouched
        route = said.route
    by_machine = bool(route) or not recalled.used
    return Rendered(
        "".join(done),
        "machine" if by_machine else "memory",
        route or (recalled.source, recalled.target),
        None if by_machine else 1.0,
        tuple(untouched),
    )


async def offers(
    session: AsyncSession, text: str, source: str, target: str, names: Sequence[str] = ()
) -> tuple[Offer, ...]:
    """Sentences of a text that are nearly remembered."""
    found = []
    for piece in pieces_of(text):
        known = await memory.remembered(session, source, target, piece.text, names) if piece.spoken else None
        if known is not None and known.likeness < 1:
            found.append(Offer(piece.text, known))
    return tuple(found)
