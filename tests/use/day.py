"""A working day that is written down: who writes, who answers, and every word that was said to whom."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

import sqlalchemy as sa

from app.hub import Hub
from app.models import Address, Case, Contact
from tests.live import Live
from tests.web.cast import add_user
from tests.web.conftest import Browser
from tests.web.simulated import with_phones

MARK = "№"  # every word of the day carries one with a number of its own, by which it is found again
COLLEAGUES = (("Ana Petrova", "streetworker"), ("Boris Lange", "coordinator"), ("Dana Roth", "streetworker"))


@dataclass
class Person:
    """Somebody who writes through the simulator's web chat, with a browser of their own."""

    browser: Browser
    language: str
    contact_id: int = 0
    name: str = ""
    wrote: Counter[str] = field(default_factory=Counter)
    got: Counter[str] = field(default_factory=Counter)  # what colleagues answered

    @property
    def address(self) -> str:
        body = self.browser.http.cookies["simulator"].strip('"').partition(".")[0]
        return str(json.loads(urlsafe_b64decode(body + "=="))["address"])


@dataclass
class Rush:
    """Two colleagues who take the same case at the same moment."""

    case_id: int
    ready: asyncio.Barrier = field(default_factory=lambda: asyncio.Barrier(2))
    winners: int = 0


@dataclass
class Day:
    live: Live
    people: list[Person] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    drafts: dict[tuple[str, int], str] = field(default_factory=dict)  # colleague, case -> words begun and left
    deeds: Counter[str] = field(default_factory=Counter)
    lags: list[float] = field(default_factory=list)  # seconds until a message stood on a page that shows its case
    slow: list[tuple[float, str]] = field(default_factory=list)  # seconds, and what the server was asked for
    findings: list[str] = field(default_factory=list)
    rush: Rush | None = None
    until: float = 0
    numbers: int = 0

    @property
    def hub(self) -> Hub:
        return self.live.hub

    @property
    def goes_on(self) -> bool:
        return monotonic() < self.until

    def marked(self, words: str) -> str:
        """The words with a number that nothing else of this day has; the dot keeps 1 from being found in 11."""
        self.numbers += 1
        return f"{words} {MARK}{self.numbers}."

    async def person_of(self, case_id: int) -> Person:
        async with self.hub.db.transaction() as session:
            contact_id = await session.scalar(sa.select(Case.contact_id).where(Case.id == case_id))
        return next(each for each in self.people if each.contact_id == contact_id)

    async def case_of(self, person: Person) -> Case | None:
        """The newest."""
        query = sa.select(Case).where(Case.contact_id == person.contact_id).order_by(Case.id.desc()).limit(1)
        async with self.hub.db.transaction() as session:
            return await session.scalar(query)

    async def meet(self, person: Person) -> None:
        """Who the hub thinks this is."""
        lookup = self.hub.vault.lookup(person.address)
        query = sa.select(Contact.id, Contact.name).join(Address, Address.contact_id == Contact.id)
        async with self.hub.db.transaction() as session:
            person.contact_id, person.name = (await session.execute(query.where(Address.lookup == lookup))).one()


async def prepare(live: Live) -> Day:
    """Three colleagues and a web chat; nobody has written yet."""
    async with live.hub.db.transaction() as session:
        for name, role in COLLEAGUES:
            await add_user(session, name, role)
    await with_phones(live.hub)
    return Day(live)
