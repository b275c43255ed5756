"""All texts of a flow for translators: as rows, as CSV and PO, and back. A file changes words only, all of it or nothing."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from app.errors import BadInput
from flows.dialogue.editing import Edited
from flows.dialogue.exits import items_of, nodes_of, option_name, reading_order
from flows.model import ANSWER_LANGUAGES, PLACEHOLDER

BASE = "de"
TRANSLATED = tuple(code for code in ANSWER_LANGUAGES if code != BASE)
BRACES = re.compile(r"\{[^{}]*\}?|\}")
FILE_CHARS = 1_000_000
MARKS = "marks"  # the column with a fingerprint of each text, so that a newer one is not overwritten
MARK = "mark: "
SHOWN = 20  # mistakes: who has more has the wrong file


@dataclass(frozen=True, slots=True)
class Row:
    """One text in all languages. `node` is empty for the flow's own."""

    key: str  # 'nodes.job.text', 'nodes.papers.option:eu'
    node: str
    what: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mistake:
    line: int
    message: str
    detail: Mapping[str, object]


class Refused(BadInput):
    """The file was not taken: `mistakes` say why, line by line."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("Nothing was taken from the file. First these lines must be mended:")
        self.mistakes = mistakes[:SHOWN]


@dataclass(frozen=True, slots=True)
class Change:
    line: int
    key: str
    language: str
    text: str
    unsure: bool = False  # a translator marked it so
    mark: str = ""  # of the text that was there when the file was made; empty in a file that was made by hand


@dataclass(frozen=True, slots=True)
class Newer:
    """A text that was changed in the draft and in the file since the file was made. `name` is what a form says it by."""

    row: Row
    language: str
    here: str
    file: str

    @property
    def name(self) -> str:
        return f"{self.row.key}/{self.language}"


class Undecided(BadInput):
    """Somebody must choose: the file's words, or the newer ones of the draft."""

    def __init__(self, newer: list[Newer]) -> None:
        super().__init__("Some texts were changed here since the file was made. Choose for each.")
        self.newer = newer


def rows(data: Mapping[str, Any]) -> list[Row]:
    """In the order of walking."""
    return [Row(key, node, what, dict(words)) for key, node, what, words in _places(data)]


def to_csv(data: Mapping[str, Any], states: Mapping[str, str]) -> str:
    """One line a text. The columns with the state of a language are only for reading."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    languages = (BASE, *TRANSLATED)
    writer.writerow(["key", *languages, *(f"{code} state" for code in languages), MARKS])
    for row in rows(data):
        marks = " ".join(f"{c}={mark(row.words.get(c, ''))}" for c in languages)
        told = [states.get(c, "") for c in languages]
        writer.writerow([row.key, *(row.words.get(c, "") for c in languages), *told, marks])
    return out.getvalue()


def to_po(data: Mapping[str, Any], language: str, *, approved: bool) -> bytes:
    """From German. What nobody has approved yet is fuzzy."""
    catalog = Catalog(locale=language, project=str(data.get("flow", "")), fuzzy=False)
    for row in rows(data):
        text = row.words.get(language, "")
        flags = ["fuzzy"] if text and not approved else []
        catalog.add(
            row.words.get(BASE) or row.key, text, context=row.key, flags=flags, auto_comments=[MARK + mark(text)]
        )
    out = io.BytesIO()
    write_po(out, catalog, width=0)
    return out.getvalue()


def from_csv(text: str) -> list[Change]:
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";" if ";" in text.split("\n")[0] else ",")
    try:
        head = [name.strip() for name in next(lines, [])]
        if "key" not in head or not set(head) & set(ANSWER_LANGUAGES):
            raise BadInput("The first line of the file must name the columns: key, de, bg, ro, uk, en.")
        found: list[Change] = []
        for cells in lines:
            named = dict(zip(head, cells, strict=False))
            if any(cells):
                key = named.get("key", "").strip()
                marks = dict(each.split("=", 1) for each in named.get(MARKS, "").split() if "=" in each)
                here = [c for c in ANSWER_LANGUAGES if c in named]
                found += [Change(lines.line_num, key, c, named[c], mark=marks.get(c, "")) for c in here]
        return found
    except csv.Error:
        raise BadInput("This file can't be read as CSV.") from None


def from_po(text: str) -> list[Change]:
    """The language stands in the file's header."""
    try:
        catalog = read_po(io.StringIO(text), abort_invalid=True)
    except (PoFileError, ValueError, UnicodeError):
        raise BadInput("This file can't be read as PO.") from None
    language = str(catalog.locale or "")[:2]
    if language not in TRANSLATED:
        raise BadInput("The file doesn't say its language: a line such as “Language: ro” is needed.")
    return [
        Change(
            message.lineno or 0, message.context or "", language, str(message.string), message.fuzzy, _mark_of(message)
        )
        for message in catalog
        if message.id and message.string
    ]


