"""How long an unanswered case stays with somebody who is off duty, and when the call about an urgent one widens."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import BadInput
from app.models import Setting
from flows.library import Library

DUTY = "duty"  # setting: {"returns": minutes, "alarms": "5 15 30"}
STEPS = 3  # the team, the place's contacts, those who lead
MOST = 24 * 60


@dataclass(frozen=True, slots=True)
class Rules:
    """In minutes."""

    returns: int = 30
    alarms: tuple[int, ...] = (5, 15, 30)

    @property
    def returns_after(self) -> timedelta:
        return timedelta(minutes=self.returns)

    @property
    def urgent_returns_after(self) -> timedelta:
        return timedelta(minutes=min(self.returns, self.alarms[0]))

    def step(self, waited: timedelta) -> int:
        """How far the call has widened after so long."""
        return sum(waited >= timedelta(minutes=minutes) for minutes in self.alarms)


def rules_at(rules: Rules, library: Library, place: str) -> Rules:
    """With the minutes of the place, or of the nearest one around it that has its own."""
    own = next((found for slug in library.chain(place) if (found := library.places[slug].returns) is not None), None)
    return replace(rules, returns=own) if own is not None else rules


def soonest(rules: Rules, library: Library) -> Rules:
    """The shortest wait anywhere: whom it leaves out is due nowhere."""
    return replace(rules, returns=min([rules.returns, *(p.returns for p in library.places.values() if p.returns)]))


async def read_rules(session: AsyncSession) -> Rules:
    row = await session.get(Setting, DUTY)
    return checked_rules(row.value["returns"], row.value["alarms"].split()) if row else Rules()


def checked_rules(returns: str, alarms: list[str]) -> Rules:
    rules = Rules(minutes_of(returns), tuple(minutes_of(words) for words in alarms))
    if len(rules.alarms) != STEPS or any(a >= b for a, b in pairwise(rules.alarms)):
        raise BadInput("Each call must come later than the one before.")
    return rules


def as_setting(rules: Rules) -> Mapping[str, str]:
    return {"returns": str(rules.returns), "alarms": " ".join(map(str, rules.alarms))}


def minutes_of(words: str) -> int:
    if not (words.isascii() and words.isdigit()) or len(words) > 4 or not 1 <= int(words) <= MOST:
        raise BadInput("Give minutes from 1 to {most}.", most=MOST)
    return int(words)
