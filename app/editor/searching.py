"""Search over all content, live and in drafts, in either script and without diacritics (`app.needle`).

What a version says never changes, so each is folded once for as long as it is live; a search then looks through strings.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.differences import ORDER
from app.models import ContentDraft, ContentVersion
from app.needle import Needle, Word, read_needle
from app.publishing import content_hash
from flows.aspects import Path, leaves
from flows.model import UNDERSTOOD_LANGUAGES
from translations.script import skeleton

KINDS = (
    "entry", "flow", "figure", "service", "canned", "template", "letter", "term", "examples", "field", "transcript", "place",
)  # fmt: skip
"""In the order of the groups found."""
NAMES = frozenset({"label", "question", "name", "names", "title", "purpose", "shortcut"})
FIELDS = NAMES | frozenset(
    {"number", "who", "address", "email", "web", "notes", "gaps", "sources", "law", "page", "text"}
)
"""What is words without being in a language; all other values are names that only the program reads."""
SHOWN = 6  # pieces of a kind
MOST = 100  # of one kind, where only that is asked for
LINES = 3  # of a piece


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a piece. `folded`: its skeleton between spaces, so that words are found by their beginnings."""

    path: Path
    text: str
    folded: str

    @property
    def is_name(self) -> bool:
        return self.path == ("de",) or (len(self.path) <= 3 and any(step in NAMES for step in self.path))


@dataclass(frozen=True, slots=True)
class Sheet:
    """All the texts of one piece in one version."""

    kind: str
    key: str
    data: Mapping[str, Any]
    lines: tuple[Line, ...]
    folded: str
    drafted: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """`lines`: those found, the best first; `more`: how many others."""

    sheet: Sheet
    lines: tuple[Line, ...]
    more: int
    rank: int


@dataclass(frozen=True, slots=True)
class Group:
    kind: str
    hits: tuple[Hit, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Found:
    needle: Needle
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.hits) + group.more for group in self.groups)


async def search(session: AsyncSession, text: str, only: str = "") -> Found:
    """`only`: one kind, and more of it. Raises BadInput where there is nothing to search for."""
    needle = read_needle(text)
    sheets = await _sheets(session)
    return await asyncio.to_thread(_find, sheets, needle, only if only in KINDS else "")


def _find(sheets: Iterable[Sheet], needle: Needle, only: str) -> Found:
    """A draft stands for its live version, where both have the words."""
    best: dict[tuple[str, str], Hit] = {}
    for sheet in sheets:
        if (not only or sheet.kind == only) and all(_within(word, sheet.folded) for word in needle.words):
            kept = best.get((sheet.kind, sheet.key))
            if kept is None or not kept.sheet.drafted:
                best[sheet.kind, sheet.key] = _hit(sheet, needle)
    limit = MOST if only else SHOWN
    groups = []
    for kind in KINDS:
        hits = sorted((hit for hit in best.values() if hit.sheet.kind == kind), key=_order)
        if hits:
            groups.append(Group(kind, tuple(hits[:limit]), max(0, len(hits) - limit)))
    return Found(needle, tuple(groups))


def _order(hit: Hit) -> tuple[int, int, str]:
    return (hit.rank, -len(hit.lines) - hit.more, hit.sheet.key)


def _hit(sheet: Sheet, needle: Needle) -> Hit:
    """Found in its name, in one text, or with its words in several."""
    whole = [line for line in sheet.lines if all(_within(word, line.folded) for word in needle.words)]
    lines = whole or [line for line in sheet.lines if any(_within(word, line.folded) for word in needle.words)]
    named = any(line.is_name for line in whole)
    lines.sort(key=lambda line: not line.is_name)
    return Hit(sheet, tuple(lines[:LINES]), max(0, len(lines) - LINES), 0 if named else 1 if whole else 2)


def _within(word: Word, folded: str) -> bool:
    """As `Word.fits` for each word of a text."""
    end = " " if word.whole else ""
    return any(f" {spelling}{end}" in folded for spelling in word.spellings)


Ident = tuple[str, str, str, bool]  # kind, key, hash, drafted
_known: dict[Ident, Sheet] = {}


async def _sheets(session: AsyncSession) -> list[Sheet]:
    """Of everything that is live, and of all open drafts. Only what is new here is read and folded."""
    global _known
    here = ContentVersion.current & ContentVersion.kind.in_(KINDS)
    heads = await session.execute(sa.select(ContentVersion.kind, ContentVersion.key, ContentVersion.hash).where(here))
    wanted: list[Ident] = [(kind, key, digest, False) for kind, key, digest in heads]
    known = _known
    new = [(kind, key) for kind, key, digest, drafted in wanted if (kind, key, digest, drafted) not in known]
    pieces: dict[Ident, Mapping[str, Any]] = {}
    if new:
        rows = await session.scalars(
            sa.select(ContentVersion).where(here, sa.tuple_(ContentVersion.kind, ContentVersion.key).in_(new))
        )
        pieces = {(row.kind, row.key, row.hash, False): row.data for row in rows}
    drafts = sa.select(ContentDraft.kind, ContentDraft.key, ContentDraft.data)
    for kind, key, data in await session.execute(
        drafts.where(ContentDraft.closed_at.is_(None), ContentDraft.kind.in_(KINDS))
    ):
        ident = (kind, key, content_hash(data), True)
        wanted.append(ident)
        if ident not in known:
            pieces[ident] = data
    made = await asyncio.to_thread(_fold_all, pieces) if pieces else {}
    _known = {ident: sheet for ident in wanted if (sheet := known.get(ident) or made.get(ident))}
    return sorted(_known.values(), key=lambda sheet: not sheet.drafted)


def _fold_all(pieces: Mapping[Ident, Mapping[str, Any]]) -> dict[Ident, Sheet]:
    return {
        (kind, key, digest, drafted): _fold(kind, key, data, drafted)
        for (kind, key, digest, drafted), data in pieces.items()
        if not data.get("deleted")
    }


def _fold(kind: str, key: str, data: Mapping[str, Any], drafted: bool) -> Sheet:
    lines = tuple(Line(path, text, f" {skeleton(text)} ") for path, text in _texts(data))
    folded = "".join([f" {skeleton(key)} ", *(line.folded for line in lines)])
    return Sheet(kind, key, data, lines, folded, drafted)


def _texts(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for path, leaf in leaves(data).items():
        if isinstance(leaf.value, str) and path[-1] != ORDER and _is_words(path):
            yield path, leaf.value


def _is_words(path: Path) -> bool:
    figure = path[0] == "values" and path[-1] == "value"
    return figure or any(step in FIELDS or step in UNDERSTOOD_LANGUAGES for step in path)
