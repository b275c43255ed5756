"""What a machine drafted is a draft like any other: rows of content of the kind 'draft' move into the draft of their entry."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

WAITING = "select id, data from content_versions where kind = 'draft' and current order by id"
OPEN = (
    "select id, data, revision, marks from content_drafts where kind = 'entry' and key = :topic and closed_at is null"
)
LIVE = "select data, version from content_versions where kind = 'entry' and key = :topic and current"


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.text(WAITING)).all():
        take_over(connection, row.data["topic"], row.data["language"], row.data["answer"])
    connection.execute(sa.text("update content_versions set current = false where kind = 'draft'"))


def downgrade() -> None:
    """The words stay where they are now."""


def take_over(connection: sa.Connection, topic: str, language: str, answer: object) -> None:
    live = connection.execute(sa.text(LIVE), {"topic": topic}).one_or_none()
    if live is None:
        return
    draft = connection.execute(sa.text(OPEN), {"topic": topic}).one_or_none()
    data = draft.data if draft else live.data
    if language in data["answers"]:
        return
    values = {
        "topic": topic,
        "version": live.version,
        "data": json.dumps({**data, "answers": {**data["answers"], language: answer}}),
        "marks": json.dumps({"machine": sorted({*((draft.marks if draft else {}).get("machine", [])), language})}),
    }
    if draft is None:
        insert = """insert into content_drafts (kind, key, revision, data, base_version, marks)
                    values ('entry', :topic, 1, cast(:data as jsonb), :version, cast(:marks as jsonb)) returning id, revision"""
    else:
        insert = """update content_drafts set data = cast(:data as jsonb), marks = cast(:marks as jsonb),
                    revision = revision + 1, approvals = approvals - :language
                    where kind = 'entry' and key = :topic and closed_at is null returning id, revision"""
    kept = connection.execute(sa.text(insert), values | {"language": language}).one()
    connection.execute(
        sa.text(
            "insert into content_revisions (draft_id, revision, data) values (:id, :revision, cast(:data as jsonb))"
        ),
        {"id": kept.id, "revision": kept.revision, "data": values["data"]},
    )
