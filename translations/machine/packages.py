"""Argos packages in a folder: install from a file, list, remove, while other processes translate with them.

Layout: `<folder>/<source>_<target>/hub.json` says what is installed, with version and checksum; beside it a folder named by the
checksum holds what the package's one top folder held. Replacing that one file is the whole exchange.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

MOST_BYTES = 2_000_000_000  # unpacked; the largest packages of the public index have a tenth of it
MOST_FILES = 2000
RECEIPT = "hub.json"
_CODE = re.compile(r"[a-z]{2,3}\Z")
_VERSION = re.compile(r"[\w.+-]{1,40}\Z")


class BadPackage(ValueError):
    """The file is no package that can be used; `message` says why, in words for an operator, to be filled in with `detail`."""

    def __init__(self, message: str, **detail: object) -> None:
        super().__init__(message.format_map(detail))
        self.message, self.detail = message, detail


@dataclass(frozen=True, slots=True)
class Installed:
    """One direction. `checksum`: SHA-256 of the file that was installed; `size`: bytes on disk; `weights`: those of the model."""

    source: str
    target: str
    version: str
    checksum: str
    size: int
    weights: int
    at: str  # ISO 8601

    @property
    def pair(self) -> str:
        return f"{self.source}_{self.target}"

    def place(self, folder: Path) -> Path:
        """Where its files lie."""
        return folder / self.pair / self.checksum


def install(file: Path, folder: Path, try_out: Callable[[Path], None]) -> Installed:
    """`try_out` is given the unpacked folder and raises where the model can't be used; only then the old one gives way."""
    if not file.is_file():
        raise BadPackage("There is no file {name}.", name=str(file))
    if not zipfile.is_zipfile(file):
        raise BadPackage("{name} is no Argos package: those are zip files that end in .argosmodel.", name=file.name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
        top = _unpack(file, Path(temporary))
        made = _described(top, file)
        try:
            try_out(top)
        except Exception as error:
            raise BadPackage("{name} is damaged: its model can't be loaded.", name=file.name) from error
        with _locked(folder):
            _put(top, made, folder, Path(temporary))
    return made


def installed(folder: Path) -> list[Installed]:
    """By pair. What isn't a package that we installed is passed over: a stray folder must not stop the others."""
    found = []
    for receipt in sorted(folder.glob(f"*_*/{RECEIPT}")):
        try:
            each = Installed(**json.loads(receipt.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if each.pair == receipt.parent.name:
            found.append(each)
    return found


def remove(pair: str, folder: Path) -> None:
    """Raises BadPackage where it isn't installed."""
    if pair not in {each.pair for each in installed(folder)}:
        raise BadPackage("{name} is not installed.", name=pair)
    with _locked(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".old-") as temporary:
        os.replace(folder / pair, Path(temporary) / pair)  # gone at once for whoever looks


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One change at a time, also of another process."""
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _described(top: Path, file: Path) -> Installed:
    source, target, version = _metadata(top, file.name)
    with file.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    size = sum(path.stat().st_size for path in top.rglob("*") if path.is_file())
    weights = sum(path.stat().st_size for path in top.glob("model/*") if path.is_file())
    return Installed(source, target, version, checksum, size, weights, datetime.now(UTC).isoformat(timespec="seconds"))


def _unpack(file: Path, temporary: Path) -> Path:
    """The package's one top folder."""
    try:
        with zipfile.ZipFile(file) as packed:
            _check(packed, file.name, temporary)
            packed.extractall(temporary)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise BadPackage("{name} is damaged and can't be unpacked. Fetch it again.", name=file.name) from error
    tops = [path for path in temporary.iterdir() if path.is_dir()]
    if len(tops) != 1:
        raise BadPackage("{name} is no Argos package: it must hold exactly one folder.", name=file.name)
    return tops[0]


def _check(packed: zipfile.ZipFile, name: str, temporary: Path) -> None:
    members = packed.infolist()
    unpacked = sum(member.file_size for member in members)  # no more than announced is ever unpacked
    if len(members) > MOST_FILES or unpacked > MOST_BYTES:
        raise BadPackage(
            "{name} unpacks to more than {gb} GB or {files} files. It was not installed.",
            name=name,
            gb=MOST_BYTES // 10**9,
            files=MOST_FILES,
        )
    if unpacked > shutil.disk_usage(temporary).free:
        raise BadPackage(
            "{name} needs {mb} MB, and the disk has less. It was not installed.", name=name, mb=unpacked // 10**6
        )
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts:
            raise BadPackage("{name} would write outside its folder. It was not installed.", name=name)


def _metadata(top: Path, name: str) -> tuple[str, str, str]:
    try:
        data = json.loads((top / "metadata.json").read_text(encoding="utf-8"))
        source, target, version = (str(data[key]) for key in ("from_code", "to_code", "package_version"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadPackage(
            "{name} has no readable metadata.json with from_code, to_code and package_version.", name=name
        ) from error
    if not (_CODE.match(source) and _CODE.match(target)):
        raise BadPackage("{name} names languages that are no language codes.", name=name)
    if source == target or not _VERSION.match(version):
        raise BadPackage("{name} names one language twice, or has no version.", name=name)
    return source, target, version


def _put(top: Path, made: Installed, folder: Path, temporary: Path) -> None:
    place = made.place(folder)
    place.parent.mkdir(exist_ok=True)
    if place.exists():  # installed once more: perhaps because its files were spoilt
        os.replace(place, temporary / "before")
    os.replace(top, place)
    (temporary / RECEIPT).write_text(json.dumps(asdict(made)), encoding="utf-8")
    os.replace(temporary / RECEIPT, place.parent / RECEIPT)
    for other in place.parent.iterdir():
        if other.is_dir() and other != place:
            shutil.rmtree(other, ignore_errors=True)
