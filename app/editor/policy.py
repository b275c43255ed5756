"""Who may edit and approve, and what of a piece needs a second person before it may go live."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotAllowed
from app.models import Setting, User
from app.rights import ALL_PLACES
from flows.aspects import STRUCTURE
from flows.model import ANSWER_LANGUAGES

EDITOR = "editor"  # setting: {"four_eyes": bool}
WORDS = frozenset(ANSWER_LANGUAGES)

SECOND_PERSON = {
    "entry": WORDS | {STRUCTURE},
    "flow": WORDS | {STRUCTURE},
    "figure": frozenset({STRUCTURE}),
    "letter": WORDS | {STRUCTURE},
    "template": WORDS | {STRUCTURE},
    "field": WORDS,
    "service": WORDS,  # a new phone number must not wait for a colleague: the old one does harm
    "canned": WORDS,
}
"""Kind -> the aspects that a second person approves; of other kinds nothing is said to people."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`four_eyes` False: who changes something may publish it alone, in their own name."""

    four_eyes: bool = True


async def policy_now(session: AsyncSession) -> Policy:
    row = await session.get(Setting, EDITOR, populate_existing=True)
    return Policy(bool(row.value["four_eyes"])) if row else Policy()


def may_edit(user: User) -> bool:
    return user.role in ALL_PLACES


def check_edits(user: User) -> None:
    if not may_edit(user):
        raise NotAllowed("Only coordinators and admins may do this.")


def check_approves(user: User, aspect: str) -> None:
    """Mediators approve words in the languages that they speak; what has no language is for coordinators."""
    if user.role in ALL_PLACES:
        return
    if user.role != "mediator" or aspect == STRUCTURE or aspect not in user.speaks:
        raise NotAllowed("Only coordinators, admins and mediators of this language may approve it.")
