"""Drafts go live: checked, approved, now or at a time; and old versions go live again. Running conversations keep theirs."""

import asyncio
import logging
from datetime import datetime

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.db import is_away
from app.editor.approving import missing, stamped
from app.editor.dialogues import TRANSCRIPT, fitting_again, look_at
from app.editor.drafts import Data, Piece, check_open, locked, open_drafts, open_piece
from app.editor.policy import check_edits, may_edit, policy_now
from app.editor.trial import PLURALS, issues_again
from app.errors import BadInput, Conflict, HubError, NotFound
from app.hub import Hub
from app.models import ContentDraft, ContentVersion, User
from app.pieces import live_pieces
from app.publishing import hold_content, publish_version
from flows.dialogue.new_fields import new_fields_of, without_new_fields
from flows.findings import Issue
from flows.library import MODELS, Library

FIELD = "field"

log = logging.getLogger(__name__)

UNEXPECTED = "Something unexpected stood in the way. Whoever looks after the hub finds it in the log."


class Blocked(BadInput):
    """It must not go live: `issues` says why."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__("Something must be mended first.")
        self.issues = issues


class NotApproved(BadInput):
    """`aspects` wait for a second person."""

    def __init__(self, aspects: list[str]) -> None:
        super().__init__("A second person must approve this first.")
        self.aspects = aspects


async def publish(
    hub: Hub,
    session: AsyncSession,
    user: User,
    kind: str,
    key: str,
    *,
    seen: int,
    note: str = "",
    at: datetime | None = None,
) -> Piece:
    """Live now, or `at` a time: then it is checked now and once more when its time comes.

    Raises Stale, NotApproved, Blocked, and Conflict where something else went live since the draft was begun.
    """
    check_edits(user)
    await hold_content(session)
    draft = await locked(session, user, kind, key, seen=seen)
    piece = await open_piece(session, kind, key)
    along = await _check(hub, session, piece)
    draft.note = note.strip()
    if at is not None and at > hub.now():
        draft.publish_at, draft.publish_by_id, draft.trouble = at, user.id, ""
        await audit.note(session, user, "content_scheduled", of=f"{kind} {key}", at=at.isoformat())
        await session.flush()
        return await open_piece(session, kind, key)
    await _release(hub, session, user, piece, draft, along)
    return await open_piece(session, kind, key)


async def unschedule(session: AsyncSession, user: User, kind: str, key: str, *, seen: int) -> Piece:
    check_edits(user)
    await check_open(session, kind, key)
    draft = await locked(session, user, kind, key, seen=seen)
    draft.publish_at = None
    await audit.note(session, user, "content_unscheduled", of=f"{kind} {key}")
    await session.flush()
    return await open_piece(session, kind, key)


async def publish_read(hub: Hub, session: AsyncSession, user: User) -> list[Piece]:
    """Every draft in which nothing changed but that somebody approved it goes live: the words are what is said already."""
    check_edits(user)
    await hold_content(session)
    published = []
    for found in await open_drafts(session):
        if not is_only_read(found):
            continue
        draft = await locked(session, user, found.kind, found.key, seen=found.revision)
        piece = await open_piece(session, found.kind, found.key)
        await _release(hub, session, user, piece, draft)
        published.append(piece)
    return published


def is_only_read(piece: Piece) -> bool:
    """Approved and otherwise as it is live."""
    return bool(piece.draft and piece.draft.approvals and not piece.changed and not piece.outdated)


async def publish_due(hub: Hub) -> None:
    """Each draft whose time has come, in a transaction of its own. What can't go live says why and waits for a person."""
    async with hub.db.transaction() as session:
        due = list(await session.scalars(sa.select(ContentDraft.id).where(_due(hub)).order_by(ContentDraft.publish_at)))
    for draft_id in due:
        try:
            async with hub.db.transaction() as session:
                await _publish_one(hub, session, draft_id)
        except HubError as error:
            log.warning("editor: draft %s was not published when its time came: %s", draft_id, type(error).__name__)
            await _tell_trouble(hub, draft_id, error.message)
        except Exception as error:
            if is_away(error):
                raise
            log.exception("editor: draft %s could not even be checked when its time came", draft_id)
            await _tell_trouble(hub, draft_id, UNEXPECTED)  # and on to the next: one odd piece holds up no other


async def rollback(
    hub: Hub, session: AsyncSession, user: User, kind: str, key: str, version: int, *, note: str = ""
) -> ContentVersion:
    """An old version goes live again, as a new one. An open draft stays, and says that it is outdated."""
    check_edits(user)
    await hold_content(session)
    query = sa.select(ContentVersion).where(ContentVersion.kind == kind, ContentVersion.key == key)
    old = await session.scalar(query.where(ContentVersion.version == version))
    if old is None:
        raise NotFound("There is no such version.")
    if old.current:
        raise Conflict("This version is live already.")
    library = await _live_library(hub, session)
    await _check_content(hub, library, kind, key, old.data)
    new = await publish_version(
        session, kind, key, old.data, origin="hub", user_id=user.id, note=note.strip(), approvals=old.approvals
    )
    await audit.note(session, user, "content_published", of=f"{kind} {key}", version=new.version, again=version)
    for dialogue in await fitting_again(session, library, old):
        await publish_version(session, TRANSCRIPT, dialogue.key, dialogue.data, origin="hub", user_id=user.id)
    return new


