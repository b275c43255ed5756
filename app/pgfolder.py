"""What the embedded PostgreSQL has in DATA_DIR: locks, cluster, socket folder, log; `app.embedded` runs it."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from app.errors import Unavailable
from app.pgbinaries import Account, Programs, run_as

BUILTIN_LOCALES_SINCE = 17
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103  # bytes; Linux takes 107, macOS 103
WAL_SEGMENT = 16_777_216  # bytes, which a server may ask for at any time
NEW_CLUSTER = 60_000_000  # bytes, with the first of those
DISK_FULL = "The disk of {} is full, PostgreSQL can't start. Free some space and start again."
LOG_LIMIT = 10_000_000  # bytes, judged at every start
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # only names the socket
    "max_connections": "100",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is small in containers, and logging out may clear the others
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors of statements may quote what people wrote, even without their statement; our side reports them.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_checkpoints": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
}


class FileLock:
    """flock ends with its process, however that ends; the file's text is only a note to others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Tries once, without waiting."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_to_owner_of_folder(self.path)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write(self, note: Mapping[str, object]) -> None:
        assert self._descriptor is not None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(note).encode(), 0)

    def read(self) -> dict[str, object]:
        """Empty while the holder is just writing it."""
        try:
            note = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}


def ensure_cluster(cluster: Path, programs: Programs, account: Account) -> None:
    """Makes the data folder if it is missing, whole or not at all; raises `Unavailable` if it has another version."""
    try:
        existing = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        _make_cluster(cluster, programs, account)
        return
    if existing != str(programs.major):
        raise Unavailable(
            f"{cluster} was made by PostgreSQL {existing}, but version {programs.major} is installed. Install the "
            "hub's earlier version, back up with it, move the folder away, and restore the backup with this version."
        )


def _make_cluster(cluster: Path, programs: Programs, account: Account) -> None:
    fresh = cluster.with_name(cluster.name + ".new")
    if fresh.exists():  # left by an attempt that was cut off
        shutil.rmtree(fresh)
    if shutil.disk_usage(cluster.parent).free < NEW_CLUSTER:
        raise Unavailable(DISK_FULL.format(cluster))
    make_private_folder(fresh, account)
    # LC_CTYPE must know letters: with C, full-text search takes „quotes“ and dashes for parts of words.
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    flags = ["-U", "hub", "-E", "UTF8", f"--locale={locale}", "--data-checksums"]
    if programs.major >= BUILTIN_LOCALES_SINCE:
        flags += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    flags += ["--auth-local=trust", "--auth-host=reject"]
    made = run_as(account, programs.folder / "initdb", *flags, "-D", str(fresh))
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Unavailable(explain(made.stderr, cluster))
    fresh.rename(cluster)
    folder = os.open(cluster.parent, os.O_RDONLY)
    os.fsync(folder)  # else a power cut may bring the old name back, and the next start would clear it away
    os.close(folder)


def is_passing(words: str) -> bool:
    """The previous server, or what is left of it, is still on its way out."""
    return re.search(r'lock file "[^"]*" already exists|pre-existing shared memory', words) is not None


def explain(words: str, cluster: Path) -> str:
    """What an operator can do about the last words of a program; those hold no personal text."""
    if "No space left" in words or shutil.disk_usage(cluster.parent).free < WAL_SEGMENT:
        return DISK_FULL.format(cluster)
    if is_passing(words):
        return (
            f"Another PostgreSQL still runs on {cluster} and was not started by this hub. Stop it first; "
            "the first line of postmaster.pid in that folder is its process id."
        )
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return f"PostgreSQL could not start on {cluster}: {' '.join(lines[-4:])}"


def make_private_folder(folder: Path, account: Account) -> None:
    """Mode 0700 and owned by the account. An existing folder must be just that, as others may write beside it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = account.uid if account.switched else os.geteuid()
    found = folder.lstat()
    if found.st_uid not in (owner, os.geteuid()) or found.st_mode & 0o077:
        raise Unavailable(f"{folder} exists but is not a private folder of the database's user; remove it.")
    if found.st_uid != owner:
        os.chown(folder, owner, account.gid, follow_symlinks=False)


def socket_folder(data_dir: Path, account: Account) -> Path:
    """Its mode is the server's only door: whoever can enter may connect. In `data_dir` if that path is short enough."""
    name = "streetwork-" + hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    runtime = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "")
    choices = [data_dir / "pg-socket", *(Path(place) / name for place in (runtime, tempfile.gettempdir()) if place)]
    for folder in choices:
        if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and os.access(folder.parent, os.W_OK):
            make_private_folder(folder, account)
            return folder
    raise Unavailable(f"The path {data_dir} is too long for a socket; set STREETWORK_DATA_DIR to a shorter one.")


def noted_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None


def remove_stale_locks(cluster: Path, socket: Path) -> None:
    """For Linux, under our lock. PostgreSQL takes any process with the noted id for itself: a zombie that nobody
    reaps, or in a restarted container a stranger. Nothing is removed while any process works in the data folder.
    """
    locks = (cluster / "postmaster.pid", socket / f"{SOCKET_NAME}.lock")
    processes = Path("/proc")
    if not any(lock.exists() for lock in locks) or not (processes / "self/cwd").exists():
        return
    if not any(process.name.isdigit() and _may_work_in(cluster, process) for process in processes.iterdir()):
        for lock in locks:
            lock.unlink(missing_ok=True)


def _may_work_in(cluster: Path, process: Path) -> bool:
    """The server and all its children stay in the data folder. Root may not look everywhere in a container."""
    try:
        if (process / "stat").read_text().rpartition(") ")[2][:1] in "ZX":
            return False
        same_account = process.stat().st_uid == cluster.stat().st_uid
    except OSError:  # it has just ended
        return False
    try:
        return (process / "cwd").readlink() == cluster
    except PermissionError:
        return same_account
    except OSError:
        return False


def open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    give_to_owner_of_folder(path.parent)
    give_to_owner_of_folder(path)
    return os.fdopen(descriptor, "ab")


def read_from(path: Path, start: int) -> str:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(20_000).decode(errors="replace")


def give_to_owner_of_folder(path: Path) -> None:
    """A command run once by root must not lock out the user who runs the hub."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and path.stat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid)