def decide(data: Mapping[str, Any], changes: list[Change], choices: Mapping[str, str]) -> list[Change]:
    """Without what the draft has newer words for. Raises Undecided where file and draft were both changed since.

    `choices`: the name of a Newer -> 'mine' (the file's words) or 'theirs'.
    """
    known = {row.key: row for row in rows(data)}
    found: list[Change] = []
    newer: list[Newer] = []
    for each in changes:
        row, text = known.get(each.key), _clean(each.text)
        here = row.words.get(each.language, "") if row else ""
        if row is None or not each.mark or each.mark == mark(here) or text in ("", here):
            found.append(each)
        elif mark(text) != each.mark:  # else the translator left it as it was, and the draft went on
            both = Newer(row, each.language, here, text)
            if choices.get(both.name) == "mine":
                found.append(each)
            elif choices.get(both.name) != "theirs":
                newer.append(both)
    if newer:
        raise Undecided(newer)
    return found


def mark(text: str) -> str:
    return hashlib.sha256(_clean(text).encode()).hexdigest()[:10]


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _mark_of(message: Message) -> str:
    return next((each.removeprefix(MARK) for each in message.auto_comments if each.startswith(MARK)), "")


def take(data: Mapping[str, Any], changes: list[Change]) -> Edited:
    """The flow with the changed words. An empty cell changes nothing. Raises Refused: nothing is taken half."""
    made = deepcopy(dict(data))
    known = {key: words for key, _, _, words in _places(made)}
    mistakes: list[Mistake] = []
    base = {each.key: each.text for each in changes if each.language == BASE and each.text.strip()}
    for each in changes:
        text = _clean(each.text)
        if each.key not in known:
            if not mistakes or mistakes[-1].line != each.line:
                mistakes.append(Mistake(each.line, "There is no text “{key}” in this flow.", {"key": each.key[:60]}))
            continue
        words = known[each.key]
        if not text or text == words.get(each.language):
            continue
        german = base.get(each.key) or words.get(BASE, "")
        if wrong := _braces(text, text if each.language == BASE else german):
            mistakes.append(Mistake(each.line, *wrong))
        else:
            words[each.language] = text
    if mistakes:
        raise Refused(mistakes)
    return Edited(made)


def unsure(data: Mapping[str, Any], changes: list[Change]) -> tuple[str, ...]:
    """Languages in which something changes that its translator was not sure of."""
    known = {row.key: row.words for row in rows(data)}
    return tuple(
        sorted({e.language for e in changes if e.unsure and e.text.strip() != known.get(e.key, {}).get(e.language)})
    )


def _braces(text: str, german: str) -> tuple[str, dict[str, object]] | None:
    """What is wrong with what is filled in, such as {minimum_wage}."""
    for found in BRACES.findall(text):
        if not PLACEHOLDER.fullmatch(found):
            return "“{part}” can't be filled in: a name in braces has small letters and _ only.", {"part": found[:40]}
    here, wanted = set(PLACEHOLDER.findall(text)), set(PLACEHOLDER.findall(german))
    if missing := sorted(wanted - here):
        return "{{{name}}} is missing, which the German text has.", {"name": missing[0]}
    if strange := sorted(here - wanted):
        return "{{{name}}} is not in the German text.", {"name": strange[0]}
    return None


def _places(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """(key, node, what, words) of every text. Words that are there can be changed in place."""
    if isinstance(data.get("label"), dict):
        yield "label", "", "label", data["label"]
    nodes = nodes_of(data)
    for name in reading_order(data):
        node = nodes[name]
        for what in ("text", "sms", "again"):
            if isinstance(node.get(what), dict):
                yield f"nodes.{name}.{what}", name, what, node[what]
        for place, line in enumerate(items_of(node)):
            if isinstance(line, dict) and isinstance(line.get("label"), dict):
                own = f"item:{line.get('item') or place}" if "item" in line else option_name(line, place)
                yield f"nodes.{name}.{own}", name, "label", line["label"]
