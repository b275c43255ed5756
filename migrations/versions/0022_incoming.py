"""Newer content of another town, or of the hub's own starter, that was not taken because this town has its own words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_incoming",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("settled_hash", sa.String(), server_default="", nullable=False),
        sa.Column("settled", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_incoming")),
        sa.UniqueConstraint("kind", "key", "origin", name=op.f("uq_content_incoming_kind_key_origin")),
    )


def downgrade() -> None:
    op.drop_table("content_incoming")
