"""Two coordinators and a mediator, for tests of the editor."""

from dataclasses import dataclass

import pytest

from app.hub import Hub
from app.models import User


@dataclass(frozen=True)
class Desk:
    ana: User
    boris: User
    mila: User
    """A mediator for Romanian."""


@pytest.fixture
async def desk(hub: Hub) -> Desk:
    async with hub.db.transaction() as session:
        people = [
            User(email=f"{name}@town.example", name=name.title(), role=role, password_hash="-", speaks=speaks)
            for name, role, speaks in (
                ("ana", "coordinator", ["de"]),
                ("boris", "coordinator", ["de", "bg"]),
                ("mila", "mediator", ["ro"]),
            )
        ]
        session.add_all(people)
        await session.flush()
        return Desk(*people)
