"""What did not leave is counted for admins: an index of it, however many messages there are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_trouble",
        "messages",
        ["channel_id", "status"],
        postgresql_where=sa.text("direction = 'out' and status in ('held', 'failed', 'uncertain')"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_trouble", "messages")
