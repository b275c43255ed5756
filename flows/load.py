"""Reads content from a folder of YAML files, and writes it back.

`places.yaml`, `figures.yaml`, `fields.yaml`, `glossary.yaml`; one file a piece in `entries/`, `flows/` and `letters/`; lists in
`services/`, `templates/` and `canned/`; messages per topic in `examples/`; pictures, recordings and forms in `files/`;
dialogues as text in `transcripts/`.
"""

import mimetypes
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from flows.canned import CannedReply
from flows.dialogue.graph import Flow, FlowField, LetterTemplate
from flows.examples import Examples, examples_from_file
from flows.model import (
    FILE_BYTES,
    ContentFile,
    Entry,
    Figure,
    MessageTemplate,
    Place,
    Service,
    StoredTranscript,
    Strict,
)
from flows.terms import GlossaryTerm
from flows.understand.corpus import ContentError, read_texts
from translations.glossary import GLOSSARY

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there

LIST_FILES = {
    "figure": "figures.yaml",
    "place": "places.yaml",
    "field": "fields.yaml",
    "service": "services/all.yaml",
    "template": "templates/all.yaml",
    "canned": "canned/all.yaml",
    "term": "glossary.yaml",
}
FILES = "files"
TRANSCRIPTS = "transcripts"
EXAMPLES = "examples"
FOLDERS = {"entry": "entries", "flow": "flows", "letter": "letters"}
"""Kinds with a file for each piece, named by its key."""
KEYS = {
    "entry": "topic", "flow": "flow", "letter": "letter", "file": "name", "place": "slug", "service": "slug",
    "canned": "shortcut", "term": "de", "transcript": "name", "examples": "topic",
}  # fmt: skip
"""Which field names a piece; of all other kinds it is `key`."""
EVERY_MODEL: Mapping[str, type[Strict]] = {
    "entry": Entry, "figure": Figure, "place": Place, "service": Service, "template": MessageTemplate, "flow": Flow,
    "field": FlowField, "letter": LetterTemplate, "file": ContentFile, "canned": CannedReply, "term": GlossaryTerm,
    "transcript": StoredTranscript,
    "examples": Examples,
}  # fmt: skip

Model = TypeVar("Model", bound=Strict)


class BadContent(Exception):
    """A file can't be read as content; the message names file, field and reason for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Content:
    entries: tuple[Entry, ...]
    figures: tuple[Figure, ...]
    places: tuple[Place, ...]
    services: tuple[Service, ...] = ()
    templates: tuple[MessageTemplate, ...] = ()
    flows: tuple[Flow, ...] = ()
    fields: tuple[FlowField, ...] = ()
    letters: tuple[LetterTemplate, ...] = ()
    files: tuple[ContentFile, ...] = ()
    canned: tuple[CannedReply, ...] = ()
    terms: tuple[GlossaryTerm, ...] = ()
    transcripts: tuple[StoredTranscript, ...] = ()
    examples: tuple[Examples, ...] = ()

    def pieces(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(kind, key, data) of everything, as it is stored."""
        named: Mapping[str, Sequence[Strict]] = {
            "entry": self.entries,
            "figure": self.figures,
            "place": self.places,
            "service": self.services,
            "template": self.templates,
            "field": self.fields,
            "letter": self.letters,
            "file": self.files,
            "flow": self.flows,
            "canned": self.canned,
            "term": self.terms,
            "transcript": self.transcripts,
            "examples": self.examples,
        }
        for kind, models in named.items():
            for model in models:
                yield kind, getattr(model, KEYS.get(kind, "key")), model.model_dump(mode="json")


def read_content(folder: Path) -> Content:
    """Everything in a content folder. Raises BadContent."""
    if not (folder / "places.yaml").is_file():
        raise BadContent(f"{folder} has no places.yaml: is it a content folder?")
    return Content(
        entries=_read_files(folder, "entry", Entry),
        figures=tuple(_read_list(folder / "figures.yaml", Figure)),
        places=tuple(_read_list(folder / "places.yaml", Place)),
        services=tuple(_read_folder(folder / "services", Service)),
        templates=tuple(_read_folder(folder / "templates", MessageTemplate)),
        flows=_read_files(folder, "flow", Flow),
        fields=tuple(_read_list(folder / "fields.yaml", FlowField)),
        letters=_read_files(folder, "letter", LetterTemplate),
        files=tuple(_read_file(path) for path in sorted((folder / FILES).glob("*.*"))),
        canned=tuple(_read_folder(folder / "canned", CannedReply)),
        terms=tuple(_read_list(_glossary(folder), GlossaryTerm)),
        transcripts=tuple(_read_transcript(path) for path in sorted((folder / TRANSCRIPTS).glob("*.txt"))),
        examples=tuple(read_examples(path) for path in sorted((folder / EXAMPLES).glob("*.yaml"))),
    )


