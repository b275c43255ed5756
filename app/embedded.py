"""The embedded PostgreSQL of the one-machine set-up, and the one place that knows which database is used.

One process owns the server: the holder of the lock on DATA_DIR/postgres.lock, as whose child the server runs. Other
processes attach to it through the socket folder that the lock file names. `app.pgbinaries` finds the programs,
`app.pgfolder` keeps the files.
"""

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from app import pgbinaries, pgfolder
from app.errors import Unavailable
from app.pgbinaries import DRIVER, client_environment, libpq_url, normalised_url, pg_binary
from app.pgfolder import FileLock

__all__ = ["EmbeddedPostgres", "client_environment", "database", "libpq_url", "normalised_url", "pg_binary"]

log = logging.getLogger(__name__)

ROLE = NAME = "hub"
GUEST_PATIENCE = 60.0  # seconds that a short command which owns the server waits for others attached to it
FAST_SHUTDOWN = 15.0  # seconds until a shutdown that hangs becomes an immediate one
PAUSES = (0.2, 0.5, 1, 2, 5)  # seconds before the next try to start a server that ended


class EmbeddedPostgres:
    """`start` and `stop` block, usually for less than a second: call them outside the event loop, or in a thread.

    A server that dies is started again by itself; see `restarts`. If this process is killed, the kernel has the
    server shut down (on Linux). That signal is bound to the thread that forked the server, so a thread of its own
    forks it and lives as long as the server; `start` may be called from any thread.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / "postgres"
        self.log_file = self.data_dir / "log" / "postgres.log"
        self.restarts = 0
        self._settings = {**pgfolder.SETTINGS, **(settings or {})}
        self._owner = FileLock(self.data_dir / "postgres.lock")
        self._guests = FileLock(self.data_dir / "postgres.guests.lock")
        self._socket = self.data_dir / "pg-socket"
        self._host_pid: object = None  # of the owner we are attached to
        self._keeper: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._spawning = threading.Lock()
        self._command: list[str] = []
        self._last_words = ""

    @property
    def conninfo(self) -> str:
        return self._conninfo(NAME)

    @property
    def url(self) -> str:
        """For SQLAlchemy."""
        return f"{DRIVER}://{ROLE}@/{NAME}?host={quote(str(self._socket), safe='')}&port={self._settings['port']}"

    @property
    def attached(self) -> bool:
        """We use a server that another process owns."""
        return self._guests.held and not self._owner.held

    @property
    def running(self) -> bool:
        """Our own server process lives; it may still be starting."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.running else None

    def start(self, timeout: float = 60, *, attach: bool = False) -> None:
        """Owns the server, waiting until a short command that owns it is done; or attaches to it, if that may be."""
        deadline = time.monotonic() + timeout
        try:
            self._make_data_dir()
            if self._claim(deadline, attach):
                self._run(deadline)
        except OSError as error:
            self.stop()
            raise Unavailable(f"PostgreSQL can't be started in {self.data_dir}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self, guest_patience: float = 0) -> None:
        """Never fails if there is nothing to stop. Waits `guest_patience` seconds for other processes to detach."""
        if self._owner.held and self._keeper is not None:
            try:
                self._wait_for_guests(guest_patience)
            finally:
                self._shut_down()
        self._owner.release()
        self._guests.release()

    def answers(self) -> bool:
        try:
            with psycopg.connect(self._conninfo("postgres"), connect_timeout=3):
                return True
        except psycopg.Error:
            return False

    def host_left(self) -> bool:
        """The process that owned the server we attached to has stopped it."""
        return self.attached and (self._owner.read().get("pid") != self._host_pid or not self.answers())

    def _conninfo(self, name: str) -> str:
        return make_conninfo(host=str(self._socket), port=self._settings["port"], user=ROLE, dbname=name)

    def _make_data_dir(self) -> None:
        if not self.data_dir.exists():
            self.data_dir.mkdir(parents=True)
            # Root's server runs as another user, who must pass through here but has no business in the other files.
            self.data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def _claim(self, deadline: float, attach: bool) -> bool:
        """True: we own the server now; False: we are attached to it."""
        told = False
        while not self._owner.take():
            if attach and self._visit():
                return False
            holder = f"The process {self._owner.read().get('pid', '(starting)')} runs the database of {self.data_dir}"
            if time.monotonic() > deadline:
                raise Unavailable(f"{holder}. " + ("It does not answer." if attach else "Stop it first."))
            if not told and not attach:
                log.warning("%s; waiting until it is done", holder)
            told = True
            time.sleep(0.05)
        self._owner.write({"pid": os.getpid()})
        return True

    def _visit(self) -> bool:
        """As long as we hold the guests' lock, a short command that owns the server leaves it running."""
        if not self._guests.take(shared=True):
            return False
        note = self._owner.read()
        if isinstance(note.get("socket"), str):
            self._socket, self._host_pid = Path(str(note["socket"])), note.get("pid")
            if self.answers():
                return True
        self._guests.release()
        return False

    def _run(self, deadline: float) -> None:
        account = pgbinaries.server_account(self.cluster)
        pgbinaries.require_reachable(self.data_dir, account)
        programs = pgbinaries.server_programs(self.data_dir, account)
        pgfolder.ensure_cluster(self.cluster, programs, account)
        self._socket = pgfolder.socket_folder(self.data_dir, account)
        settings = {"unix_socket_directories": str(self._socket), "unix_socket_permissions": "0700", **self._settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = programs.folder / "postgres"
        self._command = pgbinaries.launch_command(server, ["-D", str(self.cluster), *options], account)
        self._last_words, self._process, self._stopping = "", None, threading.Event()
        self._keeper = threading.Thread(target=self._keep, args=[self._stopping], name="postgres-keeper", daemon=True)
        self._keeper.start()
        self._wait_until_ready(deadline)
        self._create_database()
        self._owner.write({"pid": os.getpid(), "socket": str(self._socket)})

    def _keep(self, stopping: threading.Event) -> None:
        """The keeper thread: forks the server, waits for its end, and begins again unless it was meant."""
        failures = 0
        while True:
            started = time.monotonic()
            code = self._spawn_and_wait(stopping)
            if time.monotonic() - started > 30:
                failures = 0
            if stopping.wait(PAUSES[min(failures, len(PAUSES) - 1)]):
                return
            failures += 1
            self.restarts += 1
            log.warning("PostgreSQL ended (%s) and is started again; see %s", code, self.log_file)

    def _spawn_and_wait(self, stopping: threading.Event) -> int | str:
        try:
            with self._spawning, pgfolder.open_log(self.log_file) as output:
                if stopping.is_set():
                    return 0
                pgfolder.remove_stale_locks(self.cluster, self._socket)
                start = output.tell()
                self._process = process = pgbinaries.spawn(self._command, output)
        except OSError as error:
            self._last_words = str(error)
            return str(error)
        code = process.wait()
        self._last_words = pgfolder.read_from(self.log_file, start) or f"ended with {code}"
        return code

    def _wait_until_ready(self, deadline: float) -> None:
        """A server that ends because the previous one is still leaving is tried again; any other end is final."""
        while not self._ours_answers():
            words = self._last_words
            late = time.monotonic() > deadline
            if words and (late or not pgfolder.is_passing(words)):
                raise Unavailable(pgfolder.explain(words, self.cluster))
            if late:
                raise Unavailable(
                    f"PostgreSQL is not ready yet on {self.cluster}; see {self.log_file} and start again."
                )
            time.sleep(0.05)

    def _ours_answers(self) -> bool:
        """For a moment after its owner was killed, the previous server may still answer."""
        return self.running and pgfolder.noted_pid(self.cluster) == self.pid and self.answers()

    def _create_database(self) -> None:
        try:
            with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                    connection.execute("CREATE DATABASE hub")
        except psycopg.Error as error:
            raise Unavailable(pgfolder.explain(str(error), self.cluster)) from error

    def _wait_for_guests(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while patience and not self._guests.take() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _shut_down(self) -> None:
        """Fast, and if that hangs immediate, which loses nothing but takes a recovery at the next start."""
        self._stopping.set()
        keeper, self._keeper = self._keeper, None
        with self._spawning:
            process = self._process
        if keeper is None:
            return
        for patience, number in ((FAST_SHUTDOWN, signal.SIGINT), (5, signal.SIGQUIT)):
            if process is not None:
                process.send_signal(number)
            keeper.join(patience)
            if not keeper.is_alive():
                self._remove_socket_folder()
                return
        log.error("PostgreSQL does not end; it is left to itself")

    def _remove_socket_folder(self) -> None:
        if self._socket.parent != self.data_dir:
            with suppress(OSError):
                self._socket.rmdir()


@contextmanager
def database(database_url: str, data_dir: Path, *, own: bool = False, timeout: float = 60) -> Iterator[str]:
    """Yields the SQLAlchemy URL of the database to use; `Unavailable` says what an operator can do.

    That is `database_url`, or the embedded server, which runs for at least as long as the block. `serve` owns it
    (`own=True`) and waits up to `timeout` seconds for a short command that has it; any other command attaches to a
    running one. Don't enter it inside the event loop.
    """
    if database_url:
        try:
            yield normalised_url(database_url)
        except Exception as error:
            if isinstance(found := _database_error(error), psycopg.OperationalError) and found.sqlstate is None:
                raise Unavailable("The database of STREETWORK_DATABASE_URL can't be reached.") from error
            raise
        return
    server = EmbeddedPostgres(data_dir)
    server.start(timeout, attach=not own)
    try:
        yield server.url
    except Exception as error:
        if _database_error(error) and server.host_left():
            raise Unavailable("The database was stopped by the process that ran it. Run the command again.") from error
        raise
    finally:
        server.stop(guest_patience=0 if own else GUEST_PATIENCE)


def _database_error(error: BaseException | None) -> psycopg.Error | None:
    while error is not None and not isinstance(error, psycopg.Error):
        error = error.__cause__ or error.__context__
    return error
