"""What waits for somebody's approval: changed words, translations older than their base, and words that nobody ever approved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.approving import STAMPED
from app.editor.drafts import Piece, open_drafts
from app.editor.policy import SECOND_PERSON, WORDS, policy_now
from app.errors import NotAllowed
from app.models import ContentVersion, User
from app.rights import ALL_PLACES
from flows.aspects import ASPECTS, STRUCTURE, fingerprints

Why = Literal["changed", "older", "draft"]
ORDER: tuple[Why, ...] = ("changed", "older", "draft")
BASE = "de"  # what the others are translated from


@dataclass(frozen=True, slots=True)
class Waiting:
    """`own`: this user wrote it, and another must approve it. `machine`: a machine did."""

    kind: str
    key: str
    data: Mapping[str, Any]
    aspect: str
    why: Why
    own: bool
    machine: bool
    outdated: bool


def aspects_for(user: User) -> tuple[str, ...]:
    """What this user may approve. Raises NotAllowed where that is nothing at all."""
    if user.role in ALL_PLACES:
        return ASPECTS
    if user.role != "mediator":
        raise NotAllowed("Only coordinators, admins and language mediators may do this.")
    return tuple(aspect for aspect in ASPECTS if aspect in WORDS & set(user.speaks))


async def waiting(session: AsyncSession, user: User) -> list[Waiting]:
    """What needs a person most first: then by name."""
    mine = aspects_for(user)
    pieces = await _pieces(session)
    four_eyes = (await policy_now(session)).four_eyes
    found = [each for piece in pieces for each in _of_piece(piece, user, mine, four_eyes)]
    return sorted(found, key=lambda each: (ORDER.index(each.why), each.kind, each.key))


def is_older(live: ContentVersion, language: str) -> bool:
    """The base text was changed after these words."""
    return language not in (BASE, STRUCTURE) and live.words_of.get(language, 0) < live.words_of.get(BASE, 0)


async def _pieces(session: AsyncSession) -> list[Piece]:
    """Everything that is said to people, with its draft where there is one."""
    drafts = {(piece.kind, piece.key): piece for piece in await open_drafts(session) if piece.kind in SECOND_PERSON}
    query = sa.select(ContentVersion).where(ContentVersion.current, ContentVersion.kind.in_(SECOND_PERSON))
    live = [
        Piece(row.kind, row.key, row.data, 0, None, row, None, row.published_at)
        for row in await session.scalars(query)
        if (row.kind, row.key) not in drafts and not row.data.get("deleted")
    ]
    return [*drafts.values(), *live]


def _of_piece(piece: Piece, user: User, mine: tuple[str, ...], four_eyes: bool) -> Iterator[Waiting]:
    draft, live = piece.draft, piece.live
    changed = piece.changed if draft else set()
    present = changed | (set(live.words_of if live and live.words_of else fingerprints(piece.data)))
    stamps = _stamps(live.data if live else {}, piece.kind)
    for aspect in mine:
        if aspect not in present or (draft and aspect in draft.approvals):
            continue
        why: Why | None = None
        if aspect in changed:
            why = "changed" if four_eyes and aspect in SECOND_PERSON[piece.kind] else None
        elif live and is_older(live, aspect):
            why = "older"
        elif piece.kind in STAMPED and aspect != STRUCTURE and aspect not in stamps:
            why = "draft"
        if why:
            own = bool(four_eyes and draft and user.id in draft.authors.get(aspect, []))
            machine = bool(draft and aspect in draft.marks.get("machine", []))
            yield Waiting(piece.kind, piece.key, piece.data, aspect, why, own, machine, piece.outdated)


def _stamps(data: Mapping[str, Any], kind: str) -> set[str]:
    """Languages whose words somebody of the town approved."""
    words = data.get(STAMPED.get(kind, "")) or {}
    return {language for language, each in words.items() if isinstance(each, Mapping) and each.get("approved_by")}
