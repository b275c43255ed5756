"""A PostgreSQL server for tests: started once, with databases made quickly from a template."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from app.embedded import EmbeddedPostgres

FORGETFUL = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "128MB", "jit": "off",
}  # fmt: skip
MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000  # bytes


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """pytest's own folders have mode 0700, but under root the server runs as another user, who must enter.

    In memory where there is room: on some disks a database takes twenty times as long to make.
    """
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="hub-", dir=MEMORY if roomy else None))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class TestCluster:
    """`with TestCluster() as cluster, cluster.database() as url: …`; the server forgets everything in a crash."""

    __test__ = False  # pytest: nothing to collect

    def __init__(self) -> None:
        self._folder = reachable_folder()
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self.postgres = EmbeddedPostgres(self._folder.__enter__() / "var", settings=FORGETFUL)
        self.postgres.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.postgres.stop()
        self._folder.__exit__(kind, error, trace)

    def create(self, name: str = "", template: str = "template1") -> str:
        """The SQLAlchemy URL of the new database. Nobody may be connected to the template meanwhile."""
        name = name or f"test_{next(self._numbers)}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Also cuts connections that are still open."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        url = self.create(template=template)
        try:
            yield url
        finally:
            self.drop(make_url(url).database or "")

    def url(self, name: str) -> str:
        return make_url(self.postgres.url).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.postgres.conninfo, autocommit=True) as connection:
            connection.execute(statement)
