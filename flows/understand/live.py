"""The examples that a hub has published, kept as a content folder beside its artefacts: commands without a database read them.

`DATA_DIR/understand/live` leads to the folder in force, which is named by its content and never changes. Where it is missing, the
starter content's examples are live. Lists, signals and calibration messages are the starter content's in any case.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from flows.understand.artefact import ensure_artefact
from flows.understand.corpus import FOLDERS, Texts, content_hash, read_corpus
from flows.understand.embed import fingerprint

LINK = "live"
_EXAMPLES = FOLDERS[0]
_KEPT = 4  # folders that stay: what was trained from an older one serves until the newest is learnt
_NICE = 10  # people who write come before learning


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Who reads the database and keeps what it found does so alone on this host: the last to write has read last."""
    _home(data_dir).mkdir(parents=True, exist_ok=True)
    with (_home(data_dir) / "live.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep(data_dir: Path, examples: Mapping[str, Texts] | None) -> None:
    """Make these (by topic) the live examples; None: the starter content's. Readers see all or nothing."""
    link = _home(data_dir) / LINK
    if examples is None:
        link.unlink(missing_ok=True)
        return
    files = {f"{topic}.yaml": json.dumps(texts, ensure_ascii=False, indent=0) for topic, texts in examples.items()}
    name = hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()[:16]
    folder = _home(data_dir) / f"{LINK}.{name}"
    if not folder.exists():
        _write(folder, files)
    os.utime(folder)
    partial = link.with_suffix(".link")
    partial.unlink(missing_ok=True)
    partial.symlink_to(folder.name)
    os.replace(partial, link)
    for old in _folders(data_dir)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def folder_in_force(content_dir: Path, data_dir: Path) -> Path:
    """The content folder to learn from."""
    link = _home(data_dir) / LINK
    return link.resolve() if link.exists() else content_dir


def artefact_at(folder: Path, data_dir: Path, encoder: Path | None) -> Path:
    """Where `ensure_artefact` puts what is learnt from a folder."""
    name = "-".join([content_hash(folder), *([fingerprint(encoder)] if encoder else [])])
    return _home(data_dir) / f"{name}.npz"


def best_artefact(content_dir: Path, data_dir: Path, encoder: Path | None) -> tuple[Path, bool]:
    """(artefact, whether it is of the examples in force): the newest there is, trained now only where there is none."""
    wanted = folder_in_force(content_dir, data_dir)
    for folder in dict.fromkeys([wanted, *_folders(data_dir), content_dir]):
        if (path := artefact_at(folder, data_dir, encoder)).exists():
            return path, folder == wanted
    return ensure_artefact(wanted, data_dir, encoder), True


def not_yet_learnt(content_dir: Path, data_dir: Path, encoder: Path | None) -> Path | None:
    """The folder in force, where no artefact is of it."""
    wanted = folder_in_force(content_dir, data_dir)
    return None if artefact_at(wanted, data_dir, encoder).exists() else wanted


def rows_of(folder: Path) -> list[tuple[str, str]]:
    """(message, topic) of a content folder."""
    return [(text, topic) for text, topic, _ in read_corpus(folder).rows()]


def learning_command(folder: Path, data_dir: Path, encoder: Path | None) -> list[str]:
    """A process that learns from a folder and ends; one at a time on this host, after everything else."""
    return [
        sys.executable,
        "-m",
        "flows.understand.live",
        str(folder),
        str(data_dir),
        *([str(encoder)] if encoder else []),
    ]


def _home(data_dir: Path) -> Path:
    return data_dir / "understand"


def _folders(data_dir: Path) -> list[Path]:
    """All that were in force, the newest first."""
    found = [path for path in _home(data_dir).glob(f"{LINK}.*") if path.is_dir() and not path.is_symlink()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".live-", dir=folder.parent))
    (partial / _EXAMPLES).mkdir()
    for name, text in files.items():
        (partial / _EXAMPLES / name).write_text(text, encoding="utf-8")
    partial.chmod(0o755)
    partial.rename(folder)


def main(arguments: list[str]) -> int:
    os.nice(_NICE)
    folder, data_dir, *encoder = (Path(argument) for argument in arguments)
    ensure_artefact(folder, data_dir, encoder[0] if encoder else None)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
