"""Alembic revisions; `app.db.migrate` runs them."""
