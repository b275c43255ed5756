"""The content that understanding learns from: example messages, near misses, signals, calibration messages, and lists."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from translations import identify, script

CONTENT_DIR = Path(__file__).parents[1] / "content"
NONE = "none"
"""The class of messages that no topic answers."""

LISTS = ("intents.yaml", "danger.yaml")
FOLDERS = ("examples", "signals", "calibration")
DOUBT = "doubt"
"""Messages that could be urgent or not: nothing is learnt from them but their topic."""

Texts = Mapping[str, tuple[str, ...]]  # language -> messages
# Reads every scalar as text, so that a list of words may hold no, yes, on and 112 without quotes; builds plain data only.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# Code that shapes what is learnt: a change there makes an artefact stale, without anybody having to remember a number.
_SHAPING = (
    "normalise.py", "phrases.py", "features.py", "match.py", "signals.py", "danger.py", "train.py", "calibrate.py", "artefact.py",
    "embed.py",
)  # fmt: skip


class ContentError(ValueError):
    """A content file can't be used; the message names the file and what to mend."""


@dataclass(frozen=True)
class Corpus:
    """All that training reads; plain data, so that its JSON is stable."""

    examples: Mapping[str, Texts]  # by topic
    none: Texts
    # By kind of danger, "deadline", "calm", "intent.…", DOUBT.
    signals: Mapping[str, Texts] = field(default_factory=dict)
    calibration: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)  # by language, then label
    intents: Mapping[str, Any] = field(default_factory=dict)
    danger: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Corpus":
        data = json.loads(text)
        named = {name: {key: _texts(texts) for key, texts in data[name].items()} for name in FOLDERS}
        return cls(none=_texts(data["none"]), intents=data["intents"], danger=data["danger"], **named)

    def rows(self) -> list[tuple[str, str, str]]:
        """(message, topic, language), sorted, duplicates gone: the same content gives the same artefact."""
        found = {(text, NONE, lang) for lang, texts in self.none.items() for text in texts}
        for topic, texts in self.examples.items():
            found |= {(text, topic, lang) for lang, messages in texts.items() for text in messages}
        return sorted(found)

    def signal_rows(self) -> list[tuple[str, str]]:
        """(message, kind), sorted: the signals, and every topic's examples as what is no signal ("")."""
        found = {text: kind for kind, texts in self.signals.items() for messages in texts.values() for text in messages}
        found |= {text: "" for text, _, _ in self.rows() if text not in found}
        return sorted((text, kind) for text, kind in found.items() if kind != DOUBT)


def _texts(value: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {lang: tuple(str(message) for message in messages) for lang, messages in value.items()}


def read_yaml(path: Path) -> Any:
    """A YAML file's plain data; {} where the file is missing."""
    if not path.exists():
        return {}
    try:
        return yaml.load(path.read_bytes(), Loader=_Loader) or {}  # noqa: S506 - BaseLoader knows strings, lists and maps
    except yaml.YAMLError as error:
        raise ContentError(f"{path.name}: {error}") from error


def read_texts(path: Path) -> dict[str, tuple[str, ...]]:
    """An example file: languages, each with a list of messages."""
    data = read_yaml(path)
    unknown = set(data) - set(identify.LANGUAGES)
    if unknown:
        raise ContentError(f"{path.name}: unknown language {', '.join(sorted(unknown))}")
    for lang, messages in data.items():
        if not isinstance(messages, list) or not all(isinstance(m, str) and m.strip() for m in messages):
            raise ContentError(f"{path.name}: '{lang}' must be a list of messages")
    return _texts(data)


def _rest(content_dir: Path) -> Path:
    """Where all but the examples lies: a folder that holds nothing else (`live`) goes with the starter content."""
    own = any((content_dir / name).exists() for name in (*FOLDERS[1:], *LISTS))
    return content_dir if own else CONTENT_DIR


def read_corpus(content_dir: Path = CONTENT_DIR) -> Corpus:
    """The starter content, a folder of the same shape, or one with other examples only."""
    folder = content_dir / "examples"
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ContentError(f"no example messages in {folder}")
    texts = {path.stem: read_texts(path) for path in files}
    rest = _rest(content_dir)
    signals = {path.stem: read_texts(path) for path in sorted((rest / "signals").glob("*.yaml"))}
    calibration = {path.stem: _texts(read_yaml(path)) for path in sorted((rest / "calibration").glob("*.yaml"))}
    intents, danger = (read_yaml(rest / name) for name in LISTS)
    none = texts.pop(NONE, {})
    return Corpus(texts, none, signals, calibration, intents, danger)


@lru_cache(maxsize=1)
def _shape() -> bytes:
    """The bytes of the code and seeds that shape an artefact."""
    here = Path(__file__).parent
    files = [here / name for name in _SHAPING]
    files += [Path(module.__file__ or "") for module in (identify, script)]
    files += sorted((Path(identify.__file__ or "").parent / "seeds").glob("*.txt"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.digest()


def content_hash(content_dir: Path = CONTENT_DIR) -> str:
    """Sixteen hex digits that change with the content or with the code that learns from it.

    Of the files' bytes: every start asks for it, and parsing them takes a hundred times as long.
    """
    digest = hashlib.sha256(_shape())
    rest = _rest(content_dir)
    homes = {folder: content_dir if folder == FOLDERS[0] else rest for folder in FOLDERS}
    files = [path for folder in FOLDERS for path in sorted((homes[folder] / folder).glob("*.yaml"))]
    for path in [*files, *(rest / name for name in LISTS)]:
        data = path.read_bytes() if path.exists() else b""
        digest.update(f"{path.parent.name}/{path.name} {len(data)} ".encode() + data)
    return digest.hexdigest()[:16]
