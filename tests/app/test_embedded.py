"""Real servers and real processes that attach, wait, write and are killed."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.embedded import EmbeddedPostgres, client_environment, database, libpq_url, pg_binary
from app.errors import Unavailable
from tests.postgres import TestCluster, reachable_folder
from tests.processes import HOLDER, child, heard, released

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no death signal")

WRITER = """
import sys, pathlib, psycopg
from app.embedded import EmbeddedPostgres
pg = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
pg.start()
connection = psycopg.connect(pg.conninfo, autocommit=True)
connection.execute("CREATE TABLE IF NOT EXISTS kept (id int PRIMARY KEY)")
for number in range(int(sys.argv[2]), 10**9):
    connection.execute("INSERT INTO kept VALUES (%s)", [number])
    print(number, flush=True)
"""


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def rows(server: EmbeddedPostgres, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def server(pattern: Path) -> Iterator[EmbeddedPostgres]:
    """As `serve` runs it: durable, with the default settings."""
    with reachable_folder() as folder:
        subprocess.run(["cp", "-a", pattern, folder / "var"], check=True)
        running = EmbeddedPostgres(folder / "var")
        running.start()
        yield running
        started = time.monotonic()
        running.stop()
        assert time.monotonic() - started < 5
        assert not running.running
        running.stop()  # again: nothing to do


def test_it_is_durable_and_private(server: EmbeddedPostgres) -> None:
    for name, value in {"fsync": "on", "data_checksums": "on", "listen_addresses": "", "TimeZone": "UTC"}.items():
        assert rows(server, f"SHOW {name}") == [(value,)]
    socket_folder = server.data_dir / "pg-socket"
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.data_dir / "postgres").stat().st_mode) == 0o700


def test_sqlalchemy_understands_the_url_whatever_the_environment_says(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "9")
    engine = create_engine(server.url, poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_database()")).scalar() == "hub"


def test_text_search_knows_letters_from_quotes_and_dashes(server: EmbeddedPostgres) -> None:
    found = rows(
        server, "SELECT to_tsvector('simple', '„Здравей“ – ЖИВОТ… «Привіт» ȘI') @@ 'здравей & живот & привіт & și'"
    )
    assert found == [(True,)]


def test_the_log_never_holds_what_people_wrote(server: EmbeddedPostgres) -> None:
    rows(server, "CREATE TABLE told (words text PRIMARY KEY); INSERT INTO told VALUES ('my landlord')")
    for statement in (
        "INSERT INTO told VALUES ('my landlord')",
        "SELECT 'my landlord'::int",
        "SELECT to_tsquery('my landlord (')",
        "SELECT nothing FROM told WHERE words = 'my landlord'",
    ):
        with pytest.raises(psycopg.Error):
            rows(server, statement)
    assert "landlord" not in server.log_file.read_text()


def test_another_process_attaches_and_leaves_the_server_running(server: EmbeddedPostgres) -> None:
    with child(HOLDER, server.data_dir, "attach") as command:
        assert heard(command) == {"url": server.url, "data": str(server.data_dir / "postgres")}
        released(command)
    with database("", server.data_dir) as url:
        assert url == server.url
    assert server.answers()


def test_a_second_owner_is_told_who_runs_it(server: EmbeddedPostgres) -> None:
    with pytest.raises(Unavailable, match=f"process {os.getpid()} runs the database"):
        EmbeddedPostgres(server.data_dir).start(timeout=0.2)
    assert server.answers()


def test_client_programs_find_the_database(server: EmbeddedPostgres) -> None:
    rows(server, "CREATE TABLE saved AS SELECT 1 AS one")
    dump = subprocess.run(
        [pg_binary("pg_dump"), "--table=saved"], env=client_environment(server.url), capture_output=True, check=True
    )
    assert b"CREATE TABLE public.saved" in dump.stdout


def test_a_killed_server_comes_back_with_its_rows(server: EmbeddedPostgres) -> None:
    rows(server, "CREATE TABLE survives AS SELECT 1 AS one")
    killed, before = server.pid, server.restarts
    assert killed
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: server.pid not in (None, killed) and server.answers())
    assert rows(server, "SELECT one FROM survives") == [(1,)]
    assert server.restarts > before


@linux_only
def test_nothing_acknowledged_is_lost_when_the_owner_is_killed(used_place: Path) -> None:
    acknowledged: list[int] = []
    for first in (0, 1_000_000):
        with child(WRITER, used_place, first) as writer:
            acknowledged += [heard(writer) for _ in range(200)]
            writer.kill()
            assert writer.stdout  # whose buffer `communicate` would leave out
            acknowledged += [int(line) for line in writer.stdout]
    server = EmbeddedPostgres(used_place)
    server.start()
    kept = {number for (number,) in rows(server, "SELECT id FROM kept")}
    server.stop()
    assert set(acknowledged) <= kept
    assert len(kept - set(acknowledged)) <= 2  # written, but killed before it could tell


@linux_only
def test_the_server_outlives_the_thread_that_started_it(used_place: Path) -> None:
    """The death signal comes when the forking thread ends, and threads of a pool may end at any time."""
    server = EmbeddedPostgres(used_place)
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    time.sleep(0.2)
    assert server.answers()
    assert server.restarts == 0
    server.stop()


def test_owner_waits_for_a_short_command_and_that_for_its_guests(used_place: Path) -> None:
    with child(HOLDER, used_place, "attach") as short:
        heard(short)
        with child(HOLDER, used_place, "attach") as guest, child(HOLDER, used_place, "own") as serve:
            heard(guest)
            assert short.stdin
            short.stdin.write("done\n")
            short.stdin.flush()
            time.sleep(0.3)
            assert short.poll() is None  # the guest still uses its server
            assert serve.poll() is None
            released(guest)
            assert heard(serve)["data"] == str(used_place / "postgres")
            released(serve)
        assert short.wait(5) == 0


def test_a_guest_whose_host_leaves_gets_a_clear_error(used_place: Path) -> None:
    def use_after_host_left(host: subprocess.Popen[str]) -> None:
        with database("", used_place) as url:
            released(host)
            psycopg.connect(libpq_url(url))

    with child(HOLDER, used_place, "own") as serve:
        heard(serve)
        with pytest.raises(Unavailable, match="stopped by the process that ran it"):
            use_after_host_left(serve)


def test_a_long_path_gets_its_socket_elsewhere(used_place: Path) -> None:
    place = used_place.parent / ("long" * 30)
    used_place.rename(place)
    with database("", place), child(HOLDER, place, "attach") as command:
        folder = Path(str(psycopg.conninfo.conninfo_to_dict(libpq_url(heard(command)["url"]))["host"]))
        assert not folder.is_relative_to(place)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        released(command)
    assert not folder.exists()


def test_a_stranger_with_the_old_process_id_is_no_server(used_place: Path) -> None:
    """As in a restarted container, where ids begin anew."""
    server = EmbeddedPostgres(used_place)
    server.start()
    locks = [server.cluster / "postmaster.pid", server.data_dir / "pg-socket" / ".s.PGSQL.5432.lock"]
    notes = [lock.read_text() for lock in locks]
    server.stop()
    owner = server.cluster.stat().st_uid
    with subprocess.Popen(["sleep", "15"], user=owner) as stranger:
        for lock, note in zip(locks, notes, strict=True):
            lock.write_text(f"{stranger.pid}\n{note.partition(chr(10))[2]}")
            os.chown(lock, owner, -1)
        server.start(timeout=10)
        server.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_databases_from_a_template(cluster: TestCluster) -> None:
    with psycopg.connect(libpq_url(cluster.create("pattern")), autocommit=True) as connection:
        connection.execute("CREATE TABLE ready AS SELECT 1 AS one")
    with cluster.database("pattern") as url, psycopg.connect(libpq_url(url)) as connection:
        assert connection.execute("SELECT one FROM ready").fetchone() == (1,)
    cluster.drop("pattern")
