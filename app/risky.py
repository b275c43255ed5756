"""Which topics are so risky that a second person reads each reply first, as coordinators have set it. Off at the start."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Conflict
from app.models import Case, Setting

SECOND_READER = "second_reader"  # setting: {"topics": [slugs], "hours": 2}
HOURS = (1, 2, 4, 8, 24)
USUAL_HOURS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    topics: frozenset[str] = frozenset()
    hours: int = USUAL_HOURS

    @property
    def patience(self) -> timedelta:
        """After this a writer may send alone: nobody on duty must not mean that a person gets no answer."""
        return timedelta(hours=self.hours)

    def asks_for_reader(self, case: Case) -> bool:
        return not self.topics.isdisjoint(case.needs)


async def rule_now(session: AsyncSession) -> Rule:
    row = await session.get(Setting, SECOND_READER, populate_existing=True)
    return Rule(frozenset(row.value["topics"]), int(row.value["hours"])) if row else Rule()


async def check_may_send_alone(session: AsyncSession, case: Case) -> None:
    """Raises Conflict where a second person has to read first."""
    if (await rule_now(session)).asks_for_reader(case):
        raise Conflict("In this case a second person reads every reply before it is sent.")


def is_danger_now(case: Case) -> bool:
    """Then a reply may go at once: waiting for a reader could do more harm than an unread sentence."""
    return case.urgency == "urgent" and bool(case.danger)
