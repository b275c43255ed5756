"""Requests that were not the provider's: counted for admins, never stored, never able to fill the database."""

import logging

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.hub import Hub
from app.models import RefusedRequest

log = logging.getLogger(__name__)


async def count_refused(hub: Hub, channel_name: str, reason: str) -> None:
    """One row per channel, reason and day; while the database is away the log line alone remains."""
    log.warning("channel %s: request refused: %s", channel_name, reason)
    statement = insert(RefusedRequest).values(
        channel_name=channel_name, reason=reason, day=hub.today.isoformat(), count=1
    )
    statement = statement.on_conflict_do_update(
        index_elements=["channel_name", "reason", "day"],
        set_={"count": RefusedRequest.count + 1, "last_at": hub.now()},
    )
    try:
        async with hub.db.transaction() as session:
            await session.execute(statement)
    except (SQLAlchemyError, OSError):
        log.warning("channel %s: the refusal could not be counted", channel_name)
