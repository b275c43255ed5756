"""Reach and house-keeping: sessions with a device, invitations, pushes and digests to send, messages of a channel by time."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.add_column("staff_sessions", sa.Column("device", sa.String(), server_default="", nullable=False))
    op.add_column("staff_sessions", sa.Column("seen_at", time, server_default=NOW, nullable=False))
    op.add_column("push_subscriptions", sa.Column("device", sa.String(), server_default="", nullable=False))
    op.create_table(
        "invitations",
        _id(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", time, nullable=False),
        sa.Column("created_at", time, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("user_id", name="uq_invitations_user_id"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_invitations_user_id", ondelete="CASCADE"),
    )
    op.create_table(
        "pushes",
        _id(),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_try_at", time, nullable=True),
        sa.Column("created_at", time, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pushes"),
        sa.UniqueConstraint("subscription_id", "case_id", name="uq_pushes_subscription_id_case_id"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["push_subscriptions.id"], name="fk_pushes_subscription_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_pushes_case_id", ondelete="CASCADE"),
    )
    op.create_table(
        "digests",
        _id(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", time, nullable=False),
        sa.Column("status", sa.String(), server_default="queued", nullable=False),
        sa.Column("created_at", time, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("user_id", "hour", name="uq_digests_user_id_hour"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_digests_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_messages_channel_at", "messages", ["channel_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_messages_channel_at", table_name="messages")
    for table in ("digests", "pushes", "invitations"):
        op.drop_table(table)
    op.drop_column("push_subscriptions", "device")
    for column in ("seen_at", "device"):
        op.drop_column("staff_sessions", column)
