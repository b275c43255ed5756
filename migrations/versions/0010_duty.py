"""Duty: how far the call for a human about an urgent case has widened."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("alarm_step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("alerts", sa.Column("step", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("alerts", "step")
    op.drop_column("cases", "alarm_step")
    op.drop_column("cases", "alarmed_at")
