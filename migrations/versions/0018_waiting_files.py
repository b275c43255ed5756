"""Files and quotes of replies that wait for a second reader; a quote that comes back with its words."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("kept_files", "reply_id", nullable=True)
    op.add_column("kept_files", sa.Column("pending_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_kept_files_pending_id"), "kept_files", "pending_replies", ["pending_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_kept_files_pending_id"), "kept_files", ["pending_id"])
    op.create_check_constraint(op.f("ck_kept_files_owner"), "kept_files", "num_nonnulls(reply_id, pending_id) = 1")
    for table in ("pending_replies", "drafts"):
        op.add_column(table, sa.Column("quotes", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_quotes"), table, "messages", ["quotes"], ["id"], ondelete="SET NULL")
        op.create_index(op.f(f"ix_{table}_quotes"), table, ["quotes"])


def downgrade() -> None:
    for table in ("drafts", "pending_replies"):
        op.drop_column(table, "quotes")
    op.execute("delete from kept_files where reply_id is null")
    op.drop_column("kept_files", "pending_id")
    op.alter_column("kept_files", "reply_id", nullable=False)
