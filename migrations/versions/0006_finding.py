"""Finding: folded words of invented names and of tags, and which cases have tags."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.models.words import search_words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000
SOURCES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (("contacts", "name", str), ("cases", "tags", " ".join))


def upgrade() -> None:
    for table, source, said in SOURCES:
        op.add_column(table, sa.Column("words", postgresql.TSVECTOR(), nullable=True))
        _fill(table, source, said)
        op.create_index(f"ix_{table}_words", table, ["words"], postgresql_using="gin")
    op.create_index("ix_cases_tagged", "cases", ["id"], postgresql_where=sa.text("tags <> '[]'"))


def downgrade() -> None:
    op.drop_index("ix_cases_tagged", table_name="cases")
    for table, _, _ in SOURCES:
        op.drop_index(f"ix_{table}_words", table_name=table)
        op.drop_column(table, "words")


def _fill(name: str, source: str, said: Callable[[Any], str]) -> None:
    """What was there before; in batches, so that memory does not grow with the town."""
    connection = op.get_bind()
    table = sa.table(name, sa.column("id"), sa.column(source), sa.column("words", postgresql.TSVECTOR()))
    update = sa.update(table).where(table.c.id == sa.bindparam("row")).values(words=sa.bindparam("found"))
    last = 0
    while True:
        query = sa.select(table.c.id, table.c[source]).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        found = [{"row": id_, "found": words} for id_, value in rows if (words := search_words(said(value)))]
        if found:
            connection.execute(update, found)
        last = rows[-1].id
