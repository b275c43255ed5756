"""The editor: drafts of content with every step, and on versions why, by whom approved, and how old each language is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'")


def upgrade() -> None:
    op.add_column("content_versions", sa.Column("note", sa.String(), server_default="", nullable=False))
    op.add_column("content_versions", sa.Column("approvals", JSONB(), server_default=EMPTY, nullable=False))
    op.add_column("content_versions", sa.Column("words_of", JSONB(), server_default=EMPTY, nullable=False))
    op.create_table(
        "content_drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("authors", JSONB(), server_default=EMPTY, nullable=False),
        sa.Column("approvals", JSONB(), server_default=EMPTY, nullable=False),
        sa.Column("marks", JSONB(), server_default=EMPTY, nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publish_by_id", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.String(), server_default="", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_as", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["updated_by_id"], ["users.id"], name=op.f("fk_content_drafts_updated_by_id")),
        sa.ForeignKeyConstraint(["publish_by_id"], ["users.id"], name=op.f("fk_content_drafts_publish_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_drafts")),
    )
    op.create_index(
        "uq_content_drafts_open",
        "content_drafts",
        ["kind", "key"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "content_revisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("undo_to", sa.BigInteger(), nullable=True),
        sa.Column("redo_to", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["content_drafts.id"], name=op.f("fk_content_revisions_draft_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_content_revisions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_revisions")),
        sa.UniqueConstraint("draft_id", "revision", name=op.f("uq_content_revisions_draft_id")),
    )


def downgrade() -> None:
    op.drop_table("content_revisions")
    op.drop_table("content_drafts")
    for column in ("words_of", "approvals", "note"):
        op.drop_column("content_versions", column)
