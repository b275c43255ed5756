"""Drafts of content: opened, saved step by step, undone, thrown away and had back. Nothing here changes what is live.

One draft for each piece, shared by all who edit it. A save names the revision that it began from; an older one is refused
with what stands there now, and nothing is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.editor.policy import check_edits
from app.errors import Conflict, NotFound
from app.hub import Hub
from app.models import ContentDraft, ContentRevision, ContentVersion, User
from app.publishing import live_version
from flows.aspects import changed

Data = dict[str, Any]

STEPS = 100_000  # of one piece's drafts: far fewer were ever saved


class Stale(Conflict):
    """Somebody saved meanwhile. `data`: what stands there now, `revision` its number, `name` and `at` who and when."""

    def __init__(self, piece: "Piece") -> None:
        super().__init__("{name} has changed this meanwhile.", name=piece.changed_by or "?")
        self.data = piece.data
        self.revision = piece.revision
        self.name = piece.changed_by
        self.at = piece.changed_at


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as an editor sees it: its draft, else what is live. `revision`: what a page of it names when it saves."""

    kind: str
    key: str
    data: Data
    revision: int
    draft: ContentDraft | None
    live: ContentVersion | None
    changed_by: str | None
    changed_at: datetime | None

    @property
    def outdated(self) -> bool:
        """Something else went live since the draft was begun."""
        return self.draft is not None and self.draft.base_version != (self.live.version if self.live else 0)

    @property
    def changed(self) -> set[str]:
        """Aspects in which the draft differs from what is live."""
        return changed(self.live.data if self.live else None, self.data)


async def open_piece(session: AsyncSession, kind: str, key: str) -> Piece:
    """Raises NotFound where there is neither a draft nor a live version."""
    found = await _piece(session, kind, key)
    if found is None:
        raise NotFound("There is no such text.")
    return found


async def open_drafts(session: AsyncSession) -> list[Piece]:
    """All that is being changed, the newest change first."""
    same = (ContentVersion.kind == ContentDraft.kind, ContentVersion.key == ContentDraft.key, ContentVersion.current)
    query = (
        sa.select(ContentDraft, ContentVersion, User.name)
        .outerjoin(ContentVersion, sa.and_(*same))
        .outerjoin(User, User.id == ContentDraft.updated_by_id)
        .where(ContentDraft.closed_at.is_(None))
        .order_by(ContentDraft.updated_at.desc(), ContentDraft.id.desc())
        .execution_options(populate_existing=True)
    )
    return [_of_draft(draft, live, name) for draft, live, name in await session.execute(query)]


def untouched(live: ContentVersion | None) -> int:
    """The revision of a piece that nobody is changing: another one for each version, and none that a draft ever has.

    So a page that was made before something else went live is refused as any older one.
    """
    return (live.version - 1) * STEPS if live else 0


async def create(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, data: Mapping[str, Any]) -> Piece:
    """A new piece. Raises Conflict where the key is taken."""
    check_edits(user)
    if await _piece(session, kind, key) is not None:
        raise Conflict("There is already a text with this name.")
    return await save(hub, session, user, kind, key, data, seen=0)


async def save(
    hub: Hub,
    session: AsyncSession,
    user: User,
    kind: str,
    key: str,
    data: Mapping[str, Any],
    *,
    seen: int,
    machine: tuple[str, ...] = (),
) -> Piece:
    """The next revision. What changed in an aspect takes away its approvals. `machine`: languages that a machine wrote.

    Raises Stale where `seen` is not the newest revision.
    """
    check_edits(user)
    new = tidy(data)
    before = await _piece(session, kind, key)
    if before is not None and before.revision == seen and new == tidy(before.data):
        return before
    draft = await locked(session, user, kind, key, seen=seen)
    began_empty = not draft.data and not draft.base_version
    step = ContentRevision(
        draft_id=draft.id,
        revision=draft.revision + 1,
        data=new,
        user_id=user.id,
        undo_to=None if began_empty else draft.revision,
    )
    await _move(hub, session, user, draft, step)
    if machine:
        draft.marks = {**draft.marks, "machine": sorted({*draft.marks.get("machine", []), *machine})}
    await session.flush()
    return await open_piece(session, kind, key)


async def undo(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, *, seen: int) -> Piece:
    return await _step(hub, session, user, kind, key, seen, "undo_to")


async def redo(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, *, seen: int) -> Piece:
    return await _step(hub, session, user, kind, key, seen, "redo_to")


async def can_step(session: AsyncSession, draft: ContentDraft | None) -> tuple[bool, bool]:
    """Whether there is something to undo, and to redo."""
    here = await _revision(session, draft, draft.revision) if draft else None
    return (here is not None and here.undo_to is not None, here is not None and here.redo_to is not None)


async def discard(session: AsyncSession, user: User, kind: str, key: str, *, seen: int) -> None:
    """What is live stays; the draft is kept, closed."""
    check_edits(user)
    await check_open(session, kind, key)
    draft = await locked(session, user, kind, key, seen=seen)
    draft.closed_at, draft.closed_as = sa.func.now(), "discarded"
    await audit.note(session, user, "draft_discarded", of=f"{kind} {key}")
    await session.flush()


