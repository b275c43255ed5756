"""Reads content from a folder of YAML files, and writes it back.

`places.yaml`, `figures.yaml`, `entries/<topic>.yaml`, and lists in `services/*.yaml` and `templates/*.yaml`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from flows.model import Entry, Figure, MessageTemplate, Place, Service, Strict

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there

LIST_FILES = {
    "figure": "figures.yaml",
    "place": "places.yaml",
    "service": "services/all.yaml",
    "template": "templates/all.yaml",
}

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

    def pieces(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(kind, key, data) of everything, as it is stored."""
        named: tuple[tuple[str, Sequence[Strict], str], ...] = (
            ("entry", self.entries, "topic"),
            ("figure", self.figures, "key"),
            ("place", self.places, "slug"),
            ("service", self.services, "slug"),
            ("template", self.templates, "key"),
        )
        for kind, models, key in named:
            for model in models:
                yield kind, getattr(model, key), model.model_dump(mode="json")


def read_content(folder: Path) -> Content:
    """Everything in a content folder. Raises BadContent."""
    if not (folder / "places.yaml").is_file():
        raise BadContent(f"{folder} has no places.yaml: is it a content folder?")
    entries = []
    for path in sorted((folder / "entries").glob("*.yaml")):
        entry = _read(path, Entry, _parse(path))
        if entry.topic != path.stem:
            raise BadContent(f"{path.name}: the topic inside is {entry.topic}, but the file is named {path.stem}")
        entries.append(entry)
    return Content(
        tuple(entries),
        tuple(_read_list(folder / "figures.yaml", Figure)),
        tuple(_read_list(folder / "places.yaml", Place)),
        tuple(_read_folder(folder / "services", Service)),
        tuple(_read_folder(folder / "templates", MessageTemplate)),
    )


def write_content(folder: Path, pieces: Iterable[tuple[str, str, dict[str, Any]]]) -> int:
    """Write (kind, key, data) as the files that `read_content` reads; how many pieces were written."""
    lists: dict[str, list[dict[str, Any]]] = {kind: [] for kind in LIST_FILES}
    (folder / "entries").mkdir(parents=True, exist_ok=True)
    count = 0
    for kind, key, data in pieces:
        if kind == "entry":
            _write(folder / "entries" / f"{key}.yaml", data)
        elif kind in lists:
            lists[kind].append(data)
        count += 1
    for kind, name in LIST_FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        _write(folder / name, lists[kind])
    return count


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