async def versions(session: AsyncSession, kind: str, key: str) -> list[tuple[ContentVersion, str | None]]:
    """All versions with the name of who published each, the newest first."""
    query = (
        sa.select(ContentVersion, User.name)
        .outerjoin(User, User.id == ContentVersion.user_id)
        .where(ContentVersion.kind == kind, ContentVersion.key == key)
        .order_by(ContentVersion.version.desc())
    )
    return [(version, name) for version, name in await session.execute(query)]


async def _publish_one(hub: Hub, session: AsyncSession, draft_id: int) -> None:
    await hold_content(session)
    query = sa.select(ContentDraft).where(ContentDraft.id == draft_id, _due(hub)).with_for_update()
    draft = await session.scalar(query)
    if draft is None:  # changed meanwhile, or another process was faster
        return
    user = await session.get(User, draft.publish_by_id) if draft.publish_by_id else None
    if user is None or user.disabled_at is not None or not may_edit(user):
        raise Conflict("Whoever planned it may not publish any more. Look at it, and publish it yourself.")
    piece = await open_piece(session, draft.kind, draft.key)
    along = await _check(hub, session, piece)
    await _release(hub, session, user, piece, draft, along)


async def _check(hub: Hub, session: AsyncSession, piece: Piece) -> tuple[str, ...]:
    """The stored dialogues whose drafts must go live together with it."""
    if piece.outdated:
        raise Conflict("Something else went live since this draft was begun. Look at the difference first.")
    if not piece.changed and not (piece.draft and piece.draft.approvals):
        raise BadInput("Nothing has changed.")
    library = await _live_library(hub, session)
    await _check_content(hub, library, piece.kind, piece.key, piece.data)
    found = await look_at(session, library, piece)
    if found.failures:
        raise Blocked([failure.issue for failure in found.failures])
    waiting = missing(piece, four_eyes=(await policy_now(session)).four_eyes)
    if waiting:
        raise NotApproved(waiting)
    return found.along


async def _live_library(hub: Hub, session: AsyncSession) -> Library:
    """What is live in the database now: this process may not have heard yet of what a colleague just published.

    Where it has, it is the shelf's own library: what was found out about that for the draft's page is not asked again.
    """
    pieces = await live_pieces(session)
    found, known = Library.of(piece for piece in pieces if piece[0] in MODELS), hub.shelf.library
    return known if all(getattr(found, name) == getattr(known, name) for name in PLURALS.values()) else found


async def _check_content(hub: Hub, library: Library, kind: str, key: str, data: Data) -> None:
    issues = await asyncio.to_thread(issues_again, library, kind, key, data, hub.today)
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors:
        raise Blocked(errors)


async def _release(
    hub: Hub, session: AsyncSession, user: User, piece: Piece, draft: ContentDraft, along: tuple[str, ...] = ()
) -> None:
    four_eyes = (await policy_now(session)).four_eyes
    data, approvals = stamped(piece, user, hub.today.isoformat(), four_eyes=four_eyes)
    if piece.kind == "flow":
        for key, field in new_fields_of(data).items():  # approved with the flow, as part of its draft
            made = _as_files(FIELD, field)
            await publish_version(
                session, FIELD, key, made, origin="hub", user_id=user.id, note=draft.note, approvals=approvals
            )
            await audit.note(session, user, "content_published", of=f"{FIELD} {key}", version=1)
        data = without_new_fields(data)
    data = _as_files(piece.kind, data)
    new = await publish_version(
        session, piece.kind, piece.key, data, origin="hub", user_id=user.id, note=draft.note, approvals=approvals
    )
    draft.closed_at, draft.closed_as, draft.publish_at = hub.now(), "published", None
    await audit.note(session, user, "content_published", of=f"{piece.kind} {piece.key}", version=new.version)
    await session.flush()
    for name in along:
        beside = await open_piece(session, TRANSCRIPT, name)
        beside_draft = await locked(session, user, TRANSCRIPT, name, seen=beside.revision)
        await _release(hub, session, user, beside, beside_draft)


def _as_files(kind: str, data: Data) -> Data:
    """With all its fields, as files give it."""
    if kind not in MODELS:
        return data
    try:
        return MODELS[kind].model_validate(data).model_dump(mode="json")
    except ValidationError:
        raise BadInput("Something is missing or too long.") from None


async def _tell_trouble(hub: Hub, draft_id: int, why: str) -> None:
    async with hub.db.transaction() as session:
        found = sa.update(ContentDraft).where(ContentDraft.id == draft_id, _due(hub))
        await session.execute(found.values(publish_at=None, trouble=why))


def _due(hub: Hub) -> sa.ColumnElement[bool]:
    return sa.and_(ContentDraft.closed_at.is_(None), ContentDraft.publish_at <= hub.now())
