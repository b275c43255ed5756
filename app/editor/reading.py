"""One language of a piece beside the German text, as somebody who approves it reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.canned_files import FIELDS
from app.editor.differences import Change, Difference, differences
from app.editor.drafts import Piece
from app.editor.rebasing import version_data
from app.editor.waiting import BASE, is_older
from flows.aspects import STRUCTURE, Leaf, Path, leaves

FIRST = ("question", "label", "messages", "text", "local", "body", "sms", "words")
"""What is read first; all else follows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text. `words` says what changed in it against what is live; `file` names the recording or picture that it is."""

    path: Path
    german: str
    words: tuple[Change, ...]
    changed: bool
    file: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`base`: what changed in the German text after these words were written."""

    lines: list[Line]
    base: list[Difference]


async def read(session: AsyncSession, piece: Piece, aspect: str) -> Reading:
    old = None
    if piece.live is not None and aspect != STRUCTURE and is_older(piece.live, aspect):
        old = await version_data(session, piece.kind, piece.key, piece.live.words_of.get(aspect, 0))
    base = [each for each in differences(old, piece.data) if each.aspect == BASE] if old else []
    return Reading(_lines(piece, aspect), base)


def files_of(piece: Piece, aspect: str) -> set[str]:
    """What belongs to these words, by name: who may approve the words may hear and see it."""
    return {_file(path, leaf) for path, leaf in leaves(piece.data).items() if leaf.aspect == aspect} - {""}


def _file(path: Path, leaf: Leaf) -> str:
    """One for a language, or one of several: ('audio', 'ro'), ('files', 'ro', '0')."""
    return str(leaf.value) if FIELDS.intersection(path[-2:-1]) or path[-3:-2] == ("files",) else ""


def _lines(piece: Piece, aspect: str) -> list[Line]:
    live = piece.live.data if piece.live else None
    changes = {each.path: each for each in differences(live, piece.data) if each.aspect == aspect}
    found = leaves(piece.data)
    paths = [path for path, leaf in found.items() if leaf.aspect == aspect and (aspect != STRUCTURE or path in changes)]
    paths += [path for path in changes if path not in found]
    steps = {name: place for place, name in enumerate(_walk(piece.data))}
    return [_line(path, found, changes, aspect) for path in sorted(paths, key=lambda path: _rank(path, steps))]


def _line(path: Path, found: Mapping[Path, Leaf], changes: Mapping[Path, Difference], aspect: str) -> Line:
    german = found.get(_in_german(path, aspect, found)) if aspect not in (BASE, STRUCTURE) else None
    changed = path in changes
    words = changes[path].words if changed else (("same", str(found[path].value)),)
    file = _file(path, found[path]) if path in found else ""
    return Line(path, str(german.value) if german else "", words, changed, file)


def _in_german(path: Path, aspect: str, found: Iterable[Path]) -> Path:
    """The same place in German. A language's code may stand in a path as something else too: a value, a node."""
    places = [place for place, step in enumerate(path) if step == aspect]
    german = [(*path[:place], BASE, *path[place + 1 :]) for place in places]
    known = set(found)
    return next((each for each in german if each in known), ())


def _rank(path: Path, steps: Mapping[str, int]) -> tuple[int, int, int]:
    """General words before those of places; a flow's nodes in the order in which one comes to them."""
    node = steps.get(path[1], len(steps)) if path[0] == "nodes" else len(steps)
    field = next((FIRST.index(step) for step in path if step in FIRST), len(FIRST))
    return (1 if path[0] in ("nodes", "places") else 0, node, field)


def _walk(data: Mapping[str, Any]) -> Iterable[str]:
    """From the start along every way, the nearest first."""
    nodes: Mapping[str, Any] = data.get("nodes") or {}
    seen = [str(data.get("start", ""))]
    for name in seen:
        found = [leaf.value for path, leaf in leaves(nodes.get(name) or {}).items() if leaf.aspect == STRUCTURE]
        seen += [value for value in found if isinstance(value, str) and value in nodes and value not in seen]
    return [name for name in seen if name in nodes]