def write_content(folder: Path, pieces: Iterable[tuple[str, str, dict[str, Any]]]) -> int:
    """Write (kind, key, data) as the files that `read_content` reads; how many pieces were written.

    Raises BadContent, after all else is written, with what no file can hold: nothing may be lost without a word.
    """
    lists: dict[str, list[dict[str, Any]]] = {kind: [] for kind in LIST_FILES}
    for name in FOLDERS.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    count, lost = 0, []
    for kind, key, data in pieces:
        if kind in FOLDERS:
            _write(folder / FOLDERS[kind] / f"{key}.yaml", whole(kind, data))
        elif kind == "file" and mimetypes.guess_type(key)[0] == data["mime"]:
            (folder / FILES).mkdir(exist_ok=True)
            (folder / FILES / key).write_bytes(b64decode(data["content"]))
        elif kind == "transcript":
            write_transcript(folder, StoredTranscript.model_validate(data))
        elif kind == "examples":
            (folder / EXAMPLES).mkdir(exist_ok=True)
            _write(folder / EXAMPLES / f"{key}.yaml", data["texts"])
        elif kind in lists:
            lists[kind].append(whole(kind, data))
        else:
            lost.append(f"{kind} {key}")
        count += 1
    for kind, name in LIST_FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        _write(folder / name, lists[kind])
    if lost:
        raise BadContent(f"These could not be written, all others were: {', '.join(lost)}")
    return count


def write_transcript(folder: Path, transcript: StoredTranscript) -> None:
    (folder / TRANSCRIPTS).mkdir(exist_ok=True)
    (folder / TRANSCRIPTS / f"{transcript.name}.txt").write_text(f"{transcript.text}\n", encoding="utf-8")


def whole(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """With all fields of its kind, so that what one form left out is no difference; as it is where it can't be read."""
    if kind in EVERY_MODEL and data:
        try:
            return EVERY_MODEL[kind].model_validate(data).model_dump(mode="json")
        except ValidationError:
            pass
    return dict(data)


def _glossary(folder: Path) -> Path:
    """The folder's own; else the starter one, which lies with the machine that uses it."""
    own = folder / LIST_FILES["term"]
    return own if own.exists() else GLOSSARY


def _read_files(folder: Path, kind: str, model: type[Model]) -> tuple[Model, ...]:
    """A file for each piece; its name must be the key inside, or two files could fight for one place."""
    found = []
    for path in sorted((folder / FOLDERS[kind]).glob("*.yaml")):
        piece = _read(path, model, _parse(path))
        key = getattr(piece, KEYS[kind])
        if key != path.stem:
            raise BadContent(f"{path.name}: the {KEYS[kind]} inside is {key}, but the file is named {path.stem}")
        found.append(piece)
    return tuple(found)


def _read_file(path: Path) -> ContentFile:
    """What it is is told by its name."""
    data = path.read_bytes()
    if len(data) > FILE_BYTES:
        raise BadContent(f"{path.name}: has {len(data)} bytes, more than {FILE_BYTES} take too long to open on a phone")
    mime = mimetypes.guess_type(path.name)[0]
    return _read(path, ContentFile, {"name": path.name, "mime": mime, "content": b64encode(data).decode()})


def _read_transcript(path: Path) -> StoredTranscript:
    return _read(path, StoredTranscript, {"name": path.stem, "text": path.read_text(encoding="utf-8")})


def read_examples(path: Path) -> Examples:
    """Languages, each with a list of messages; the topic is the file's name. Raises BadContent."""
    try:
        texts = read_texts(path)
    except ContentError as error:
        raise BadContent(str(error)) from None
    return _read(path, Examples, examples_from_file(path.stem, texts))


def _read_folder(folder: Path, model: type[Model]) -> list[Model]:
    """A folder of lists, such as one file per place."""
    return [item for path in sorted(folder.glob("*.yaml")) for item in _read_list(path, model)]


def _read_list(path: Path, model: type[Model]) -> Sequence[Model]:
    if not path.exists():
        return []
    data = _parse(path)
    if not isinstance(data, list):
        raise BadContent(f"{path.name}: a list is expected")
    return [_read(path, model, item) for item in data]


def _read(path: Path, model: type[Model], data: object) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise BadContent("\n".join(lines)) from None


def _parse(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - it is a safe loader
    except yaml.YAMLError as error:
        raise BadContent(f"{path.name}: not readable as YAML: {error}") from None


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, so that a change of one line is one line of the difference."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent)


def _write(path: Path, data: object) -> None:
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    path.write_text(text, encoding="utf-8")
