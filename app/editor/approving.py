"""The second pair of eyes: each language of a draft, and what has no language, is approved by somebody who did not write it."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.editor.drafts import Data, Piece, check_open, locked, open_piece
from app.editor.policy import SECOND_PERSON, check_approves, policy_now
from app.errors import BadInput, NotAllowed
from app.hub import Hub
from app.models import User
from flows.aspects import ASPECTS, STAMPS, STRUCTURE, changed, fingerprints

State = Literal["approved", "waiting", "draft", "live"]
"""approved: in this draft; waiting: changed and not approved; draft: live, but nobody of the town ever approved it."""

STAMPED = {"entry": "answers", "canned": "texts", "flow": "approved"}
"""Kinds whose words carry who approved them, and under which field."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One aspect of a piece. `by`: who approved it; `own`: this user wrote it, so that another must approve it."""

    name: str
    state: State
    changed: bool
    needed: bool  # before it may be published
    by: str | None
    own: bool
    machine: bool  # a machine wrote it, and nobody has approved it yet


async def aspects_of(session: AsyncSession, user: User, piece: Piece) -> list[Aspect]:
    """All that the piece has, structure first."""
    four_eyes = (await policy_now(session)).four_eyes
    touched, present = piece.changed, fingerprints(piece.data).keys() | piece.changed
    return [_aspect(piece, name, user, touched, four_eyes) for name in ASPECTS if name in present]


async def approve(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, aspect: str, *, seen: int) -> Piece:
    """Raises NotAllowed where the user wrote it and two are needed, Stale where it is not what the user has read."""
    check_approves(user, aspect)
    piece = await open_piece(session, kind, key)
    if aspect not in ASPECTS or aspect not in fingerprints(piece.data).keys() | piece.changed:
        raise BadInput("There are no words in this language to approve.")
    draft = await locked(session, user, kind, key, seen=seen)
    if (await policy_now(session)).four_eyes and user.id in draft.authors.get(aspect, []):
        raise NotAllowed("You wrote this yourself. A second person must approve it.")
    given = {"user_id": user.id, "name": user.name, "on": hub.today.isoformat()}
    draft.approvals = {**draft.approvals, aspect: given}
    await audit.note(session, user, "content_approved", of=f"{kind} {key}", aspect=aspect)
    await session.flush()
    return await open_piece(session, kind, key)


async def withdraw(session: AsyncSession, user: User, kind: str, key: str, aspect: str, *, seen: int) -> Piece:
    """An approval taken back; what was to go live at a time waits again."""
    check_approves(user, aspect)
    await check_open(session, kind, key)
    draft = await locked(session, user, kind, key, seen=seen)
    draft.approvals = {name: given for name, given in draft.approvals.items() if name != aspect}
    draft.publish_at = None
    await audit.note(session, user, "approval_withdrawn", of=f"{kind} {key}", aspect=aspect)
    await session.flush()
    return await open_piece(session, kind, key)


def missing(piece: Piece, *, four_eyes: bool) -> list[str]:
    """What must still be approved before the draft can go live."""
    if not four_eyes or piece.draft is None:
        return []
    wanted = piece.changed & SECOND_PERSON.get(piece.kind, frozenset())
    return [aspect for aspect in ASPECTS if aspect in wanted and aspect not in piece.draft.approvals]


def stamped(piece: Piece, publisher: User, on: str, *, four_eyes: bool) -> tuple[Data, Data]:
    """(data, approvals): the words carry who approved them. Unchanged ones keep what they had; alone, it is the publisher."""
    approvals = dict(piece.draft.approvals) if piece.draft else {}
    if not four_eyes:
        own = {"user_id": publisher.id, "name": publisher.name, "on": on}
        for aspect in piece.changed & SECOND_PERSON.get(piece.kind, frozenset()):
            approvals.setdefault(aspect, own)
    data = _with_stamps(piece, approvals)
    return data, approvals


def _aspect(piece: Piece, name: str, user: User, touched: set[str], four_eyes: bool) -> Aspect:
    draft = piece.draft
    given = draft.approvals.get(name) if draft else None
    is_changed = name in touched
    stamp = None if is_changed else _stamp(piece.live.data if piece.live else {}, piece.kind, name)
    state: State = "live"
    if given:
        state = "approved"
    elif is_changed:
        state = "waiting"
    elif name != STRUCTURE and piece.kind in STAMPED and not stamp:
        state = "draft"
    return Aspect(
        name=name,
        state=state,
        changed=is_changed,
        needed=four_eyes and is_changed and not given and name in SECOND_PERSON.get(piece.kind, ()),
        by=given["name"] if given else stamp,
        own=bool(draft and user.id in draft.authors.get(name, [])),
        machine=bool(draft and not given and name in draft.marks.get("machine", [])),
    )


def _stamp(data: Data, kind: str, language: str) -> str | None:
    words = data.get(STAMPED.get(kind, ""))
    found = words.get(language) if isinstance(words, dict) else None
    return found.get("approved_by") if isinstance(found, dict) else None


def _with_stamps(piece: Piece, approvals: Data) -> Data:
    """Places' words are approved with the language that they are in."""
    data = dict(piece.data)
    if piece.kind not in STAMPED:
        return data
    live = piece.live.data if piece.live else {}
    touched = changed(live, data)
    field = STAMPED[piece.kind]
    words = data.get(field) or {}
    if piece.kind == "flow":
        words = {language: words.get(language) or {} for language in {*words, *approvals} - {STRUCTURE}}
    data[field] = {
        lang: _stamp_one(each, (live.get(field) or {}).get(lang), lang, approvals, touched)
        for lang, each in words.items()
    }
    if piece.kind == "entry" and data.get("places"):
        before = live.get("places") or {}
        data["places"] = {
            place: {
                lang: _stamp_one(each, (before.get(place) or {}).get(lang), lang, approvals, touched)
                for lang, each in local.items()
            }
            for place, local in data["places"].items()
        }
    return data


def _stamp_one(words: Data, live: Data | None, language: str, approvals: Data, touched: set[str]) -> Data:
    clean = {key: value for key, value in words.items() if key not in STAMPS}
    if language in approvals:
        return {**clean, "approved_by": approvals[language]["name"], "approved_on": approvals[language]["on"]}
    if language not in touched and live and live.get("approved_by"):
        return {**clean, "approved_by": live["approved_by"], "approved_on": live.get("approved_on")}
    return clean
