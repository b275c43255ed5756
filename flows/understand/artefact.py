"""The trained artefact on disk: one npz of plain arrays (never pickle) with its JSON inside, named by the content's hash.

`ensure_artefact` trains in a subprocess, so that scikit-learn's 120 MB never enter the serving process.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flows.understand.corpus import Corpus, content_hash, read_corpus
from flows.understand.embed import Embedder, fingerprint

Arrays = dict[str, NDArray[Any]]
log = logging.getLogger(__name__)

TRAINING_SECONDS = 900  # far above what training takes (well under a minute); a stuck trainer must not block for ever
_KEEP = 3  # older artefacts that stay, for a rollback of content


class TrainingFailed(RuntimeError):
    """The training subprocess ended badly; the message is the end of what it printed."""


def pack_strings(strings: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(strings).encode(), dtype=np.uint8)


def unpack_strings(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n")


class PackedStrings:
    """Strings that are seldom read, kept as bytes: a third of the memory of a list."""

    def __init__(self, packed: NDArray[np.uint8]) -> None:
        self._bytes = packed
        self._ends = np.append(np.flatnonzero(packed == ord("\n")), len(packed)).astype(np.int32)

    def __getitem__(self, number: int) -> str:
        start = self._ends[number - 1] + 1 if number else 0
        return self._bytes[start : self._ends[number]].tobytes().decode()


def save(path: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Write beside the target and rename: a reader never sees half a file."""
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True).encode()
    partial = path.with_suffix(f".{os.getpid()}.part")
    stored: dict[str, Any] = {**arrays, "meta": np.frombuffer(text, dtype=np.uint8)}
    with partial.open("wb") as file:
        np.savez(file, **stored)
    os.replace(partial, path)


def load(path: Path) -> tuple[Arrays, dict[str, Any]]:
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    meta: dict[str, Any] = json.loads(arrays.pop("meta").tobytes().decode())
    return arrays, meta


def ensure_artefact(content_dir: Path, data_dir: Path, encoder: Path | None = None) -> Path:
    """The artefact of this content (and encoder), trained first where it is missing.

    Raises ContentError, TrainingFailed, BadEmbeddings.
    """
    name = "-".join([content_hash(content_dir), *([fingerprint(encoder)] if encoder else [])])
    path = data_dir / "understand" / f"{name}.npz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "train.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes that start together train once
        if not path.exists():
            if encoder:
                Embedder(encoder)  # a folder that can't be used is told of here, not by a trainer that fails later
            _train(read_corpus(content_dir), path, encoder)
            _tidy(path)
    return path


def _train(corpus: Corpus, path: Path, encoder: Path | None) -> None:
    log.info("the examples are new: learning from them takes about a minute")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        source = Path(folder) / "corpus.json"
        source.write_text(corpus.to_json(), encoding="utf-8")
        command = [sys.executable, "-m", "flows.understand.train", str(source), str(path)]
        command += [str(encoder)] if encoder else []
        root = str(Path(__file__).parents[2])
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=TRAINING_SECONDS, env=env, check=False)
    if done.returncode != 0:
        raise TrainingFailed(done.stderr[-2000:] or f"training ended with {done.returncode}")


def _tidy(newest: Path) -> None:
    old = sorted(newest.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in old[_KEEP + 1 :]:
        path.unlink(missing_ok=True)
