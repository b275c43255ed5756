"""What coordinators should look at first, the gravest first: what is live, what is being changed, what people ask.

`look` answers at once; `look_longer` is asked for afterwards, because it plays dialogues and compares questions.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.approving import missing
from app.editor.attention import Item, of_library
from app.editor.dialogues import TRANSCRIPT, Dialogues, failure_of, live_dialogues
from app.editor.drafts import Piece, open_drafts
from app.editor.feedback import disliked
from app.editor.incoming import incoming
from app.editor.policy import policy_now
from app.editor.waiting import Waiting, waiting
from app.gaps import Group as Questions
from app.gaps import open_groups
from app.hub import Hub
from app.models import User
from flows.library import Library
from flows.model import ANSWER_LANGUAGES

Level = Literal["grave", "soon", "work"]

GROUPS = (
    "trouble", "figures", "reviews", "dialogues", "approve", "drafts", "scheduled", "questions", "disliked", "missing",
    "older", "unapproved", "services", "phones", "incoming",
)  # fmt: skip
"""The order of the page."""
GRAVE = {"figures": "none", "reviews": "expired"}
"""Group -> the reason for which people get no answer now."""


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    items: tuple[Item, ...]

    @property
    def count(self) -> int:
        """Questions and texts stand in heaps; of a number it is one, however many show it."""
        return sum(item.count if item.kind in ("question", "language") else 1 for item in self.items)

    @property
    def level(self) -> Level:
        if self.name in ("trouble", "dialogues") or any(item.why == GRAVE.get(self.name) for item in self.items):
            return "grave"
        return "soon" if self.name in ("figures", "reviews") else "work"


async def look(hub: Hub, session: AsyncSession, user: User) -> list[Group]:
    """All groups in their order, the empty ones too."""
    library, today = hub.shelf.library, hub.today
    found: dict[str, tuple[Item, ...]] = dict(await asyncio.to_thread(of_library, library, today))
    found |= await _being_changed(session, user)
    found |= _unread(await waiting(session, user))
    found["disliked"] = tuple(
        Item("entry", each.topic, count=each.down + each.unhelped) for each in await disliked(session)
    )
    found["incoming"] = tuple(
        Item(row.kind, row.key, detail=row.source, data=row.data, number=row.id) for row in await incoming(session)
    )
    return _in_order(found)


async def look_longer(hub: Hub, session: AsyncSession) -> list[Group]:
    """What may take a second or more to find out."""
    groups = await open_groups(session, hub.shelf.understander)
    asked = (
        Item("question", each.guess or "", detail=_first_words(each), languages=tuple(each.languages),
             count=len(each.ids), number=each.ids[0])
        for each in groups
    )  # fmt: skip
    failing = await asyncio.to_thread(_failing, await live_dialogues(session), hub.shelf.library)
    return _in_order({"dialogues": failing, "questions": tuple(sorted(asked, key=lambda item: -item.count))})


def _first_words(group: Questions) -> str:
    """In German where a case had them read."""
    newest = group.texts[0] if group.texts else ""
    return group.german.get(newest, newest)


def _in_order(found: Mapping[str, Iterable[Item]]) -> list[Group]:
    return [Group(name, tuple(found[name])) for name in GROUPS if name in found]


def _failing(dialogues: Dialogues, library: Library) -> tuple[Item, ...]:
    return tuple(
        Item(TRANSCRIPT, name) for name, stored in sorted(dialogues.items()) if failure_of(stored, library) is not None
    )


async def _being_changed(session: AsyncSession, user: User) -> dict[str, tuple[Item, ...]]:
    """Each draft once: what keeps it, or who has to do something about it."""
    four_eyes = (await policy_now(session)).four_eyes
    found: dict[str, list[Item]] = {name: [] for name in ("trouble", "approve", "drafts", "scheduled")}
    for piece in await open_drafts(session):
        name, item = _of_draft(piece, user, four_eyes)
        found[name].append(item)
    return {name: tuple(sorted(items, key=lambda item: not item.own)) for name, items in found.items()}


def _of_draft(piece: Piece, user: User, four_eyes: bool) -> tuple[str, Item]:
    draft = piece.draft
    assert draft is not None, "an open draft"
    item = Item(piece.kind, piece.key, detail=piece.changed_by or "", at=piece.changed_at, data=piece.data)
    item = replace(item, own=draft.updated_by_id == user.id)
    if draft.trouble:
        return "trouble", replace(item, why=draft.trouble)
    if draft.publish_at is not None:
        return "scheduled", replace(item, at=draft.publish_at)
    waiting = missing(piece, four_eyes=four_eyes)
    open_to_me = tuple(aspect for aspect in waiting if user.id not in draft.authors.get(aspect, []))
    if open_to_me:
        return "approve", replace(item, languages=open_to_me)
    why = "outdated" if piece.outdated else "waits" if waiting else "ready" if piece.changed else ""
    return "drafts", replace(item, why=why, languages=tuple(waiting))


def _unread(found: list[Waiting]) -> dict[str, tuple[Item, ...]]:
    """As the page of approvals counts them: translations by piece, what nobody ever approved by language."""
    old: dict[tuple[str, str], list[str]] = {}
    for each in found:
        if each.why == "older":
            old.setdefault((each.kind, each.key), []).append(each.aspect)
    never = Counter(each.aspect for each in found if each.why == "draft")
    return {
        "older": tuple(Item(kind, key, languages=tuple(languages)) for (kind, key), languages in old.items()),
        "unapproved": tuple(Item("language", code, count=never[code]) for code in ANSWER_LANGUAGES if never[code]),
    }
