"""Replies that wait for a second reader; who has begun to answer a case."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pending_replies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        sa.Column("decide_by", TIME, nullable=False),
        sa.Column("status", sa.String(), server_default="waiting", nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("sent_text", sa.String(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status in ('waiting', 'sent', 'returned', 'withdrawn')", name=op.f("ck_pending_replies_status")
        ),
        _foreign("pending_replies", "case_id", "cases", "CASCADE"),
        _foreign("pending_replies", "conversation_id", "conversations", "CASCADE"),
        _foreign("pending_replies", "user_id", "users"),
        _foreign("pending_replies", "reader_id", "users"),
        _foreign("pending_replies", "message_id", "messages", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_replies")),
    )
    op.create_index(
        "ix_pending_replies_waiting",
        "pending_replies",
        ["decide_by"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    for column in ("case_id", "message_id"):
        op.create_index(op.f(f"ix_pending_replies_{column}"), "pending_replies", [column])
    op.create_table(
        "case_claims",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        _foreign("case_claims", "case_id", "cases", "CASCADE"),
        _foreign("case_claims", "user_id", "users", "CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_claims")),
    )


def downgrade() -> None:
    op.drop_table("case_claims")
    op.drop_table("pending_replies")


def _foreign(table: str, column: str, there: str, on_delete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{there}.id"], name=name, ondelete=on_delete)
