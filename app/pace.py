"""How fast a channel may send: one bucket per channel and per address, shared by all processes through the database."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import RateLimit
from app.registry import LiveChannel

LONGEST_PAUSE = 2.0  # seconds a worker waits for its turn; a longer pause becomes a later job


async def pause_before(session: AsyncSession, channel: LiveChannel, address_id: int) -> float:
    """Seconds until the channel and the address may be written to again; the turn is taken in any case."""
    limits = channel.adapter.limits
    pauses = [await take_turn(session, f"channel:{channel.id}", 1 / limits.per_second, limits.burst)]
    if limits.per_address_seconds:
        pauses.append(await take_turn(session, rate_key(address_id), limits.per_address_seconds, limits.address_burst))
    return max(*pauses, 0.0)


def rate_key(address_id: int) -> str:
    return f"address:{address_id}"


async def take_turn(session: AsyncSession, key: str, interval: float, burst: int) -> float:
    """GCRA on the database's clock, so that all processes share one limit; a turn too far ahead is not taken."""
    now = sa.func.clock_timestamp()
    step = sa.func.make_interval(0, 0, 0, 0, 0, 0, interval)
    fresh = sa.func.greatest(RateLimit.tat, now) + step
    allowed = sa.extract("epoch", fresh - now) - interval * burst
    statement = (
        insert(RateLimit)
        .values(key=key, tat=now + step)
        .on_conflict_do_update(index_elements=["key"], set_={"tat": fresh}, where=allowed <= LONGEST_PAUSE)
        .returning(sa.extract("epoch", RateLimit.tat - now) - interval * burst)
    )
    pause = (await session.execute(statement)).scalar_one_or_none()
    if pause is None:
        pause = await session.scalar(sa.select(allowed).where(RateLimit.key == key))
    return float(pause or 0.0)