async def check_open(session: AsyncSession, kind: str, key: str) -> None:
    """Raises NotFound where there is no draft: what ends or takes back must not begin one."""
    if await session.scalar(_open(kind, key)) is None:
        raise NotFound("There is no such draft.")


def tidy(data: Mapping[str, Any]) -> Data:
    """Without what an empty field of a form leaves: empty words, Windows' line ends, bytes that a database refuses."""
    return {key: _tidy(value) for key, value in data.items() if not _is_empty(value)}


def _tidy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tidy(value)
    if isinstance(value, list | tuple):
        return [_tidy(item) for item in value if not _is_empty(item)]
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\x00", "").strip()
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


async def _piece(session: AsyncSession, kind: str, key: str) -> Piece | None:
    draft = await session.scalar(_open(kind, key).execution_options(populate_existing=True))
    live = await live_version(session, kind, key)
    if draft is None and live is None:
        return None
    writer = draft.updated_by_id if draft else live.user_id if live else None
    name = await session.scalar(sa.select(User.name).where(User.id == writer)) if writer else None
    if draft is not None:
        return _of_draft(draft, live, name)
    assert live is not None
    return Piece(kind, key, live.data, untouched(live), None, live, name, live.published_at)


def _of_draft(draft: ContentDraft, live: ContentVersion | None, name: str | None) -> Piece:
    return Piece(draft.kind, draft.key, draft.data, draft.revision, draft, live, name, draft.updated_at)


def _open(kind: str, key: str) -> sa.Select[ContentDraft]:
    return sa.select(ContentDraft).where(
        ContentDraft.kind == kind, ContentDraft.key == key, ContentDraft.closed_at.is_(None)
    )


async def locked(session: AsyncSession, user: User, kind: str, key: str, *, seen: int) -> ContentDraft:
    """The open draft to change, or a new one of what is live. Two who begin at once: the second waits, and is stale.

    Numbers of revisions go on where the piece's last draft ended, so that a page of that one never fits this one.
    """
    await wait_turn(session, kind, key)
    draft = await session.scalar(_open(kind, key).with_for_update().execution_options(populate_existing=True))
    live = await live_version(session, kind, key)
    if draft is not None and (draft.revision == seen or (seen == untouched(live) and _says_the_same(draft, live))):
        return draft
    if draft is not None or seen != untouched(live):
        raise Stale(await open_piece(session, kind, key))
    same = (ContentDraft.kind == kind, ContentDraft.key == key)
    last = await session.scalar(sa.select(sa.func.max(ContentDraft.revision)).where(*same))
    draft = ContentDraft(
        kind=kind, key=key, revision=last + 1 if last is not None else 0, data=tidy(live.data) if live else {},
        base_version=live.version if live else 0,
        authors={}, approvals={}, marks={}, updated_by_id=user.id, note="", trouble="", closed_as="",
    )  # fmt: skip
    session.add(draft)
    await session.flush()
    if live is not None:
        session.add(ContentRevision(draft_id=draft.id, revision=draft.revision, data=draft.data, user_id=None))
    return draft


async def wait_turn(session: AsyncSession, kind: str, key: str) -> None:
    """Until the end of the transaction nobody else begins or changes a draft of this piece."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"draft {kind} {key}"))))


def _says_the_same(draft: ContentDraft, live: ContentVersion | None) -> bool:
    """Somebody has only approved what is live: whoever looked at that has seen the draft too."""
    return live is not None and draft.base_version == live.version and draft.data == tidy(live.data)


async def _step(hub: Hub, session: AsyncSession, user: User, kind: str, key: str, seen: int, way: str) -> Piece:
    """Undo and redo are steps like any other: a new revision with the data of an old one, which knows its neighbours."""
    check_edits(user)
    draft = await locked(session, user, kind, key, seen=seen)
    here = await _revision(session, draft, draft.revision)
    target = await _revision(session, draft, getattr(here, way)) if here and getattr(here, way) is not None else None
    if target is None:
        raise Conflict("There is nothing more to undo." if way == "undo_to" else "There is nothing more to redo.")
    back = way == "undo_to"
    step = ContentRevision(
        draft_id=draft.id,
        revision=draft.revision + 1,
        data=target.data,
        user_id=user.id,
        undo_to=target.undo_to if back else draft.revision,
        redo_to=draft.revision if back else target.redo_to,
    )
    await _move(hub, session, user, draft, step)
    await session.flush()
    return await open_piece(session, kind, key)


async def _move(hub: Hub, session: AsyncSession, user: User, draft: ContentDraft, step: ContentRevision) -> None:
    touched = changed(draft.data, step.data)
    session.add(step)
    authors = {aspect: list(ids) for aspect, ids in draft.authors.items()}
    for aspect in touched:
        authors[aspect] = sorted({*authors.get(aspect, []), user.id})
    draft.authors = authors
    draft.approvals = {aspect: given for aspect, given in draft.approvals.items() if aspect not in touched}
    draft.data, draft.revision = step.data, step.revision
    draft.updated_by_id, draft.updated_at = user.id, hub.now()
    draft.publish_at, draft.trouble = None, ""  # what was to go live at a time was something else


async def _revision(session: AsyncSession, draft: ContentDraft | None, number: int) -> ContentRevision | None:
    if draft is None:
        return None
    return await session.scalar(
        sa.select(ContentRevision).where(ContentRevision.draft_id == draft.id, ContentRevision.revision == number)
    )
