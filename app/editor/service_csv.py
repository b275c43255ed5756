"""The directory as a table (CSV): one row a service, to be read and changed in a spreadsheet and brought back.

Nothing of a file is saved before somebody has seen what it would change, and then all of it or nothing. What is not in the
file stays: neither a missing row nor a missing column takes anything away.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.editor import services
from app.editor.drafts import Data, Piece, tidy
from app.editor.hours_text import ALWAYS, is_always, iso_day, read_days, read_week, write_days, write_week
from app.editor.service_fields import Fields, PhoneRow, Problem, Problems, data_of, fields_of
from app.editor.services import Seen
from app.errors import BadInput, Conflict, NotFound
from app.hub import Hub
from app.models import User
from flows.model import ANSWER_LANGUAGES

MOST_BYTES = 500_000  # it travels through the page that shows what it would change
MOST_ROWS = 2000
LEADS = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet takes for a formula at the beginning of a cell, and the sign that keeps it from doing so."""
NUMERIC = re.compile(r"\d[\d\s./:-]*")
"""What a spreadsheet makes a number or a date of: '0202 563-0', '2026-02'."""
YES, NO = "yes", "no"
TRUE = frozenset({"yes", "ja", "1", "true", "x"})
FALSE = frozenset({"no", "nein", "0", "false"})
PHONE = re.compile(r"([^(\[]+?|[^\[]*?\(0\)[^(\[]+?)\s*(?:\(([^\[]*)\))?\s*(?:\[([\d-]+)\])?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: what it would change in `old`, or what is wrong with it. `old` None: a new service."""

    line: int
    slug: str
    name: str
    old: Data | None
    new: Data
    seen: Seen
    problems: tuple[Problem, ...] = ()

    @property
    def changes(self) -> bool:
        return self.old is None or tidy(self.new) != tidy(self.old)


@dataclass(frozen=True, slots=True)
class Plan:
    rows: tuple[Row, ...]

    @property
    def changing(self) -> list[Row]:
        return [row for row in self.rows if row.changes and not row.problems]

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.problems]

    @property
    def mark(self) -> str:
        """Of what was shown: if anything else would change by now, it has to be shown again."""
        said = [[row.slug, row.seen.revision, row.seen.version, tidy(row.new)] for row in self.changing]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def export(pieces: Iterable[Piece]) -> bytes:
    """For a German spreadsheet: semicolons, and a mark so that it knows the letters."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for piece in pieces:
        fields = fields_of(piece.data)
        writer.writerow([defused(piece.key if name == "slug" else _write(name, fields)) for name in COLUMNS])
    return table.getvalue().encode("utf-8-sig")


def defused(cell: str) -> str:
    return f"'{cell}" if _is_risky(cell) else cell


def armed(cell: str) -> str:
    """The way back: only the sign that `defused` put there goes."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell[1:]) else cell


def read_table(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """(line, cells by column) of each row that says something. Raises BadInput."""
    if len(content) > MOST_BYTES:
        raise BadInput("This file is too large for a directory.")
    text = _decoded(content)
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=head.count), strict=True)
    try:
        columns = [armed(cell).strip().lower() for cell in next(reader, [])]
        _check_columns(columns)
        found = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) > len(columns):
                    raise BadInput("Line {line} has more cells than the first line.", line=reader.line_num)
                named = zip(columns, (armed(cell).strip() for cell in cells), strict=False)
                found.append((reader.line_num, dict(named)))
    except csv.Error:
        raise BadInput("Line {line} can't be read as a table.", line=reader.line_num) from None
    if len(found) > MOST_ROWS:
        raise BadInput("These are more rows than a directory has.")
    return found


async def plan(hub: Hub, session: AsyncSession, content: bytes) -> Plan:
    """What would change; nothing is changed yet."""
    rows: list[Row] = []
    taken: dict[str, int] = {}
    for line, cells in read_table(content):
        row = await _row(hub, session, line, cells)
        if row.slug in taken:
            twice = Problem("slug", "This service stands in line {line} already.", {"line": taken[row.slug]})
            row = replace(row, problems=(*row.problems, twice))
        taken.setdefault(row.slug, line)
        rows.append(row)
    return Plan(tuple(rows))


async def apply(hub: Hub, session: AsyncSession, user: User, content: bytes, *, mark: str, note: str) -> int:
    """All that `plan` showed, in the caller's transaction; how many services it was. Raises Conflict where something else
    would change by now.
    """
    planned = await plan(hub, session, content)
    if planned.wrong:
        raise BadInput("Something in this file must be mended first.")
    if planned.mark != mark:
        raise Conflict("Something has changed meanwhile. Please look at what would change once more.")
    for row in sorted(planned.changing, key=lambda each: each.slug):  # the same order for all: nobody waits in a circle
        try:
            if row.old is None:
                await services.create(hub, session, user, row.slug, row.new)
            else:
                await services.save(hub, session, user, row.slug, row.new, seen=row.seen, note=note)
        except BadInput as error:
            raise BadInput("Line {line}: {why}", line=row.line, why=error.message.format_map(error.detail)) from None
    return len(planned.changing)


