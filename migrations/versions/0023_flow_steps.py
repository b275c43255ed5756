"""How often each way of a flow is taken."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_steps")),
        sa.UniqueConstraint("flow", "node", "target", "day", name=op.f("uq_flow_steps_flow_node_target_day")),
    )


def downgrade() -> None:
    op.drop_table("flow_steps")
