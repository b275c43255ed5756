"""Alembic's entry: runs revisions on the connection that `app.db.migrate` hands over, or on its own for `alembic` by hand."""

import sqlalchemy as sa
from alembic import context

from app.models import Base

config = context.config


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The job engine's tables are not ours to compare."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over = config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    engine = sa.create_engine(config.attributes["url"])
    with engine.connect() as own:
        run(own)
    engine.dispose()
