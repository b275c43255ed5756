"""What a running hub consists of; made once by `app.main` and handed to web routes, jobs and commands."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from app.config import Settings
from app.content import Shelf
from app.crypto import Vault
from app.db import Database
from app.feed import Feed
from app.registry import Registry
from app.wake import Waker
from flows.services import TIMEZONE
from translations.machine import Machine


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    settings: Settings
    db: Database
    vault: Vault
    registry: Registry
    shelf: Shelf
    waker: Waker
    feed: Feed
    machine: Machine
    now: Callable[[], datetime] = field(default=utc_now)  # replaced in tests and simulations, never read elsewhere

    @property
    def today(self) -> date:
        """By the clock on the wall here: figures, deadlines and approvals go by it."""
        return self.now().astimezone(TIMEZONE).date()
