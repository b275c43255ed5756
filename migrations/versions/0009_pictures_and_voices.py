"""Pictures and voices: what a look into a file found, how a picture is turned, and files of replies for later."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (
    ("width", sa.BigInteger()),
    ("height", sa.BigInteger()),
    ("seconds", sa.Float()),
    ("problem", sa.String()),
    ("playable", sa.LargeBinary()),
    ("playable_size", sa.BigInteger()),
    ("looked_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("media", sa.Column(name, kind, nullable=True))
    op.add_column("media", sa.Column("turn", sa.BigInteger(), server_default="0", nullable=False))
    waits = sa.text("status = 'stored' and looked_at is null")
    op.create_index("ix_media_unlooked", "media", ["id"], postgresql_where=waits)
    op.create_table(
        "kept_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reply_id", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["scheduled_replies.id"], name=op.f("fk_kept_files_reply_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_files")),
    )
    op.create_index("ix_kept_files_reply_id", "kept_files", ["reply_id"])


def downgrade() -> None:
    op.drop_table("kept_files")
    op.drop_index("ix_media_unlooked", table_name="media")
    for name in ("turn", *(name for name, _ in reversed(COLUMNS))):
        op.drop_column("media", name)