async def _row(hub: Hub, session: AsyncSession, line: int, cells: Mapping[str, str]) -> Row:
    slug = cells.get("slug", "")
    try:
        piece = await services.find(session, slug)
    except NotFound:
        piece = None
    old = piece.data if piece else None
    seen = Seen.of(piece) if piece else Seen(0, 0)
    problems: list[Problem] = []
    if not services.SLUG.fullmatch(slug):
        problems.append(
            Problem("slug", "Each row needs its short name in the column slug: small letters, digits, hyphens.")
        )
    fields = fields_of(old or {})
    for name, cell in cells.items():
        if name in READ:
            try:
                fields = replace(fields, **READ[name](cell, fields))
            except BadInput as error:
                problems.append(Problem(name, error.message, error.detail))
    new: Data = {}
    try:
        new = data_of(fields, old or {}, slug, hub.shelf.library)
    except Problems as error:
        problems += error.found
    return Row(line, slug, fields.name, old, new, seen, tuple(problems))


def _is_risky(cell: str) -> bool:
    return cell.startswith(LEADS) or NUMERIC.fullmatch(cell) is not None


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("Please save the file as CSV in UTF-8.") from None


def _check_columns(columns: Sequence[str]) -> None:
    if "slug" not in columns:
        raise BadInput("The first line must name the columns; slug is missing.")
    unknown = [name for name in columns if name and name not in COLUMNS]
    if unknown:
        raise BadInput("There is no column {name}.", name=unknown[0][:40])
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise BadInput("The column {name} is there twice.", name=twice[0])


def _write(name: str, fields: Fields) -> str:
    if name in LISTS:
        return ", ".join(getattr(fields, name))
    if name in (*TEXTS, *DATES):
        return str(getattr(fields, name))
    field, _, language = name.partition("_")
    if field in ("about", "how") and language:
        return str(getattr(fields, field).get(language, ""))
    return WRITE[name](fields)


def _write_phone(phone: PhoneRow) -> str:
    who = f" ({phone.who})" if phone.who else ""
    return f"{phone.number}{who}" + (f" [{phone.tested_on}]" if phone.tested_on else "")


def _read_phones(cell: str, _: Fields) -> dict[str, Any]:
    """'0202 1234 (reception) [2026-05-01]', one on each line: who answers, and when it was last called."""
    phones = []
    for line in filter(None, (part.strip() for part in re.split(r"[\n|]", cell))):
        found = PHONE.fullmatch(line)
        if found is None:
            raise BadInput("This is no phone number: {number}", number=line[:60])
        phones.append(PhoneRow(found[1].strip(), found[2] or "", found[3] or ""))
    return {"phones": tuple(phones)}


def _read_hours(cell: str, _: Fields) -> dict[str, Any]:
    return {"always": True, "week": {}} if is_always(cell) else {"always": False, "week": read_week(cell)}


def _truth(cell: str) -> bool | None:
    said = cell.lower()
    if said and said not in TRUE | FALSE:
        raise BadInput("Write yes, no or nothing.")
    return said in TRUE if said else None


def _words(field: str, language: str) -> Callable[[str, Fields], dict[str, Any]]:
    return lambda cell, fields: {field: {**getattr(fields, field), language: cell}}


def _list(field: str) -> Callable[[str, Fields], dict[str, Any]]:
    return lambda cell, _: {field: tuple(part for part in re.split(r"[,;\s]+", cell) if part)}


def _date(field: str) -> Callable[[str, Fields], dict[str, Any]]:
    """A spreadsheet may have made 22.11.2026 of 2026-11-22."""
    return lambda cell, _: {field: iso_day(cell)}


def _text(field: str) -> Callable[[str, Fields], dict[str, Any]]:
    return lambda cell, _: {field: cell}


DATES = ("checked_on", "closed_on")
TEXTS = ("name", "level", "address", "email", "web", "source_page", "source_law", "source_seen", "gaps")
LISTS = ("places", "topics", "languages")
WRITE: Mapping[str, Callable[[Fields], str]] = {
    "phones": lambda fields: "\n".join(_write_phone(phone) for phone in fields.phones),
    "hours": lambda fields: ALWAYS if fields.always else write_week(fields.week),
    "days": lambda fields: write_days(fields.days),
    "free": lambda fields: fields.free,
    "ask_first": lambda fields: YES if fields.ask_first else NO,
}
READ: Mapping[str, Callable[[str, Fields], dict[str, Any]]] = {
    **{name: _text(name) for name in TEXTS},
    **{name: _date(name) for name in DATES},
    **{name: _list(name) for name in LISTS},
    "phones": _read_phones,
    "hours": _read_hours,
    "days": lambda cell, _: {"days": tuple(read_days(cell))},
    "free": lambda cell, _: {"free": {True: YES, False: NO, None: ""}[_truth(cell)]},
    "ask_first": lambda cell, _: {"ask_first": bool(_truth(cell))},
    **{f"{field}_{code}": _words(field, code) for field in services.WORDS for code in ANSWER_LANGUAGES},
}
COLUMNS = (
    "slug", "name", "level", "places", "topics", "address", "phones", "email", "web", "hours", "days", "languages", "free",
    "ask_first", "checked_on", "closed_on", "source_page", "source_seen", "source_law", "gaps",
    *(f"{field}_{code}" for field in services.WORDS for code in ("de", "bg", "ro", "uk", "en")),
)  # fmt: skip
