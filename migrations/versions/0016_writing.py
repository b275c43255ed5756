"""Writing in German, sent in the person's language: what waits keeps its German, drafts their translation, and each colleague
their choice per case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("drafts", sa.Column("made_from", sa.String(), nullable=True))
    for table in ("scheduled_replies", "pending_replies"):
        op.add_column(table, sa.Column("written", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_table(
        "writing_choices",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("translates", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_writing_choices_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_writing_choices_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "case_id", name=op.f("pk_writing_choices")),
    )


def downgrade() -> None:
    op.drop_table("writing_choices")
    for table in ("pending_replies", "scheduled_replies"):
        op.drop_column(table, "written")
    op.drop_column("drafts", "made_from")
