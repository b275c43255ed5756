"""Cases by the invented name of their person, for who knows whom they look for; the command palette asks."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.filters import visible
from app.models import Case, Contact, User

MOST = 8
SHORTEST = 2  # letters
LONGEST = 80
FOLD = str.maketrans("äöüß", "aous")  # the letters that invented names have, for keyboards without them


@dataclass(frozen=True, slots=True)
class Found:
    case_id: int
    name: str
    status: str
    assignee_name: str | None


async def cases_named(session: AsyncSession, user: User, words: str) -> Sequence[Found]:
    """Open ones before closed ones, the newest first. Every word must occur in the name."""
    where = [visible(user)]
    parts = words.replace("\x00", "").lower().translate(FOLD).split()
    if not SHORTEST <= len("".join(parts)) <= LONGEST:
        return ()
    folded = sa.func.translate(sa.func.lower(Contact.name), "äöüß", "aous")
    where += [folded.contains(part, autoescape=True) for part in parts]
    query = (
        sa.select(Case.id, Contact.name, Case.status, User.name)
        .join(Contact, Case.contact_id == Contact.id)
        .outerjoin(User, Case.assignee_id == User.id)
        .where(*where)
        .order_by(Case.status == "closed", Case.id.desc())
        .limit(MOST)
    )
    return [Found(*row) for row in (await session.execute(query)).all()]
