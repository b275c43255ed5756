"""Search and sorted lists: words of messages and notes, when a conversation was last active, indexes for every sort."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.models.words import search_words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 1000
SINCE = "(coalesce(waiting_since, 'infinity'::timestamptz))"
OPEN = sa.text("status <> 'closed'")


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("active_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.execute(
        "update conversations set active_at = coalesce((select max(created_at) from messages"
        " where conversation_id = conversations.id), conversations.created_at)"
    )
    op.create_index("ix_conversations_active", "conversations", ["active_at", "id"])
    for table in ("messages", "case_events"):
        op.add_column(table, sa.Column("words", postgresql.TSVECTOR(), nullable=True))
        _fill(table)
        op.create_index(f"ix_{table}_words", table, ["words"], postgresql_using="gin")
    ranked = [sa.text("(urgency <> 'urgent')"), sa.text(SINCE), sa.text("(- id)")]
    op.create_index("ix_cases_by_urgency", "cases", ranked, postgresql_where=OPEN)
    op.create_index("ix_cases_by_waiting", "cases", ranked[1:], postgresql_where=OPEN)
    op.create_index("ix_cases_by_closed", "cases", ["closed_at", "id"], postgresql_where=sa.text("status = 'closed'"))
    op.create_index("ix_cases_contact", "cases", ["contact_id", "id"])
    for column in ("needs", "tags"):
        ops = {column: "jsonb_path_ops"}
        op.create_index(f"ix_cases_{column}", "cases", [column], postgresql_using="gin", postgresql_ops=ops)


def downgrade() -> None:
    for name in ("needs", "tags", "contact", "by_closed", "by_waiting", "by_urgency"):
        op.drop_index(f"ix_cases_{name}", table_name="cases")
    for table in ("case_events", "messages"):
        op.drop_index(f"ix_{table}_words", table_name=table)
        op.drop_column(table, "words")
    op.drop_index("ix_conversations_active", table_name="conversations")
    op.drop_column("conversations", "active_at")


def _fill(name: str) -> None:
    """What was written before; in batches, so that memory does not grow with the town."""
    connection = op.get_bind()
    table = sa.table(name, sa.column("id"), sa.column("text"), sa.column("words", postgresql.TSVECTOR()))
    update = sa.update(table).where(table.c.id == sa.bindparam("row")).values(words=sa.bindparam("found"))
    last = 0
    while True:
        query = sa.select(table.c.id, table.c.text).where(table.c.id > last, table.c.text.is_not(None))
        rows = connection.execute(query.order_by(table.c.id).limit(BATCH)).all()
        if not rows:
            return
        connection.execute(update, [{"row": row.id, "found": search_words(row.text)} for row in rows])
        last = rows[-1].id
