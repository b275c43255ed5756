"""Mediators: what they check, what is remembered from it, and how good the machine was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mediations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=True),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), server_default="waiting", nullable=False),
        sa.Column("mediator_id", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", TIME, nullable=True),
        sa.Column("taken_until", TIME, nullable=True),
        sa.Column("final", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("kind in ('reply', 'reading')", name=op.f("ck_mediations_kind")),
        sa.CheckConstraint("status in ('waiting', 'done', 'returned', 'withdrawn')", name=op.f("ck_mediations_status")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_mediations_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_mediations_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mediations_user_id")),
        sa.ForeignKeyConstraint(["mediator_id"], ["users.id"], name=op.f("fk_mediations_mediator_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_mediations_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediations")),
    )
    op.create_index(op.f("ix_mediations_case_id"), "mediations", ["case_id"])
    op.create_index(op.f("ix_mediations_message_id"), "mediations", ["message_id"])
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_mediations_waiting", "mediations", ["language", "id"], postgresql_where=waiting)
    one = sa.text("kind = 'reading' and status = 'waiting'")
    op.create_index("uq_mediations_one_reading", "mediations", ["message_id"], unique=True, postgresql_where=one)
    op.create_table(
        "memories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("draft", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("uses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("origin in ('mediation', 'edit')", name=op.f("ck_memories_origin")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memories_user_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_memories_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memories")),
        sa.UniqueConstraint("source", "target", "key", name=op.f("uq_memories_source_target_key")),
    )
    op.create_index(op.f("ix_memories_message_id"), "memories", ["message_id"])
    op.create_index("ix_memories_words", "memories", ["words"], postgresql_using="gin")
    op.create_table(
        "judgements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("distance", sa.Float(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
    )
    op.create_index("ix_judgements_pair", "judgements", ["source", "target", "id"])


def downgrade() -> None:
    op.drop_table("judgements")
    op.drop_table("memories")
    op.drop_table("mediations")
