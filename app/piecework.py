"""What periodic jobs do with many cases: each in a transaction of its own, and what fails at one holds up no other."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import Database, is_away

log = logging.getLogger(__name__)

Item = TypeVar("Item")


async def each_alone(
    db: Database, what: str, items: Iterable[Item], work: Callable[[AsyncSession, Item], Awaitable[bool]]
) -> int:
    """Of how many `work` said that it did something. The next run of the job has another try at what failed."""
    done = 0
    for item in items:
        try:
            async with db.transaction() as session:
                worked = await work(session, item)
            done += worked
        except Exception as error:
            if is_away(error):
                raise
            log.exception("%s: failed at %s", what, item)
    return done
