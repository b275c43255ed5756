"""The database: engine, sessions, the transaction that commits before an answer leaves, migrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

MIGRATIONS = Path(__file__).parent.parent / "migrations"
CONNECT_SECONDS = "5"
MIGRATION_LOCK = 7_301_477  # any constant: the advisory lock that lets one process migrate at a time


class Database:
    """Holds the connection pool. `url` is SQLAlchemy's, `conninfo` libpq's form of the same address."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = url
        self.conninfo = conninfo(url)
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=10,
            pool_pre_ping=True,
            pool_timeout=5,
            hide_parameters=True,  # they are people's words, and errors are logged
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def conninfo(url: str) -> str:
    """libpq's form of a SQLAlchemy URL, for the job engine and for LISTEN."""
    plain = make_url(url).set(drivername="postgresql").update_query_dict({"connect_timeout": CONNECT_SECONDS})
    return plain.render_as_string(hide_password=False)


def is_away(error: BaseException) -> bool:
    """The database can't be reached or is going down: the same work may succeed later.

    Not so where a limit of PostgreSQL was passed (class 54, an index row too long, say), although the driver calls that
    operational too: it fails again for ever, and must not hold up what comes after.
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeout, OSError)) and not state.startswith("54")


async def raw_connection(session: AsyncSession) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """The session's own psycopg connection, so that the job engine's rows join our transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """To the newest schema. Several processes may call it at once: an advisory lock makes them wait in line."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
            config = alembic_config(url)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
    finally:
        engine.dispose()


def schema_is_current(url: str) -> bool:
    """Whether the newest of our revisions has run."""
    newest = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == newest
    finally:
        engine.dispose()
